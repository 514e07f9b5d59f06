package provider

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// issue makes a new token for an account, which ends the one before.
func (c *chaos) issue(appid string) string {
	token := c.wechat.IssueToken(appid)
	c.hold(appid, token)
	return token
}

func (c *chaos) hold(appid, token string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if _, known := c.owner[token]; !known {
		c.owner[token] = appid
		c.issued = append(c.issued, token)
	}
}

func (c *chaos) writeToken(appid, token string) {
	if err := os.WriteFile(filepath.Join(c.files, appid), []byte(token+"\n"), 0o600); err != nil {
		c.t.Error(err)
	}
}

// dice are the same for the same seed and the same event, whatever else goes on meanwhile.
func (c *chaos) dice(event ...any) *rand.Rand {
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, event...)
	return rand.New(rand.NewPCG(c.seed, hash.Sum64()))
}
