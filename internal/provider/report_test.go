package provider

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

const reportTemplate = "guides/fleets/report/report.html.tftpl"

// seenReport is a report as somebody sees it whose window is as narrow as a phone.
type seenReport struct {
	Text     string   // what is shown
	Filtered []string // what is shown for each of the filters
	Overflow int      // by how many pixels it is wider than the window
	Elements []string // the names of its elements, each once
	Title    string
}

// browser is a page around the report: it looks at it, uses its filter, and writes down what there is.
const browser = `<!DOCTYPE html><title>seen</title><pre id="seen"></pre>
<iframe width="360" height="640" src="/report.html"></iframe>
<script>
document.querySelector("iframe").addEventListener("load", ({ target }) => {
  const page = target.contentDocument, input = page.getElementById("filter");
  const shown = () => page.body.innerText;
  const seen = {
    Text: shown(), Title: page.title, Overflow: page.documentElement.scrollWidth - target.contentWindow.innerWidth,
    Elements: [...new Set([...page.querySelectorAll("*")].map(each => each.localName))].sort(),
  };
  seen.Filtered = (FILTERS ?? []).map(text => {
    input.value = text;
    input.dispatchEvent(new Event("input"));
    return shown();
  });
  document.getElementById("seen").textContent = JSON.stringify(seen);
});
</script>`

// chromium is started like this, with nobody at it. The sandbox is off where it would refuse root.
var chromiumFlags = []string{
	"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--dump-dom",
}

// chromiumsOwn are hosts that Chromium asks by itself, whatever the page, and for all its flags. The proxy keeps it
// from them.
var chromiumsOwn = regexp.MustCompile(`^[a-z0-9.-]+\.(google|googleapis|gvt1)\.com(:443)?(/|$)`)

