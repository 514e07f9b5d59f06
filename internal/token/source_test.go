package token

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	appid   = "wx1000000000000001"
	sibling = "wx1000000000000002"
)

// write makes a file and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSourcesHandOutTokens(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 512)
	for name, test := range map[string]struct {
		source Source
		want   string
	}{
		"one token":                   {Static("access_token", "61_one"), "61_one"},
		"one token and a line break":  {Static("access_token", "61_one\n"), "61_one"},
		"an entry of a map":           {PerAppID("access_tokens", map[string]string{appid: "61_one", sibling: "61_two"}), "61_one"},
		"a file":                      {File("access_token_file", write(t, "token", "61_one")), "61_one"},
		"a file with a line break":    {File("access_token_file", write(t, "token", "61_one\r\n")), "61_one"},
		"a file of 512 characters":    {File("access_token_file", write(t, "token", long)), long},
		"a file with odd characters":  {File("access_token_file", write(t, "token", "a-_.~+/=b\n")), "a-_.~+/=b"},
		"a file named by the appid":   {File("access_token_file", filepath.Join(filepath.Dir(write(t, appid, "61_one")), "{appid}")), "61_one"},
		"a file in the appid's place": {File("access_token_file", strings.ReplaceAll(write(t, appid, "61_one"), appid, "{appid}")), "61_one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.source.Fetch(t.Context(), Request{AppID: appid})
			if err != nil || got.Value != test.want || !got.Expires.IsZero() {
				t.Errorf("got %+v, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestSourcesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, test := range map[string]struct {
		source Source
		appid  string
		want   Reason
		token  Reason // what is wrong with the token
	}{
		"an appid without an entry":  {PerAppID("access_tokens", map[string]string{sibling: "61_two"}), appid, NoEntry, ""},
		"an empty entry":             {PerAppID("access_tokens", map[string]string{appid: ""}), appid, InvalidEntry, TokenEmpty},
		"an empty token":             {Static("access_token", " "), appid, InvalidGiven, TokenEmpty},
		"a missing file":             {File("access_token_file", filepath.Join(folder, "none")), appid, FileNotFound, ""},
		"a home that is not read":    {File("access_token_file", "~/token"), appid, FileNotFound, ""},
		"a device":                   {File("access_token_file", os.DevNull), appid, FileUnreadable, ""},
		"the token in its place":     {File("access_token_file", "61_secret"), appid, FileNotFound, ""},
		"a space in front":           {Static("access_token", " 61_one"), appid, InvalidGiven, TokenPadded},
		"a space behind":             {File("access_token_file", write(t, "token", "61_one \n")), appid, InvalidFile, TokenPadded},
		"one line of JSON":           {Static("access_token", `{"access_token":"61_one"}`), appid, InvalidGiven, TokenJSON},
		"a folder":                   {File("access_token_file", folder), appid, FileUnreadable, ""},
		"an empty file":              {File("access_token_file", write(t, "token", "\n")), appid, InvalidFile, TokenEmpty},
		"a file of two lines":        {File("access_token_file", write(t, "token", "61_one\n61_two\n")), appid, InvalidFile, TokenLines},
		"a file of another encoding": {File("access_token_file", write(t, "token", "\xff\xfe6\x001\x00")), appid, InvalidFile, TokenByteOrderMark},
		"a file with a mark before":  {File("access_token_file", write(t, "token", "\ufeff61_one\r\n")), appid, InvalidFile, TokenByteOrderMark},
		"a file with a NUL":          {File("access_token_file", write(t, "token", "61_one\x00")), appid, InvalidFile, TokenCharacter},
		"a file of JSON":             {File("access_token_file", write(t, "token", "{\n\"access_token\":\"61_one\"}")), appid, InvalidFile, TokenJSON},
		"a file that is too long":    {File("access_token_file", write(t, "token", strings.Repeat("x", longest+1))), appid, InvalidFile, TokenTooLong},
		"a file that is huge":        {File("access_token_file", write(t, "token", strings.Repeat("x", 1<<20))), appid, FileUnreadable, ""},
		"an appid that leads away":   {File("access_token_file", folder+"/{appid}"), "../x", InvalidAppID, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.source.Fetch(t.Context(), Request{AppID: test.appid})
			var failed *Error
			if !errors.As(err, &failed) || failed.Reason != test.want || got.Value != "" {
				t.Fatalf("got %+v, %v, want %q", got, err, test.want)
			}
			var wrong Reason
			if invalid := new(InvalidError); errors.As(failed.Invalid, &invalid) {
				wrong = invalid.Reason
			}
			if wrong != test.token || strings.Contains(fmt.Sprint(err, failed.Detail, failed.Invalid), "61_") {
				t.Errorf("the token is %q, want %q; or the error shows one: %+v", wrong, test.token, failed)
			}
		})
	}
}

func TestDescriptions(t *testing.T) {
	t.Parallel()
	for want, source := range map[Description]Source{
		{Setting: "access_token", Static: true}:                  Static("access_token", "x"),
		{Setting: "access_tokens", Static: true, PerAppID: true}: PerAppID("access_tokens", nil),
		{Setting: "access_token_file"}:                           File("access_token_file", "/run/token"),
		{Setting: "WECHAT_ACCESS_TOKEN_FILE", PerAppID: true}:    File("WECHAT_ACCESS_TOKEN_FILE", "/run/{appid}"),
	} {
		if got := source.Describe(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestUnavailableFailsWhenAsked(t *testing.T) {
	t.Parallel()
	reason := errors.New("no source")
	if _, err := Unavailable(reason).Fetch(t.Context(), Request{}); !errors.Is(err, reason) {
		t.Errorf("got %v, want the reason", err)
	}
}
