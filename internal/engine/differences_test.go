package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDifferences_errored(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"1.5.7": false, "1.6.0": true, "1.11.4": true} {
		if got := (Engine{Name: "terraform", Version: version}).SaysErrored(); got != want {
			t.Errorf("Terraform %s says errored: %t, want %t", version, got, want)
		}
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, version string
		ephemeral     bool
		mocks         bool
		minimal       bool
		enabled       bool
	}{
		{"terraform", "1.5.7", false, false, false, false},
		{"terraform", "1.9.8", false, true, false, false},
		{"terraform", "1.10.0", true, true, false, false},
		{"terraform", "1.10.0-rc1", true, true, false, false},
		{"terraform", "1.17.0-dev", true, true, true, false},
		{"terraform", "2.0.0", true, true, true, false},
		{"tofu", "1.6.3", false, false, false, false},
		{"tofu", "1.10.6", false, true, false, false}, // where Terraform's 1.10 has ephemeral variables
		{"tofu", "1.11.0-beta1", true, true, false, true},
		{"tofu", "1.17.0", true, true, false, true},
	} {
		e := Engine{Name: test.name, Version: test.version}
		if got := e.HasEphemeralVariables(); got != test.ephemeral {
			t.Errorf("%s has ephemeral variables: %t, want %t", e, got, test.ephemeral)
		}
		if got := e.HasMocks(); got != test.mocks {
			t.Errorf("%s has mocks: %t, want %t", e, got, test.mocks)
		}
		if got := e.HasMinimalRefresh(); got != test.minimal {
			t.Errorf("%s has -minimal-refresh: %t, want %t", e, got, test.minimal)
		}
		if got := e.HasEnabled(); got != test.enabled {
			t.Errorf("%s has enabled: %t, want %t", e, got, test.enabled)
		}
	}
}

// The installed engine bears out what the table above says of it.
func TestDifferences_areTheEngines(t *testing.T) {
	e, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w := newTestWorkspace(t, e)
	if err := os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte("variable \"x\" {\n  default   = 1\n  ephemeral = true\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	result, err := w.Run(t.Context(), "validate", "-no-color")
	if err != nil {
		t.Fatal(err)
	}
	if got := result.ExitCode == 0; got != e.HasEphemeralVariables() {
		t.Errorf("%s has ephemeral variables: %t, want %t:\n%s", e, got, e.HasEphemeralVariables(), result.Stderr)
	}
}

// Where users keep the engine's own configuration, which CleanEnviron and workspaces keep away. An engine that reads a
// file complains of what is in it.
func TestCLIConfiguration_isReadFrom(t *testing.T) {
	e, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file     string // below the home
		variable string // which names it
		readBy   string
	}{
		{file: "named", variable: "TF_CLI_CONFIG_FILE", readBy: "terraform tofu"},
		{file: "named", variable: "TERRAFORM_CONFIG", readBy: "terraform tofu"},
		{file: "named", variable: "TOFU_CLI_CONFIG_FILE", readBy: ""},
		{file: ".terraformrc", readBy: "terraform tofu"},
		{file: ".tofurc", readBy: "tofu"},
	} {
		t.Run(test.variable+test.file, func(t *testing.T) {
			t.Parallel()
			w := newTestWorkspace(t, e)
			file := filepath.Join(t.TempDir(), test.file)
			if err := os.WriteFile(file, []byte("no HCL"), 0o600); err != nil {
				t.Fatal(err)
			}
			w.Environ = CleanEnviron("HOME="+filepath.Dir(file), "XDG_CONFIG_HOME=", "XDG_DATA_HOME=")
			if test.variable != "" {
				w.Environ = append(w.Environ, test.variable+"="+file)
			}
			result, err := w.Run(t.Context(), "validate", "-no-color")
			if err != nil {
				t.Fatal(err)
			}
			said := strings.ReplaceAll(result.Stdout+result.Stderr, "\n", "")
			if got, want := strings.Contains(said, test.file), strings.Contains(test.readBy, e.Name); got != want {
				t.Errorf("%s reads it: %t, want %t:\n%s", e, got, want, result.Stdout+result.Stderr)
			}
		})
	}
}
