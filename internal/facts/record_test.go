package facts

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWrite_refusesWhatHoldsASecret has the second pass look at records that the first let through, with a secret
// in each form that it could have taken.
func TestWrite_refusesWhatHoldsASecret(t *testing.T) {
	t.Parallel()
	const secret = "61_aVeryOwnToken+/=王小明"
	backwards := []rune(secret)
	slices.Reverse(backwards)
	quoted, _ := json.Marshal(secret)
	for name, text := range map[string]string{
		"":                        "nothing of it",
		"plain":                   "the token " + secret,
		"in capitals":             "61_AVERYOWNTOKEN+/=王小明",
		"backwards":               string(backwards),
		"in a query":              url.QueryEscape(secret),
		"escaped":                 string(quoted[1 : len(quoted)-1]),
		"in hexadecimal":          hex.EncodeToString([]byte(secret)),
		"in Base64":               base64.StdEncoding.EncodeToString([]byte(secret)),
		"in Base64 after a byte":  base64.StdEncoding.EncodeToString([]byte("x" + secret + "yz")),
		"in Base64 after two":     base64.StdEncoding.EncodeToString([]byte("xy" + secret)),
		"in Base64 for addresses": base64.URLEncoding.EncodeToString([]byte("user:" + secret + "@host")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &verification{names: new(aliases)}
			v.Credentials[First] = Credential{"wx1000000000000001", secret}
			report := &Report{verification: v}
			record := report.Record(time.Now())
			record.Facts = []Result{{ID: "x", Came: text}}
			path := filepath.Join(t.TempDir(), "record.json")
			err := report.Write(path, record)
			if errors.Is(err, ErrUnsafe) != (name != "") || name == "" && err != nil {
				t.Errorf("got %v", err)
			}
			if _, missing := os.Stat(path); (missing == nil) != (name == "") {
				t.Errorf("the file: %v", missing)
			}
			if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 && name != "" {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// TestMasked shows what is kept of an answer that somebody filled with what must not be told.
func TestMasked(t *testing.T) {
	t.Parallel()
	const body = `{
		"errcode":40013,
		"errmsg":"invalid appid wx1000000000000009 of Li Lei (13800138000) rid: 6aac0063-7ed08fb9-1250f724",
		"open_appid":"wx2000000000000001","李雷":"x","Li_Lei":1,"nickname":"Li Lei","limit_info":{"id":true},
		"list":[{"id":1},{"id":"x"},{}]}`
	got, _ := masked(200, map[string][]string{"Content-Type": {"text/lilei"}, "Server": {"Li Lei"}}, []byte(body),
		new(aliases))
	want := Answer{
		Status: 200, Body: "json", Errcode: new(int), Errmsg: "invalid appid * of * rid: *",
		Headers: map[string]string{"Content-Type": "*"},
		Members: map[string]string{
			"errcode": "number", "errmsg": "string", "open_appid": "wxA", "*": "number|string", "nickname": "string",
			"limit_info": "object", "limit_info.id": "true", "list": "array", "list[]": "object",
			"list[].id": "number|string",
		},
	}
	*want.Errcode = 40013
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for code, kept := range map[string]bool{
		"-1": true, "41001": true, `"41001"`: true, "13800138000": false,
		"1.5": false, `"x"`: false,
	} {
		got, _ := masked(200, nil, []byte(`{"errcode":`+code+`}`), new(aliases))
		if (got.Errcode != nil) != kept {
			t.Errorf("errcode %s: kept %t", code, !kept)
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
