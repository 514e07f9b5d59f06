package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
)

// TestRun_refusesAnUnsafeRecord has a token that stands in every record by chance.
func TestRun_refusesAnUnsafeRecord(t *testing.T) {
	t.Parallel()
	s, address := wechat(t, nil)
	if err := s.SetToken(tea, "open_appid"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "record.json")
	got := verify(t, holding(s, tea), "", "-yes", "-base-url", address, "-record", path)
	if got.code != 1 || !strings.Contains(got.stderr, "the record was not written") {
		t.Errorf("exit code %d: %s", got.code, got.stderr)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("there is a record: %v", err)
	}
}

// TestRun_keepsNothingOfWhatIsPlanted puts 200 secrets and names into all parts of all answers: none comes out.
func TestRun_keepsNothingOfWhatIsPlanted(t *testing.T) {
	t.Parallel()
	var planted []string
	for i := range 50 {
		planted = append(planted, fmt.Sprintf("61_secretToken%02dOfSomebody", i), fmt.Sprintf("wx9%015d", i),
			fmt.Sprintf("Zhang%02d San", i), fmt.Sprintf("张%02d丰有限公司", i))
	}
	next := 0
	plant := func() string { next++; return planted[next%len(planted)] }
	s, address := wechat(t, func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorder := httptest.NewRecorder()
			inner.ServeHTTP(recorder, r)
			maps.Copy(w.Header(), recorder.Header())
			w.Header().Del("Content-Length")
			var object map[string]any
			if json.Unmarshal(recorder.Body.Bytes(), &object) == nil {
				object["remark"], object[plant()] = plant(), plant()
				object["data"] = []any{plant(), map[string]any{"name": plant(), plant(): 1, "desc": []any{plant()}}}
				object["nickname"] = hex.EncodeToString([]byte(plant())) +
					base64.StdEncoding.EncodeToString([]byte(plant()))
				object["hints"] = map[string]any{"appid": plant(), "url": "https://x.example/?access_token=" +
					url.QueryEscape(plant())}
				if text, _ := object["errmsg"].(string); text != "ok" {
					object["errmsg"] = plant() + " " +
						strings.Replace(text, " rid:", ", see https://"+plant()+" for "+plant()+" rid:", 1)
				}
			}
			w.Header().Set("Server", plant())
			w.Header().Set("Set-Cookie", "user="+url.QueryEscape(plant()))
			w.Header().Set("X-Owner", url.QueryEscape(plant()))
			w.Header().Set("Content-Type", "application/json; encoding="+url.QueryEscape(plant()))
			w.WriteHeader(recorder.Code)
			_ = json.NewEncoder(w).Encode(object)
		})
	})
	path := filepath.Join(t.TempDir(), "record.json")
	got := verify(t, holding(s, tea, unbound, platform), "", "-yes", "-json", "-base-url", address, "-record", path)
	plain := verify(t, holding(s, tea, unbound, platform), "", "-yes", "-base-url", address)
	if next < 2*len(planted) || got.code != 2 || plain.code != 2 {
		t.Errorf("planted %d times, exit codes %d and %d: %s", next, got.code, plain.code, got.stderr)
	}
	expectNone(t, got.all()+plain.all()+readFile(t, path), planted...)
	expectNone(t, got.all()+plain.all()+readFile(t, path), s.Token(tea), s.Token(unbound), s.Token(platform), tea,
		unbound, platform)
	if record, err := facts.ReadRecord(path); err != nil || len(record.Exchanges) < 30 {
		t.Errorf("%d exchanges, %v", len(record.Exchanges), err)
	}
}

// TestRun_readsThroughTheProvider compares the built provider with the plain answer.
func TestRun_readsThroughTheProvider(t *testing.T) {
	t.Parallel()
	found, err := engine.Find(t.Context())
	if err != nil {
		t.Fatalf("this test needs a Terraform or OpenTofu: %v", err)
	}
	for name, test := range map[string]struct {
		provider string // what it is told in WeChat's place
		outcome  facts.Outcome
		code     int
	}{
		"the same": {"", facts.Confirmed, 0},
		"another open account": {
			`{"open_appid": "wx2000000000000009", "errcode": 0, "errmsg": "ok"}`, facts.Differs,
			2,
		},
		"an error in its place":  {`{"errcode": 50002, "errmsg": "user limited"}`, facts.Differs, 2},
		"unbound in the account": {`{"errcode": 89002, "errmsg": "open not exists"}`, facts.Differs, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, address := wechat(t, func(inner http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if test.provider != "" && !strings.Contains(r.UserAgent(), "verify") {
						_, _ = io.WriteString(w, test.provider)
						return
					}
					inner.ServeHTTP(w, r)
				})
			})
			got := verify(t, append(holding(s, tea), "ENGINE="+found.Path), "", "-yes", "-json", "-base-url", address)
			if r := outcomes(t, got.stdout)["provider.same"]; r.Outcome != test.outcome || got.code != test.code {
				t.Errorf("exit code %d, %v: %s", got.code, r, got.stderr)
			}
		})
	}
}

// TestRun_withoutAnEngine leaves the provider out, and says so.
func TestRun_withoutAnEngine(t *testing.T) {
	t.Parallel()
	s, address := wechat(t, nil)
	got := verify(t, holding(s, tea), "", "-yes", "-base-url", address)
	if got.code != 0 || !strings.Contains(got.stdout,
		"not asked  provider.same: there is no engine to run the provider with\n") {
		t.Errorf("exit code %d: %s", got.code, got.all())
	}
}

// expectNone fails where a text holds one of these, as it is or encoded.
func expectNone(t *testing.T, text string, secrets ...string) {
	t.Helper()
	lower := strings.ToLower(text)
	for _, secret := range secrets {
		backwards := []rune(secret)
		slices.Reverse(backwards)
		quoted, _ := json.Marshal(secret)
		forms := []string{
			secret, string(backwards), url.QueryEscape(secret), string(quoted[1 : len(quoted)-1]),
			hex.EncodeToString([]byte(secret)),
			base64.RawStdEncoding.EncodeToString([]byte(secret)),
		}
		for _, form := range forms {
			if strings.Contains(lower, strings.ToLower(form)) {
				t.Errorf("%q stands there as %q", secret, form)
				break
			}
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
