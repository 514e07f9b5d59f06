// Command schema writes the provider's schema, as an engine describes it, to the file it is given: what tfplugindocs
// makes the documentation from. Asked itself, tfplugindocs would know no OpenTofu and download a Terraform.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: schema FILE")
		os.Exit(2)
	}
	if err := write(ctx, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func write(ctx context.Context, target string) error {
	e, err := engine.Find(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(target), "schema-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	mirror := filepath.Join(dir, "mirror")
	if _, err := engine.BuildProvider(ctx, mirror, engine.BuildOptions{}); err != nil {
		return err
	}
	w, err := engine.NewWorkspace(e, filepath.Join(dir, "work"), mirror)
	if err != nil {
		return err
	}
	config := fmt.Sprintf("terraform {\n  required_providers {\n    wechat = { source = %q }\n  }\n}\n", engine.Address)
	if err := os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(config), 0o600); err != nil {
		return err
	}

	if _, err := run(ctx, w, "init"); err != nil {
		return err
	}
	out, err := run(ctx, w, "providers", "schema", "-json")
	if err != nil {
		return err
	}
	var schemas struct {
		FormatVersion   string                     `json:"format_version"`
		ProviderSchemas map[string]json.RawMessage `json:"provider_schemas"`
	}
	if err := json.Unmarshal([]byte(out), &schemas); err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	// tfplugindocs looks a provider up by its bare name.
	schemas.ProviderSchemas = map[string]json.RawMessage{"wechat": schemas.ProviderSchemas[engine.Address]}
	content, err := json.Marshal(schemas)
	if err != nil {
		return err
	}
	return os.WriteFile(target, content, 0o600)
}

func run(ctx context.Context, w *engine.Workspace, args ...string) (string, error) {
	result, err := w.Run(ctx, args...)
	if err == nil && result.ExitCode != 0 {
		err = fmt.Errorf("%s failed:\n%s%s", args[0], result.Stdout, result.Stderr)
	}
	return result.Stdout, err
}
