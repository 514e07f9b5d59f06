package facts_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
)

func busyOnce() change {
	busy := map[string]bool{}
	return func(q asked, a *answer) {
		if key := q.method + q.path + q.token; !busy[key] && !q.chunked {
			busy[key] = true
			code(-1)(q, a)
		}
	}
}

// around puts a change around the simulator.
func around(l *lab, altering change) func(http.Handler) http.Handler {
	return func(inner http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			q := asked{
				method: r.Method, path: r.URL.Path, body: string(body), chunked: r.ContentLength < 0,
				token: "none",
			}
			for _, name := range []string{"component_access_token", "access_token"} {
				if value := r.URL.Query().Get(name); value != "" {
					q.parameter, q.token = name, l.holder(value)
				}
			}
			recorder := httptest.NewRecorder()
			inner.ServeHTTP(recorder, r)
			a := &answer{status: recorder.Code, header: maps.Clone(recorder.Header())}
			decoder := json.NewDecoder(recorder.Body)
			decoder.UseNumber()
			_ = decoder.Decode(&a.object) // a chunked request has no answer
			altering(q, a)
			a.write(w)
		})
	}
}

// holder says whose token it is.
func (l *lab) holder(value string) string {
	for _, credential := range l.config.Credentials {
		switch {
		case credential.Token == "":
		case value == credential.Token:
			return credential.AppID
		case strings.HasPrefix(credential.Token, value):
			return "half"
		}
	}
	return "invented"
}

func (a *answer) write(w http.ResponseWriter) {
	content := []byte(a.raw)
	if a.raw == "" && a.object != nil {
		content, _ = json.Marshal(a.object)
	}
	if a.cut {
		panic(http.ErrAbortHandler)
	}
	a.header.Del("Content-Length")
	if a.http1_0 {
		connection, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = fmt.Fprintf(buffer, "HTTP/1.0 %d OK\r\nContent-Type: %s\r\n\r\n%s", a.status,
			a.header.Get("Content-Type"), content)
		_ = buffer.Flush()
		_ = connection.Close()
		return
	}
	maps.Copy(w.Header(), a.header)
	if a.header.Get("Content-Type") == "" {
		w.Header()["Content-Type"] = nil
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(content)
}

// labOf is a lab with a change around it.
func labOf(t *testing.T, tier int, second string, altering change) lab {
	t.Helper()
	made := new(lab)
	*made = newLab(t, tier, second, around(made, altering))
	return *made
}

// TestDeviations switches one deviation on at a time: the fact that it concerns differs, at the lowest tier that
// can see it and at the highest.
func TestDeviations(t *testing.T) {
	t.Parallel()
	if len(deviations) < 60 {
		t.Errorf("only %d deviations", len(deviations))
	}
	for _, d := range deviations {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			second := mini
			if d.fact == "open_get.refused_named" || strings.Contains(d.name, "missing set") {
				second = restricted
			}
			for _, tier := range slices.Compact([]int{d.tier, 3}) {
				report := facts.Verify(t.Context(), labOf(t, tier, second, d.change).config)
				if !slices.Contains(different(report), d.fact) || len(report.Problems) > 0 {
					t.Errorf("tier %d: %s does not differ, %v do; problems %q", tier, d.fact, different(report),
						report.Problems)
				}
				// Also what is other than expected makes a record that is safe.
				path := filepath.Join(t.TempDir(), "record.json")
				if err := report.Write(path, report.Record(time.Now())); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestPermitted(t *testing.T) {
	t.Parallel()
	for _, d := range permitted {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			report := facts.Verify(t.Context(), labOf(t, d.tier, mini, d.change).config)
			for _, result := range report.Results {
				if result.Outcome == facts.Differs {
					t.Errorf("%s differs: %s", result.ID, result.Came)
				}
			}
			if len(report.Problems) > 0 {
				t.Errorf("problems: %q", report.Problems)
			}
		})
	}
}

func now() int64 { return time.Now().Unix() }
