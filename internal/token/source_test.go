package token

import (
	"errors"
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
		want   string
	}{
		"an appid without an entry":  {PerAppID("access_tokens", map[string]string{sibling: "61_two"}), appid, "no entry"},
		"an empty entry":             {PerAppID("access_tokens", map[string]string{appid: ""}), appid, "is empty"},
		"an empty token":             {Static("access_token", " "), appid, "is empty"},
		"a missing file":             {File("access_token_file", filepath.Join(folder, "none")), appid, "does not exist"},
		"a home that is not read":    {File("access_token_file", "~/token"), appid, "does not exist"},
		"a device":                   {File("access_token_file", os.DevNull), appid, "no plain file"},
		"the token in its place":     {File("access_token_file", "61_secret"), appid, "the file that it names does not exist"},
		"a space in front":           {Static("access_token", " 61_one"), appid, "begins or ends with a space"},
		"a space behind":             {File("access_token_file", write(t, "token", "61_one \n")), appid, "begins or ends with a space"},
		"one line of JSON":           {Static("access_token", `{"access_token":"61_one"}`), appid, "is JSON"},
		"a folder":                   {File("access_token_file", folder), appid, "no plain file"},
		"an empty file":              {File("access_token_file", write(t, "token", "\n")), appid, "is empty"},
		"a file of two lines":        {File("access_token_file", write(t, "token", "61_one\n61_two\n")), appid, "several lines"},
		"a file of another encoding": {File("access_token_file", write(t, "token", "\xff\xfe6\x001\x00")), appid, "a byte order mark"},
		"a file with a mark before":  {File("access_token_file", write(t, "token", "\ufeff61_one\r\n")), appid, "a byte order mark"},
		"a file with a NUL":          {File("access_token_file", write(t, "token", "61_one\x00")), appid, "a character that no access token has"},
		"a file of JSON":             {File("access_token_file", write(t, "token", "{\n\"access_token\":\"61_one\"}")), appid, "is JSON"},
		"a file that is too long":    {File("access_token_file", write(t, "token", strings.Repeat("x", longest+1))), appid, "longer than"},
		"a file that is huge":        {File("access_token_file", write(t, "token", strings.Repeat("x", 1<<20))), appid, "larger than"},
		"an appid that leads away":   {File("access_token_file", folder+"/{appid}"), "../x", "cannot be put in place"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.source.Fetch(t.Context(), Request{AppID: test.appid})
			var failed *Error
			if !errors.As(err, &failed) || !strings.Contains(failed.Problem, test.want) || failed.Advice == "" || got.Value != "" {
				t.Fatalf("got %+v, %v, want a problem with %q and advice", got, err, test.want)
			}
			if failed.AppID != test.appid || failed.Source.Setting == "" || strings.Contains(err.Error(), "61_") {
				t.Errorf("the error does not say where, or shows a token: %+v", failed)
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
