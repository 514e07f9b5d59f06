package provider

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// mockedValues are what the mocks say under a name, so that the answers of all data sources agree. A name that is not
// here has a value of its type.
var mockedValues = map[string]string{
	"open_appid":    `"wx2000000000000001"`,
	"by_open_appid": `{ wx2000000000000001 = ["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"] }`,
	"appids":        `["wx1000000000000001", "wx1000000000000002", "wx1000000000000003"]`,

	"nick_name":           `"Example Tea Shop"`,
	"principal_name":      `"Example Tea Trading Co., Ltd."`,
	"user_name":           `"gh_000000000002"`,
	"kind":                `"mini_program"`,
	"verify_type":         `0`,
	"verify_type_text":    `"verified by WeChat"`,
	"account_status_text": `"normal"`,
	"permission_sets":     `[17, 18, 25, 30]`,
}

// mockedMembers are what a map says of each of the three accounts. All else in it is null, and not left out: OpenTofu
// takes no object without one of its attributes.
var mockedMembers = map[string]string{
	"status": `"bound"`, "open_appid": `"wx2000000000000001"`, "auth_time": `"2026-01-05T02:00:00Z"`,
}

// ofEach is a map of the three accounts to objects with these attributes.
func ofEach(attributes map[string]schema.Attribute) string {
	var members []string
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value := mockedMembers[name]
		if value == "" {
			value = "null"
		}
		members = append(members, name+" = "+value)
	}
	var entries strings.Builder
	for number := range 3 {
		fmt.Fprintf(&entries, "      wx%016x = { %s }\n", 0x1000000000000001+number, strings.Join(members, ", "))
	}
	return "{\n" + entries.String() + "    }"
}

// TestMocks_areOfTheSchema holds the mocks of the guide to all data sources and their computed attributes, and
// OpenTofu's test file to Terraform's: OpenTofu has no source, so the folder's content stands in it. make generate
// writes both.
func TestMocks_areOfTheSchema(t *testing.T) {
	t.Parallel()
	mocks := mocksOfSchema(t)
	file := func(example string) string { return filepath.Join(moduleRoot, "examples", filepath.FromSlash(example)) }
	expectFile(t, file(exampleMocks), mocks)
	var within strings.Builder
	for line := range strings.Lines(mocks) {
		if line != "\n" {
			line = "  " + line
		}
		within.WriteString(line)
	}
	expectFile(t, file(exampleTofu),
		strings.Replace(readExample(t, exampleMocked), "  source = \"./mocks\"\n", within.String(), 1))
}

// mocksOfSchema writes mocks in the engines' format.
func mocksOfSchema(t *testing.T) string {
	t.Helper()
	var written strings.Builder
	written.WriteString("# One merchant whose three accounts are bound to one open account: " +
		"what each data source then answers, whatever it is asked.\n" +
		"# Terraform 1.11 takes no mock for a map of objects: there accounts and authorizers are empty.\n")
	for _, newDataSource := range new(WeChatProvider).DataSources(t.Context()) {
		source := newDataSource()
		var metadata datasource.MetadataResponse
		source.Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: "wechat"}, &metadata)
		var described datasource.SchemaResponse
		source.Schema(t.Context(), datasource.SchemaRequest{}, &described)

		var lines, blocks []string
		width := 0
		for _, name := range slices.Sorted(maps.Keys(described.Schema.Attributes)) {
			attribute := described.Schema.Attributes[name]
			if !attribute.IsComputed() {
				continue
			}
			if value := mockedValue(name, attribute); strings.Contains(value, "\n") {
				blocks = append(blocks, fmt.Sprintf("    %s = %s\n", name, value))
			} else {
				lines = append(lines, name, value)
				width = max(width, len(name))
			}
		}
		fmt.Fprintf(&written, "\nmock_data %q {\n  defaults = {\n", metadata.TypeName)
		for line := range slices.Chunk(lines, 2) {
			fmt.Fprintf(&written, "    %-*s = %s\n", width, line[0], line[1])
		}
		written.WriteString(strings.Join(blocks, "") + "  }\n}\n")
	}
	return written.String()
}

func mockedValue(name string, attribute schema.Attribute) string {
	if value, named := mockedValues[name]; named {
		return value
	}
	if nested, ok := attribute.(schema.MapNestedAttribute); ok {
		return ofEach(nested.NestedObject.Attributes)
	}
	switch {
	case attribute.GetType().Equal(types.BoolType):
		return "true"
	case attribute.GetType().Equal(types.StringType):
		return `"example"`
	case attribute.GetType().Equal(types.Int64Type):
		return "1"
	case strings.HasPrefix(attribute.GetType().String(), "types.ListType"):
		return "[]"
	default:
		return "{}"
	}
}