// browse opens a report in Chromium, and fails where that asks for anything but the report itself.
func browse(t *testing.T, report string, filters ...string) seenReport {
	t.Helper()
	var lock sync.Mutex
	var asked []string
	around := strings.Replace(browser, "FILTERS", string(marshal(t, filters)), 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		lock.Lock()
		asked = append(asked, request.Host+request.URL.Path)
		lock.Unlock()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch request.URL.Path {
		case "/":
			_, _ = fmt.Fprint(w, around)
		case "/report.html":
			_, _ = fmt.Fprint(w, report)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	dom := dumpDOM(t, server.URL, server.URL+"/")
	host := strings.TrimPrefix(server.URL, "http://")
	for _, each := range asked {
		known := []string{host + "/", host + "/report.html", host + "/favicon.ico"}
		if !slices.Contains(known, each) && !chromiumsOwn.MatchString(each) {
			t.Errorf("the report asks for %s", each)
		}
	}
	var seen seenReport
	found := regexp.MustCompile(`(?s)<pre id="seen">(.*?)</pre>`).FindStringSubmatch(dom)
	if found == nil {
		t.Fatalf("nothing was seen:\n%s", dom)
	}
	if err := json.Unmarshal([]byte(html.UnescapeString(found[1])), &seen); err != nil {
		t.Fatalf("%v in %s", err, found[1])
	}
	return seen
}

// dumpDOM opens a page in Chromium, which reaches everything through a proxy, and returns what its scripts made of it.
func dumpDOM(t *testing.T, proxy, url string) string {
	t.Helper()
	args := append(slices.Clone(chromiumFlags), "--user-data-dir="+t.TempDir(), "--proxy-server="+proxy, url)
	command := engine.Command(t.Context(), "chromium", args...)
	dom, err := command.Output()
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	return string(dom)
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// needChromium skips a test where there is no Chromium, in CI too: not every system has a package of it. `make test` and
// .ci/run say so.
func needChromium(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("chromium is not on the PATH: the report of the guide to fleets was not opened")
	}
}

// report renders the template with facts, as the guide's configuration does.
func report(t *testing.T, facts map[string]any) string {
	t.Helper()
	place := workspace(t, `
locals { facts = jsonencode(jsondecode(file("facts.json"))) }
output "report" { value = templatefile("report.html.tftpl", { facts = local.facts, nonce = sha256(local.facts) }) }
`)
	write(t, filepath.Join(place.Dir, "facts.json"), string(marshal(t, facts)))
	write(t, filepath.Join(place.Dir, "report.html.tftpl"), readExample(t, reportTemplate))
	expectExit(t, place, 0, "apply", "-auto-approve")
	return expectExit(t, place, 0, "output", "-raw", "report").Stdout
}

// factsOf are what a report is made of: accounts as lines of appid, status, open account, name, kind and owner.
func factsOf(lines ...[6]string) map[string]any {
	authorizers, accounts, withoutDetails := map[string]any{}, map[string]any{}, []string{}
	orNull := func(text string) any {
		if text == "" {
			return nil
		}
		return text
	}
	for _, line := range lines {
		account := map[string]any{"status": line[1], "open_appid": orNull(line[2]), "errcode": nil, "errmsg": nil}
		if line[1] == "error" {
			account["errcode"], account["errmsg"] = 61003, "component is not authorized by this account"
		}
		accounts[line[0]] = account
		authorizers[line[0]] = map[string]any{
			"nick_name": orNull(line[3]), "kind": orNull(line[4]), "principal_name": orNull(line[5]), "account_status": 1,
			"account_status_text": "normal",
		}
		if line[4] == "" {
			withoutDetails = append(withoutDetails, line[0])
		}
	}
	return map[string]any{
		"read_at": "2026-01-02T03:04:05Z", "authorizers": authorizers, "accounts": accounts, "without_details": withoutDetails,
	}
}

// TestAccReport_judges shows where the report looks for an account's home, and what it says of those that are not
// there.
func TestAccReport_judges(t *testing.T) {
	t.Parallel()
	needChromium(t)
	seen := browse(t, report(t, factsOf(
		[6]string{"wxa1", "bound", "open1", "Tea", "official_account", "Tea Ltd."},
		[6]string{"wxa2", "bound", "open1", "Tea Shop", "mini_program", "Tea Ltd."},
		[6]string{"wxa3", "bound", "open2", "Tea Club", "mini_program", "Tea Ltd."}, // away from the others
		[6]string{"wxb1", "bound", "open1", "Books", "official_account", "Books Ltd."},
		[6]string{"wxb2", "bound", "open3", "Book Shop", "mini_program", "Books Ltd."},
		[6]string{"wxb3", "bound", "open1", "Press", "mini_program", "Press Ltd."}, // at home nowhere
		[6]string{"wxc1", "bound", "open4", "Even", "mini_program", "Even Ltd."},   // as many here as there: one of them is told
		[6]string{"wxc2", "bound", "open5", "Odd", "mini_program", "Even Ltd."},
		[6]string{"wxd1", "bound", "open6", "Ms. Wang", "official_account", "个人"}, // private persons have nothing in common
		[6]string{"wxd2", "bound", "open7", "Mr. Li", "official_account", "个人"},
		[6]string{"wxe1", "bound", "open8", "", "", ""}, // nothing is known of it
		[6]string{"wxe2", "unbound", "", "Lost", "mini_program", "Tea Ltd."},
		[6]string{"wxe3", "error", "", "Gone", "mini_program", "Books Ltd."},
	)), "tea ltd", "MINI PROGRAM", "open3", "nothing of this kind")
	want := `Open accounts
Read on 2026-01-02T03:04:05Z
Accounts 13
Open accounts 8
Astray 4
Bound to none 1
Not read 1
Without details 1
Filter by name, owner, kind or appid
Astray: 4
Tea Club mini program · Tea Ltd. · wxa3 Bound to open2; the owner's others are on open1
Books official account · Books Ltd. · wxb1 Bound to open1, of Tea Ltd.; the owner's others are on open3
Press mini program · Press Ltd. · wxb3 Bound to open1, of Tea Ltd.
Odd mini program · Even Ltd. · wxc2 Bound to open5; the owner's others are on open4
Bound to no open account: 1
Lost mini program · Tea Ltd. · wxe2
Not read: 1
Gone mini program · Books Ltd. · wxe3 61003: component is not authorized by this account
Tea Ltd. open1
Tea official account · Tea Ltd. · wxa1
Tea Shop mini program · Tea Ltd. · wxa2
Books official account · Books Ltd. · wxb1 Astray
Press mini program · Press Ltd. · wxb3 Astray
Tea Ltd. open2
Tea Club mini program · Tea Ltd. · wxa3 Astray
Books Ltd. open3
Book Shop mini program · Books Ltd. · wxb2
Even Ltd. open4
Even mini program · Even Ltd. · wxc1
Even Ltd. open5
Odd mini program · Even Ltd. · wxc2 Astray
Owner not known open6
Ms. Wang official account · wxd1
Owner not known open7
Mr. Li official account · wxd2
Owner not known open8
(details not read) wxe1`
	if diff := cmp.Diff(words(want), words(seen.Text)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for number, filtered := range []struct {
		shows, hides string
	}{
		{"4 of 13 accounts Astray: 4 Tea Club", "Books official"},
		{"8 of 13 accounts Astray: 4 Tea Club", "Ms. Wang"},
		{"1 of 13 accounts Books Ltd. open3 Book Shop", "Astray: 4"},
		{"0 of 13 accounts", "wx"},
	} {
		expectWords(t, seen.Filtered[number], filtered.shows)
		if strings.Contains(words(seen.Filtered[number]), filtered.hides) {
			t.Errorf("%q is shown in:\n%s", filtered.hides, seen.Filtered[number])
		}
	}
}

// TestAccReport_namesAreText has accounts call themselves what would run, load or mislead.
func TestAccReport_namesAreText(t *testing.T) {
	t.Parallel()
	needChromium(t)
	const loads = `<img src="http://names.example/a" onerror="document.title='owned'"><link rel=stylesheet href="//names.example/b">`
	names := []string{
		`</script><script>document.title='owned'</script>`, `<!--<script>`, loads, `${"$"}{x} %%{ if } &lt;b&gt; " ' \ </li>`,
		"bell\a, null\x00, line\nbreak, \u202eback\u202c, \u2028", strings.Repeat("W", 200),
	}
	var lines [][6]string
	for number, name := range names {
		lines = append(lines, [6]string{fmt.Sprintf("wx%d", number), "bound", "open1", name, "mini_program", name})
	}
	written := report(t, factsOf(lines...))
	seen := browse(t, written, "</SCRIPT>")
	for _, name := range names[:4] {
		expectWords(t, seen.Text, words(name)+" mini program · "+words(name))
	}
	expectWords(t, seen.Text, "bell\ufffd, null\ufffd, line\ufffdbreak, \ufffdback\ufffd, \ufffd", names[5])
	expectWords(t, seen.Filtered[0], "1 of 6 accounts", names[0])
	if seen.Title != "Open accounts" || seen.Overflow > 0 {
		t.Errorf("the title is %q, and it is %d pixels too wide", seen.Title, seen.Overflow)
	}
	// What the page is made of without those names.
	plain := browse(t, report(t, factsOf([6]string{"wx0", "bound", "open1", "Tea", "mini_program", "Tea Ltd."},
		[6]string{"wx1", "bound", "open2", "Tea", "mini_program", "Tea Ltd."})))
	if diff := cmp.Diff(plain.Elements, seen.Elements); diff != "" {
		t.Errorf("elements: -without +with the names:\n%s", diff)
	}

	// As it is opened from a disk.
	file := filepath.Join(t.TempDir(), "report.html")
	write(t, file, written)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		if !chromiumsOwn.MatchString(request.Host) {
			t.Errorf("the report asks for %s", request.URL)
		}
	}))
	defer silent.Close()
	if dom := dumpDOM(t, silent.URL, "file://"+filepath.ToSlash(file)); !strings.Contains(dom, "<dd>6</dd>") {
		t.Errorf("6 accounts are not counted in:\n%s", dom)
	}
}
