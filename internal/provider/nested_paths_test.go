package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// TestNestedSettings_carryNoPath puts wrong values into each setting within another: what is said of them points at no
// line, since newer engines print it for a nested setting too, and a secret may stand beside.
func TestNestedSettings_carryNoPath(t *testing.T) {
	t.Parallel()
	server := providerserver.NewProtocol6(New("0.0.0-test")())()
	response, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	kind := response.Provider.ValueType()
	said := 0
	check := func(name string, configuration map[string]any) {
		t.Helper()
		value, err := tfprotov6.NewDynamicValue(kind, tfValue(kind, configuration))
		if err != nil {
			t.Fatal(err)
		}
		request := &tfprotov6.ValidateProviderConfigRequest{Config: &value}
		validated, err := server.ValidateProviderConfig(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		diagnostics := validated.Diagnostics
		if !slices.ContainsFunc(diagnostics, isError) { // an engine configures nothing that is not valid
			request := &tfprotov6.ConfigureProviderRequest{Config: &value}
			configured, err := server.ConfigureProvider(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			diagnostics = append(diagnostics, configured.Diagnostics...)
		}
		for _, diagnostic := range diagnostics {
			said++
			if diagnostic.Attribute != nil && len(diagnostic.Attribute.Steps()) > 0 {
				t.Errorf("%s: %q carries the path %s", name, diagnostic.Summary, diagnostic.Attribute)
			}
		}
	}
	// within puts each wrong value into each setting of an object, whose way in the configuration wrap is.
	var within func(name string, object tftypes.Object, wrap func(map[string]any) map[string]any)
	within = func(name string, object tftypes.Object, wrap func(map[string]any) map[string]any) {
		for setting, inner := range object.AttributeTypes {
			if deeper, isObject := inner.(tftypes.Object); isObject {
				within(name+"."+setting, deeper, func(inside map[string]any) map[string]any {
					return wrap(map[string]any{setting: inside})
				})
				continue
			}
			for _, wrong := range wrongValues(inner) {
				check(name+"."+setting, wrap(map[string]any{setting: wrong}))
			}
		}
	}
	block, isObject := kind.(tftypes.Object)
	if !isObject {
		t.Fatalf("the provider block is %s", kind)
	}
	for setting, inner := range block.AttributeTypes {
		if object, isObject := inner.(tftypes.Object); isObject {
			within(setting, object, func(inside map[string]any) map[string]any {
				return map[string]any{setting: inside}
			})
		}
	}
	if said < 50 {
		t.Errorf("only %d diagnostics were looked at", said)
	}
}

// wrongValues are values of a kind that a setting may refuse.
func wrongValues(kind tftypes.Type) []any {
	switch {
	case kind.Is(tftypes.List{}):
		return []any{[]string{""}, []string{"{word}"}, nil}
	case kind.Is(tftypes.Map{}):
		return []any{map[string]any{"": "x"}, map[string]any{"A": nil}, map[string]any{pasted: "{word}"}}
	case kind.Is(tftypes.String):
		return []any{"", "soon", "{word}", "http://user:hunter2@::1/", pasted}
	default:
		return []any{nil}
	}
}
