package main

import (
	stdcmp "cmp"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDescribe writes types, kinds and nested attributes, the same ones once, and English where nothing is translated.
func TestDescribe(t *testing.T) {
	t.Parallel()
	const encoded = `{"description": "Tea.", "attributes": {
		"leaves": {"type": ["map", ["list", "string"]], "description": "Leaves.", "required": true},
		"secret": {"type": "string", "description": "No Chinese.", "optional": true, "sensitive": true},
		"pot": {"nested_type": {"nesting_mode": "single", "attributes": {
			"lid": {"nested_type": {"nesting_mode": "map", "attributes": {
				"hot": {"type": "bool", "description": "Hot.", "computed": true}
			}}, "description": "Lid.", "computed": true}
		}}, "description": "Pot.", "optional": true},
		"top": {"nested_type": {"nesting_mode": "map", "attributes": {
			"hot": {"type": "bool", "description": "Hot.", "computed": true}
		}}, "description": "Lid.", "computed": true}
	}}`
	chinese := map[string]string{"Tea.": "茶。", "Leaves.": "叶。", "Pot.": "壶。", "Lid.": "盖。", "Hot.": "烫。"}
	const want = "茶。\n\n```terraform\ntea {}\n```\n" +
		"\n**必填**\n\n- `leaves`（字符串列表映射）叶。\n" +
		"\n**可选**\n\n- `pot`（对象）壶。（属性见[下文](#tea--pot)）\n- `secret`（字符串，敏感）No Chinese.\n" +
		"\n**只读**\n\n- `top`（对象映射）盖。（属性见[下文](#tea--top)）\n" +
		"\n<a id=\"tea--pot\"></a>\n\n### `pot` 的属性\n" +
		"\n**只读**\n\n- `lid`（对象映射）盖。（属性见[下文](#tea--top)）\n" +
		"\n<a id=\"tea--top\"></a>\n\n### `top` 的属性\n" +
		"\n**只读**\n\n- `hot`（布尔值）烫。\n"
	var tea block
	if err := json.Unmarshal([]byte(encoded), &tea); err != nil {
		t.Fatal(err)
	}
	translate := func(english string) string { return stdcmp.Or(chinese[english], english) }
	if diff := cmp.Diff(want, describe("tea", tea, "tea {}\n", translate)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestWithoutRepetitions keeps a nested schema under its shortest name.
func TestWithoutRepetitions(t *testing.T) {
	t.Parallel()
	nested := func(name, attributes string) string {
		return "<a id=\"nestedatt--" + name + "\"></a>\n### Nested Schema for `" + name + "`\n\n" + attributes
	}
	page := "[See](#nestedatt--pot--lid)\n\n" + nested("pot--lid", "Lid.\n\n\n") + nested("lid", "Lid.\n\n\n") + nested("cup", "Cup.\n")
	want := "[See](#nestedatt--lid)\n\n" + nested("lid", "Lid.\n\n") + nested("cup", "Cup.\n")
	if diff := cmp.Diff(want, withoutRepetitions(page)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
