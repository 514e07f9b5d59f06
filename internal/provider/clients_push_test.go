package provider

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// The secrets of the pushes, as they stand in a platform's console.
const pushToken = "example-push-token"

var pushKey = bytes.Repeat([]byte("example-"), 4)

func clientSettings(wechat *lab) []string {
	return []string{
		"SIMULATOR=" + wechat.server.URL(),
		"COMPONENT_APPID=" + wechat.Component().AppID,
		"COMPONENT_APPSECRET=" + wechat.ComponentSecret(),
		"PUSH_TOKEN=" + pushToken,
		"PUSH_KEY=" + strings.TrimSuffix(base64.StdEncoding.EncodeToString(pushKey), "="),
	}
}

// authorize does what WeChat and the owner of an account do: a verify ticket is pushed, the platform asks for a
// pre-auth code and sends the owner to a page with it, the owner agrees, and that is pushed.
func (c client) authorize(t *testing.T, wechat *lab, appid string) {
	t.Helper()
	c.push(t, wechat, "component_verify_ticket",
		"<ComponentVerifyTicket>%s</ComponentVerifyTicket>", wechat.VerifyTicket())
	preAuthCode, _ := c.ask(t, "pre-auth-code", appid).(string)
	c.push(t, wechat, "authorized", "<AuthorizerAppid>%s</AuthorizerAppid><AuthorizationCode>%s</AuthorizationCode>"+
		"<AuthorizationCodeExpiredTime>%s</AuthorizationCodeExpiredTime><PreAuthCode>%s</PreAuthCode>",
		appid, wechat.Authorize(appid), strconv.FormatInt(time.Now().Add(simulator.CodeLife).Unix(), 10), preAuthCode)
}

// push sends an event the way WeChat does, encrypted and signed, and wants it taken.
// https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html
func (c client) push(t *testing.T, wechat *lab, event, format string, values ...any) {
	t.Helper()
	for i, value := range values {
		values[i] = fmt.Sprintf("<![CDATA[%s]]>", value)
	}
	appid, now := wechat.Component().AppID, strconv.FormatInt(time.Now().Unix(), 10)
	head := "<AppId><![CDATA[%s]]></AppId><CreateTime>%s</CreateTime><InfoType><![CDATA[%s]]></InfoType>"
	text := "<xml>" + fmt.Sprintf(head, appid, now, event) + fmt.Sprintf(format, values...) + "</xml>"
	encrypted := encrypt(t, text, appid)
	const nonce = "1320562132"
	query := url.Values{
		"timestamp": {now}, "nonce": {nonce}, "encrypt_type": {"aes"},
		"signature": {signature(now, nonce)}, "msg_signature": {signature(now, nonce, encrypted)},
	}
	body, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"xml"`
		AppID   string   `xml:"AppId"`
		Encrypt string
	}{AppID: appid, Encrypt: encrypted})
	if err != nil {
		t.Fatal(err)
	}
	address := c.url + "/events?" + query.Encode()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "text/xml")
	if got := c.send(t, request); got != "success" {
		t.Fatalf("the %s event is answered with %q", event, got)
	}
}

// encrypt is AES-256-CBC over 16 random bytes, the text's length, the text and the appid, padded to blocks of 32 bytes.
func encrypt(t *testing.T, text, appid string) string {
	t.Helper()
	plain := make([]byte, 16)
	_, _ = rand.Read(plain) // documented never to fail
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(text)))
	plain = append(plain, text+appid...)
	padding := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(padding)}, padding)...)
	block, err := aes.NewCipher(pushKey)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCEncrypter(block, pushKey[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}

func signature(parts ...string) string {
	parts = append(parts, pushToken)
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

// ask has the SDK answer a question about an account.
func (c client) ask(t *testing.T, question, appid string) any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/"+question+"?appid="+appid, nil)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Value any }
	if body := c.send(t, request); json.Unmarshal([]byte(body), &answer) != nil {
		t.Fatalf("%s: %s", question, body)
	}
	return answer.Value
}

func (c client) send(t *testing.T, request *http.Request) string {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
