package provider

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"terraform.local/wechat/terraform-provider-wechat/internal/token"
)

// setNames lists the names that are set in a nested attribute, with the size of lists and maps. The engine drops a
// mistyped name without a word: where a value is missing, its reader must see which ones arrived.
func setNames(object types.Object) string {
	var names []string
	attributes := object.Attributes()
	for _, name := range sortedKeys(attributes) {
		value := attributes[name]
		switch value := value.(type) {
		case types.Map:
			name += fmt.Sprintf(" (%d)", len(value.Elements()))
		case types.List:
			name += fmt.Sprintf(" (%d)", len(value.Elements()))
		}
		if !value.IsNull() {
			names = append(names, name)
		}
	}
	return cmp.Or(strings.Join(names, ", "), "nothing")
}

// withSetNames is an error of the component's with the names that are set in it.
func withSetNames(err *configError, component types.Object) error {
	with := *err
	with.quote = "Given in component: " + setNames(component) + "."
	return &with
}

// pathHint says of a path that leads nowhere how it was read, where that may surprise.
func pathHint(name, setting string) string {
	const notReplaced = `; a leading "~" is not replaced here: write `
	isFile := !strings.HasSuffix(setting, attributeExec) || strings.ContainsAny(name, `/\`)
	folder, err := os.Getwd()
	switch {
	case strings.HasPrefix(name, "~") && strings.HasPrefix(setting, "WECHAT_"):
		return notReplaced + "the whole path"
	case strings.HasPrefix(name, "~"):
		return notReplaced + `pathexpand("~/…")`
	case isFile && !filepath.IsAbs(name) && err == nil:
		return fmt.Sprintf("; the path is relative and starts at %q", folder)
	default:
		return ""
	}
}

// safeFormat formats a name, or is otherwise where the name could be a pasted token.
func safeFormat(name, format, otherwise string) string {
	if token.CouldBe(name) {
		return otherwise
	}
	return fmt.Sprintf(format, name)
}

// programName is the program in a message. One with spaces is a whole command line by mistake, with whatever secrets it
// holds.
func programName(command string) string {
	if strings.ContainsAny(command, " \t\n") {
		return "of the name that exec.command gives; there is no shell, so arguments belong into exec.args"
	}
	return safeFormat(command, "%q", "of the name that exec.command gives; it may be a secret, and so it is not shown")
}
