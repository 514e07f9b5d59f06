package simulator

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// The shapes are those of WeChat's own values; the contents are random in every process, so none can be written into a
// test.

func newAccessToken() string  { return "61_" + randomText(66) }
func newRefreshToken() string { return "refreshtoken@@@" + randomText(32) }
func newVerifyTicket() string { return "ticket@@@" + randomText(64) }
func newPreAuthCode() string  { return "preauthcode@@@" + randomText(48) }
func newAuthCode() string     { return "queryauthcode@@@" + randomText(48) }
func newAppSecret() string    { return hex.EncodeToString(randomBytes(16)) }

// newRequestID makes WeChat's rid: the time in hexadecimal Unix seconds, then two random numbers below 2³¹.
func newRequestID(now time.Time) string {
	random := binary.BigEndian.Uint64(randomBytes(8)) & 0x7fffffff_7fffffff
	return fmt.Sprintf("%08x-%08x-%08x", now.Unix()&0xffffffff, random>>32, random&0xffffffff)
}

func randomText(size int) string { return base64.RawURLEncoding.EncodeToString(randomBytes(size)) }

func randomBytes(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.Read(b) // documented never to fail
	return b
}
