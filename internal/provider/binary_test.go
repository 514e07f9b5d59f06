package provider

import (
	"bytes"
	"os"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// TestBinary_namesNoEndpointThatChangesAnything searches the program, built as a release is, for the endpoints that
// make tokens and those that touch bindings.
func TestBinary_namesNoEndpointThatChangesAnything(t *testing.T) {
	t.Parallel()
	built, err := engine.BuildProvider(t.Context(), t.TempDir(), engine.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	for endpoint, want := range map[string]bool{
		"open/get": true, "api_get_authorizer_list": true, // which shows that names can be found
		"api_component_token": false, "api_authorizer_token": false,
		"open/create": false, "open/bind": false, "open/unbind": false,
	} {
		if found := bytes.Contains(program, []byte(endpoint)); found != want {
			t.Errorf("%s is in the program: %t, want %t", endpoint, found, want)
		}
	}
}
