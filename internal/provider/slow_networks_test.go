package provider

import (
	"archive/zip"
	"bytes"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// The CLI configurations of docs/guides/slow-networks.md, on what `make mirror` makes of this provider.

var networks = map[string]func(t *testing.T, wechat *lab){
	"guides/slow-networks/folder.tfrc":  fromAFolder,
	"guides/slow-networks/company.tfrc": besideACompanysMirror,
}

// packed is the mirror that `make mirror` makes for this platform.
var packed = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs(moduleRoot)
	if err != nil {
		return "", err
	}
	pack := exec.Command("go", "run", ".", "-source", root, "-out", filepath.Join(scratch, "dist"),
		"-version", "0.4.0", "-platforms", runtime.GOOS+"_"+runtime.GOARCH)
	pack.Dir = filepath.Join(root, "tools", "mirror")
	if out, err := pack.CombinedOutput(); err != nil {
		return "", fmt.Errorf("packing the provider: %w: %s", err, out)
	}
	return filepath.Join(scratch, "dist", "mirror"), nil
})

func packedMirror(t *testing.T) string {
	t.Helper()
	folder, err := packed()
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func fromAFolder(t *testing.T, wechat *lab) {
	rc := readExample(t, "guides/slow-networks/folder.tfrc")
	installsAndReads(t, wechat, strings.Replace(rc, "/usr/local/share/terraform/mirror", packedMirror(t), 1))
}

// besideACompanysMirror has a provider of somebody else's too, which only the company's mirror has.
func besideACompanysMirror(t *testing.T, wechat *lab) {
	if runtime.GOOS == "darwin" {
		t.Skip("Go reads no authority from SSL_CERT_FILE on macOS")
	}
	const within = "/registry.terraform.io/example/other/"
	platform := runtime.GOOS + "_" + runtime.GOARCH
	var archive bytes.Buffer
	writer := zip.NewWriter(&archive)
	if _, err := writer.Create("terraform-provider-other_v1.0.0"); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	company, mirror := http.NewServeMux(), http.FileServer(http.Dir(packedMirror(t)))
	for name, content := range map[string]string{
		"index.json": `{"versions":{"1.0.0":{}}}`,
		"1.0.0.json": fmt.Sprintf(`{"archives":{%q:{"url":"other.zip"}}}`, platform),
		"other.zip":  archive.String(),
	} {
		company.HandleFunc(within+name, func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, filepath.Base(r.URL.Path), time.Time{}, strings.NewReader(content))
		})
	}
	company.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the company's mirror was asked for %s", r.URL.Path)
	})
	rc := readExample(t, "guides/slow-networks/company.tfrc")
	var authorities bytes.Buffer
	for url, handler := range map[string]http.Handler{
		"https://files.example.com/terraform/mirror/": mirror, "https://mirror.example.com/providers/": company,
	} {
		server := httptest.NewTLSServer(handler)
		t.Cleanup(server.Close)
		rc = strings.Replace(rc, url, server.URL+"/", 1)
		_ = pem.Encode(&authorities, &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	}
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	write(t, trusted, authorities.String())
	place := installsAndReads(t, wechat, rc, "SSL_CERT_FILE="+trusted)

	write(t, filepath.Join(place.Dir, "main.tf"), strings.Replace(required, "    wechat",
		"    other  = { source = \"registry.terraform.io/example/other\" }\n    wechat", 1))
	expectWords(t, expectExit(t, place, 0, "init").Stdout, "example/other v1.0.0")
}

// installsAndReads has an engine install the provider as a CLI configuration says, and read with it.
func installsAndReads(t *testing.T, wechat *lab, cliConfiguration string, environment ...string) *engine.Workspace {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cli.tfrc")
	write(t, file, cliConfiguration)
	place := workspace(t, readExample(t, "first/main.tf"), append(environment, "TF_CLI_CONFIG_FILE="+file,
		baseURL(wechat), envAccessToken+"="+wechat.Token(teaClub))...)
	expectExit(t, place, 0, "apply", "-auto-approve")
	expectOutputs(t, place, map[string]any{"club": teaOpen})
	if !strings.Contains(expectExit(t, place, 0, "version").Stdout, engine.Address+" v0.4.0") {
		t.Error("the provider is not the one that was packed")
	}
	return place
}

// TestAccRequiredProviders_inEachModule is what the page about errors says of hashicorp/wechat.
func TestAccRequiredProviders_inEachModule(t *testing.T) {
	t.Parallel()
	plugins, err := mirror()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cli.tfrc")
	write(t, file, fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", plugins))
	const (
		reads = "data \"wechat_open_account\" \"x\" { appid = \"wx1000000000000004\" }\n"
		calls = "module \"child\" { source = \"./child\" }\n"
	)
	for name, test := range map[string]struct {
		root, child string
		exit        int
		says        string
	}{
		"none":             {root: reads, exit: 1, says: "hashicorp/wechat"},
		"only in the root": {root: required + calls, child: reads, exit: 1, says: "hashicorp/wechat"},
		"in the child":     {root: calls, child: required + reads},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := workspace(t, required, "TF_CLI_CONFIG_FILE="+file)
			write(t, filepath.Join(place.Dir, "main.tf"), test.root)
			if err := os.Mkdir(filepath.Join(place.Dir, "child"), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(place.Dir, "child", "main.tf"), test.child)
			expectWords(t, expectExit(t, place, test.exit, "init").Stderr, test.says)
		})
	}
}
