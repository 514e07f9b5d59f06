package token

import (
	"errors"
	"net/http"
	"testing"
	"time"
)

// TestExpiresAt has a service tell when a token expires, as a time or as a number of seconds, or not at all.
func TestExpiresAt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 26, 4, 0, 0, 0, time.UTC)
	for written, want := range map[string]time.Time{
		`"2026-11-26T12:00:00+08:00"`: at, `"2026-11-26T04:00:00Z"`: at, `1795665600`: at, `"1795665600"`: at,
		`1795665600.0`: at, `null`: {}, `-1`: {}, `"0001-01-01T00:00:00Z"`: {},
	} {
		begun := at.Add(-time.Hour)
		read := func(more string) time.Time {
			body := `{"access_token":"61_one","expires_at":` + written + more + `}`
			got, err := layout{"access_token", "expires_in", "expires_at", true, false}.read([]byte(body), begun)
			if err != nil {
				t.Errorf("%s: %v", body, err)
			}
			return got.Expires
		}
		if got := read(""); !got.Equal(want) {
			t.Errorf("%s: got %s, want %s", written, got, want)
		}
		// Of two, the earlier counts.
		if got := read(`,"expires_in":60`); !got.Equal(begun.Add(time.Minute)) {
			t.Errorf("%s, and a minute: got %s", written, got)
		}
		if got := read(`,"expires_in":99999`); !want.IsZero() && !got.Equal(want) {
			t.Errorf("%s, and a day: got %s, want %s", written, got, want)
		}
	}
	for _, written := range []string{`"tomorrow"`, `1795665600000`, `true`, `{}`} {
		source := service(saying(http.StatusOK, `{"access_token":"61_one","expires_at":`+written+`}`), func(c *EndpointConfig) {
			c.ExpiresAtPath = "expires_at"
		})
		_, err := source.Fetch(t.Context(), Request{AppID: appid})
		var failed *Error
		if !errors.As(err, &failed) || failed.Reason != NoExpiry || failed.Name != "expires_at" {
			t.Errorf("%s: got %v, want %q", written, err, NoExpiry)
		}
	}
}
