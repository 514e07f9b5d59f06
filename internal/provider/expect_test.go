package provider

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// expectAsked fails where WeChat was asked anything else than this, by endpoint.
func expectAsked(t *testing.T, wechat *lab, want map[string]int) {
	t.Helper()
	if diff := cmp.Diff(want, asked(wechat)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// expectExit runs the engine and fails where it ends with another exit code.
func expectExit(t *testing.T, place *engine.Workspace, want int, args ...string) engine.Result {
	t.Helper()
	result := run(t, place, append(args, "-no-color")...)
	if result.ExitCode != want {
		t.Fatalf("%s: exit code %d, want %d:\n%s%s", args, result.ExitCode, want, result.Stdout, result.Stderr)
	}
	return result
}

func expectOutputs(t *testing.T, place *engine.Workspace, want map[string]any) {
	t.Helper()
	if got := outputs(t, place); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// outputs reads the outputs of a workspace after apply.
func outputs(t *testing.T, place *engine.Workspace) map[string]any {
	t.Helper()
	var read map[string]struct {
		Value any `json:"value"`
	}
	result := run(t, place, "output", "-json")
	if err := json.Unmarshal([]byte(result.Stdout), &read); err != nil {
		t.Fatalf("%v: %s%s", err, result.Stdout, result.Stderr)
	}
	values := map[string]any{}
	for name, output := range read {
		values[name] = output.Value
	}
	return values
}

// expectUnwarned fails where a run says one of the given things.
func expectUnwarned(t *testing.T, result engine.Result, unwanted ...string) {
	t.Helper()
	said := words(result.Stdout + result.Stderr)
	for _, text := range unwanted {
		// base_url comes from the environment in these tests, of which the provider warns.
		if strings.Contains(strings.ReplaceAll(said, "Warning: WeChat is asked at another host", ""), text) {
			t.Errorf("%q is said in:\n%s%s", text, result.Stdout, result.Stderr)
		}
	}
}

// expectCalls fails where anything else than this was called, by endpoint, or another number of times.
func expectCalls(t *testing.T, wechat *lab, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, request := range wechat.Requests() {
		got[request.Path]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// words undoes the engine's line breaks and frames, so that a message can be searched for what it says.
func words(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)), " ")
}

// expectWords fails where a text does not say all of the given things.
func expectWords(t *testing.T, text string, wanted ...string) {
	t.Helper()
	said := words(text)
	for _, want := range wanted {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in:\n%s", want, text)
		}
	}
}
