package provider

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestLargeMaps_costWhatTheirSizeSays validates and configures provider blocks with maps of two sizes, the second four
// times the first. What is linear allocates four times as much, what copies the map for each entry sixteen times. And
// whatever is wrong with all entries is said once: the framework compares each diagnostic with those before it.
func TestLargeMaps_costWhatTheirSizeSays(t *testing.T) {
	const small, large = 1000, 4000
	tokens := func(entries map[string]any) map[string]any { return map[string]any{attributeAccessTokens: entries} }
	variables := func(entries map[string]any) map[string]any {
		return map[string]any{attributeExec: map[string]any{"command": "x", "env": entries}}
	}
	headers := func(entries map[string]any) map[string]any {
		return map[string]any{attributeTokenEndpoint: map[string]any{"url": "https://x", "headers": entries}}
	}
	for name, block := range map[string]struct {
		config      func(entries map[string]any) map[string]any
		key, value  string
		diagnostics int
	}{
		"access_tokens":          {config: tokens, key: "wx%016x", value: "61_x"},
		"odd keys":               {config: tokens, key: "WX%016x", value: "61_x", diagnostics: 1},
		"wrong keys":             {config: tokens, key: "gh_%d", value: "61_x", diagnostics: 1},
		"no tokens":              {config: tokens, key: "wx%016x", value: "null", diagnostics: 1},
		"exec.env":               {config: variables, key: "NAME_%d", value: "x"},
		"wrong variables":        {config: variables, key: "NAME_%d", value: "\x00", diagnostics: 1},
		"token_endpoint.headers": {config: headers, key: "X-%d", value: "x"},
		"wrong headers":          {config: headers, key: "X-%d", value: "\n", diagnostics: 1},
	} {
		cost := func(size int) uint64 {
			entries := make(map[string]any, size)
			for number := range size {
				entries[fmt.Sprintf(block.key, number)] = block.value
			}
			server := providerserver.NewProtocol6(New("0.0.0-test")())()
			schema, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
			if err != nil {
				t.Fatal(err)
			}
			kind := schema.Provider.ValueType()
			config, err := tfprotov6.NewDynamicValue(kind, tfValue(kind, block.config(entries)))
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			validate := &tfprotov6.ValidateProviderConfigRequest{Config: &config}
			validated, err := server.ValidateProviderConfig(t.Context(), validate)
			if err != nil {
				t.Fatal(err)
			}
			configure := &tfprotov6.ConfigureProviderRequest{Config: &config}
			if _, err := server.ConfigureProvider(t.Context(), configure); err != nil {
				t.Fatal(err)
			}
			runtime.ReadMemStats(&after)
			if said := validated.Diagnostics; len(said) != block.diagnostics {
				t.Errorf("%s: %d diagnostics, want %d: %s", name, len(said), block.diagnostics, saidIn(said))
			}
			return after.TotalAlloc - before.TotalAlloc
		}
		cost(small) // what is made once is made
		few, many := cost(small), cost(large)
		if times := float64(many) / float64(few); times > 6 {
			t.Errorf("%s: %d entries cost %.1f times what %d cost", name, large, times, small)
		}
	}
}
