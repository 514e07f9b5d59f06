package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// The tests in this file run the recipe for Vault with a stand-in for Vault's provider, which this test program becomes
// when an engine starts it under that provider's name.

const vaultProvider = "terraform-provider-vault"

// isVault says whether an engine started this program as Vault's provider.
func isVault() bool { return strings.HasPrefix(filepath.Base(os.Args[0]), vaultProvider) }

// vault has what the recipe needs of hashicorp/vault, as its schema and Vault's HTTP API have it.
type vault struct{}

func serveVault() error {
	options := providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/vault"}
	return providerserver.Serve(context.Background(), func() provider.Provider { return vault{} }, options)
}

func (vault) Metadata(_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse) {
	response.TypeName = "vault"
}
func (vault) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (vault) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (vault) Resources(context.Context) []func() resource.Resource                              { return nil }

func (vault) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (vault) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return vaultSecret{} }}
}

type vaultSecret struct{}

type vaultSecretModel struct {
	Mount string            `tfsdk:"mount"`
	Name  string            `tfsdk:"name"`
	Data  map[string]string `tfsdk:"data"`
}

func (vaultSecret) Metadata(_ context.Context, _ ephemeral.MetadataRequest, response *ephemeral.MetadataResponse) {
	response.TypeName = "vault_kv_secret_v2"
}

func (vaultSecret) Schema(_ context.Context, _ ephemeral.SchemaRequest, response *ephemeral.SchemaResponse) {
	response.Schema.Attributes = map[string]schema.Attribute{
		"mount": schema.StringAttribute{Required: true},
		"name":  schema.StringAttribute{Required: true},
		"data":  schema.MapAttribute{ElementType: types.StringType, Computed: true},
	}
}

func (vaultSecret) Open(ctx context.Context, request ephemeral.OpenRequest, response *ephemeral.OpenResponse) {
	var secret vaultSecretModel
	response.Diagnostics.Append(request.Config.Get(ctx, &secret)...)
	var err error
	if secret.Data, err = readVault(ctx, secret.Mount+"/data/"+secret.Name); err != nil {
		response.Diagnostics.AddError("Vault was not read", err.Error())
		return
	}
	response.Diagnostics.Append(response.Result.Set(ctx, &secret)...)
}

func readVault(ctx context.Context, path string) (map[string]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, os.Getenv("VAULT_ADDR")+"/v1/"+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Vault-Token", os.Getenv("VAULT_TOKEN"))
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	var body struct {
		Data struct {
			Data map[string]string `json:"data"`
		} `json:"data"`
	}
	err = json.NewDecoder(answer.Body).Decode(&body)
	return body.Data.Data, err
}

// withVault is a plugin folder with this program as Vault's provider, in a CLI configuration that knows the provider
// under test too.
func withVault(t *testing.T) string {
	t.Helper()
	plugins, err := mirror()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	const version = "5.0.0" // the first that has ephemeral resources
	name := vaultProvider + "_v" + version
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		place := filepath.Join(folder, registry, "hashicorp", "vault", version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(place, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(place, name), program, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	configuration := filepath.Join(folder, "cli.tfrc")
	write(t, configuration, fmt.Sprintf(`provider_installation {
  filesystem_mirror { path = %q }
  filesystem_mirror { path = %q }
}
`, filepath.ToSlash(plugins), filepath.ToSlash(folder)))
	return configuration
}

// ephemeralVault keeps the tokens in Vault, which is asked anew by each plan and each apply, and has other tokens by
// then. An account that is read during apply is read with the token of that time.
func ephemeralVault(t *testing.T, wechat *lab) {
	needEphemeralVariables(t)
	const vaultToken = "hvs.CAESIJ-what-Vault-knows-the-job-by"
	var mutex sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.Header.Get("X-Vault-Token"))
		_, _ = fmt.Fprintf(w, `{"data":{"data":%s}}`, tokensOf(t, wechat))
	}))
	t.Cleanup(server.Close)
	place := watched(t, readExample(t, "guides/ephemeral-values/vault/main.tf"), baseURL(wechat),
		"TF_CLI_CONFIG_FILE="+withVault(t), "VAULT_ADDR="+server.URL, "VAULT_TOKEN="+vaultToken)
	write(t, filepath.Join(place.Dir, "later.tf"), `
resource "terraform_data" "release" {}
data "wechat_open_account" "later" {
  appid      = "wx1000000000000002"
  depends_on = [terraform_data.release]
}
`)
	secrets := []string{wechat.Token(teaShop), vaultToken}
	expectOpened := func(times int) {
		t.Helper()
		mutex.Lock()
		defer mutex.Unlock()
		want := slices.Repeat([]string{"GET /v1/secret/data/wechat/access-tokens " + vaultToken}, times)
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Errorf("Vault was asked: -want +got:\n%s", diff)
		}
	}
	results := []engine.Result{expectExit(t, place, 0, "plan", "-out=plan.bin")}
	expectAsked(t, wechat, map[string]int{pathOpenGet: 1})
	expectOpened(1)
	wechat.RevokeTokens(teaShop)
	wechat.IssueToken(teaShop)
	results = append(results, expectExit(t, place, 0, "apply", "plan.bin"))
	expectOutputs(t, place, map[string]any{"shop": teaOpen})
	expectAsked(t, wechat, map[string]int{pathOpenGet: 2})
	expectOpened(2)
	expectNoSecret(t, place, results, append(secrets, wechat.Token(teaShop)))
}
