package provider

import (
	"fmt"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// The pictures of the pages. `make pictures` makes them anew, with -update: of what an engine prints and of what a
// browser shows, without what differs by run.

const (
	gatePicture   = "examples/first/plan.svg"
	reportPicture = "examples/guides/fleets/report/report.png"
)

// TestAccPictures_aGate holds the picture of a plan that a gate stops to what is printed. The engine's own words are
// left aside: they differ by version.
func TestAccPictures_aGate(t *testing.T) {
	t.Parallel()
	wechat := newLab(t, nil)
	configuration := readExample(t, "first/main.tf")
	place := workspace(t, configuration, envAccessTokenFile+"="+wechat.tokens+"/{appid}")
	// An address that is written brings no warning.
	write(t, filepath.Join(place.Dir, "override.tf"), fmt.Sprintf("provider \"wechat\" { base_url = %q }", wechat.server.URL()))
	wechat.move(t, teaClub, booksOpen)
	result := run(t, place, "plan") // in colour
	if result.ExitCode != 1 {
		t.Fatalf("exit code %d, want 1:\n%s%s", result.ExitCode, result.Stdout, result.Stderr)
	}
	printed := result.Stdout + result.Stderr
	if *update {
		steady := regexp.MustCompile(`after \d+s`).ReplaceAllString(printed, "after 0s")
		writePicture(t, gatePicture, terminal(t, "$ "+installed.Name+" plan\n"+steady))
	}
	expectWords(t, printed, teaGateSays)
	shown := html.UnescapeString(inTags.ReplaceAllString(readDocument(t, gatePicture), ""))
	expectWords(t, shown, teaGateSays)
	for number, line := range strings.Split(configuration, "\n") {
		if strings.Contains(line, " condition ") {
			expectWords(t, shown, fmt.Sprintf("on main.tf line %d", number+1), fmt.Sprintf("%d: %s", number+1, words(line)))
		}
	}
}

// inTags is all of a picture that is not text.
var inTags = regexp.MustCompile(`<[^>]*>`)

// styles are the attributes of text in a picture, by the codes that engines print for colours and the like.
var styles = map[string][2]string{
	"1": {"font-weight", "bold"}, "4": {"text-decoration", "underline"},
	"31": {"fill", "#ff7b72"}, "32": {"fill", "#3fb950"}, "33": {"fill", "#d29922"}, "36": {"fill", "#39c5cf"},
	"90": {"fill", "#8b949e"},
}

// terminal draws what was printed, with its colours, as SVG.
func terminal(t *testing.T, printed string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(printed), "\n")
	widest := 0
	var drawn strings.Builder
	for number, line := range lines {
		fmt.Fprintf(&drawn, `<text xml:space="preserve" x="16" y="%d">`, 30+20*number)
		style, width := map[string]string{}, 0
		for number, part := range strings.Split(line, "\x1b[") {
			codes := ""
			if number > 0 {
				codes, part, _ = strings.Cut(part, "m")
			}
			for code := range strings.SplitSeq(codes, ";") {
				attribute, known := styles[code]
				switch {
				case code == "0":
					clear(style)
				case known:
					style[attribute[0]] = attribute[1]
				case code != "":
					t.Fatalf("no style is known for the code %q in %q", code, line)
				}
			}
			if part != "" {
				drawn.WriteString("<tspan")
				for _, name := range slices.Sorted(maps.Keys(style)) {
					fmt.Fprintf(&drawn, ` %s="%s"`, name, style[name])
				}
				fmt.Fprintf(&drawn, ">%s</tspan>", html.EscapeString(part))
			}
			width += len([]rune(part))
		}
		drawn.WriteString("</text>\n")
		widest = max(widest, width)
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d"
  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3">
<rect width="%[1]d" height="%[2]d" rx="8" fill="#0d1117"/>
%[3]s</svg>
`, 32+(widest*43+4)/5, 30+20*len(lines), drawn.String())
}

// TestAccPictures_aReport makes the picture of a fleet's report anew. What a report shows is held by other tests.
func TestAccPictures_aReport(t *testing.T) {
	t.Parallel()
	if !*update {
		t.Skip("make pictures was not asked for")
	}
	needChromium(t)
	wechat := newLab(t, nil)
	environment := append(ofComponent(wechat), baseURL(wechat), envAccessTokenFile+"="+wechat.tokens+"/{appid}")
	place := workspace(t, readExample(t, "guides/fleets/report/main.tf"), environment...)
	write(t, filepath.Join(place.Dir, "report.html.tftpl"), readExample(t, reportTemplate))
	expectExit(t, place, 0, "apply", "-auto-approve")
	written := expectExit(t, place, 0, "output", "-raw", "report").Stdout
	file, picture := filepath.Join(t.TempDir(), "report.html"), filepath.Join(t.TempDir(), "report.png")
	write(t, file, regexp.MustCompile(`"read_at":"[^"]+"`).ReplaceAllString(written, `"read_at":"2026-01-02T03:04:05Z"`))
	args := append(slices.Clone(chromiumFlags[:len(chromiumFlags)-1]), "--user-data-dir="+t.TempDir(), "--hide-scrollbars",
		"--window-size=840,835", "--screenshot="+picture, "file://"+file)
	if said, err := engine.Command(t.Context(), "chromium", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	content, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	writePicture(t, reportPicture, string(content))
}

func writePicture(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(moduleRoot, filepath.FromSlash(name)), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
