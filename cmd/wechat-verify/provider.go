package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
	"terraform.local/wechat/terraform-provider-wechat/internal/facts"
)

const configuration = `terraform {
  required_providers {
    wechat = { source = %q }
  }
}

variable "appid" { type = string }

data "wechat_open_account" "first" { appid = var.appid }

output "bound" { value = data.wechat_open_account.first.bound }
output "open_appid" { value = data.wechat_open_account.first.open_appid }
`

// provider builds the provider of this checkout and reads the first account with it. Its errors go into the record,
// so they are whole sentences from here.
func (o options) provider(config facts.Config) func(context.Context) (facts.Reading, error) {
	return func(ctx context.Context) (facts.Reading, error) {
		found, err := engine.Find(ctx)
		if err != nil {
			return facts.Reading{}, errors.New("there is no engine to run the provider with")
		}
		scratch, err := os.MkdirTemp("", "wechat-verify-")
		if err != nil {
			return facts.Reading{}, errPlace
		}
		defer os.RemoveAll(scratch)
		mirror := filepath.Join(scratch, "mirror")
		if _, err := engine.BuildProvider(ctx, mirror, engine.BuildOptions{}); err != nil {
			return facts.Reading{}, errors.New("the provider could not be built, which takes Go and a checkout")
		}
		place, err := engine.NewWorkspace(found, filepath.Join(scratch, "work"), mirror, o.environment(config)...)
		if err != nil || os.WriteFile(filepath.Join(place.Dir, "main.tf"),
			fmt.Appendf(nil, configuration, engine.Address), 0o600) != nil {
			return facts.Reading{}, errPlace
		}
		return read(ctx, place)
	}
}

var (
	errPlace  = errors.New("there is no place to run the provider in")
	errEngine = errors.New("the engine could not be run")
)

func read(ctx context.Context, place *engine.Workspace) (facts.Reading, error) {
	if result, err := place.Run(ctx, "init"); err != nil || result.ExitCode != 0 {
		return facts.Reading{}, errEngine
	}
	result, err := place.Run(ctx, "apply", "-auto-approve")
	switch {
	case err != nil:
		return facts.Reading{}, errEngine
	case result.ExitCode != 0:
		return facts.Reading{Failed: true}, nil
	}
	result, err = place.Run(ctx, "output", "-json")
	var outputs struct {
		Bound     struct{ Value bool }   `json:"bound"`
		OpenAppID struct{ Value string } `json:"open_appid"` // left out where it is null
	}
	if err != nil || json.Unmarshal([]byte(result.Stdout), &outputs) != nil {
		return facts.Reading{}, errEngine
	}
	return facts.Reading{Bound: outputs.Bound.Value, OpenAppID: outputs.OpenAppID.Value}, nil
}

// environment lets the provider ask what this program asks, the same way.
func (o options) environment(config facts.Config) []string {
	first := config.Credentials[facts.First]
	variables := []string{"TF_VAR_appid=" + first.AppID, "WECHAT_ACCESS_TOKEN=" + first.Token, "WECHAT_MAX_RETRIES=1"}
	if config.BaseURL != nil {
		variables = append(variables, "WECHAT_BASE_URL="+strings.TrimSuffix(config.BaseURL.String(), "/"))
	}
	if path, err := filepath.Abs(o.certificate); err == nil && o.certificate != "" {
		variables = append(variables, "WECHAT_CA_CERTIFICATE_FILE="+path)
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if slices.Contains([]string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}, strings.ToUpper(name)) {
			variables = append(variables, variable)
		}
	}
	return variables
}
