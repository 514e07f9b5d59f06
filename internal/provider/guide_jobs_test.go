package provider

import (
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// job is an example in a workspace, and what its runs printed.
type job struct {
	t       *testing.T
	place   *engine.Workspace
	results []engine.Result
	secrets []string
}

// newJob prepares an example with token files for all accounts of a lab. Its runs log all they can.
func newJob(t *testing.T, wechat *lab, example string, environment ...string) *job {
	t.Helper()
	environment = append(environment, baseURL(wechat), envAccessTokenFile+"="+wechat.tokens+"/{appid}")
	secrets := []string{wechat.Token(wechat.Component().AppID)}
	for _, account := range wechat.World().Accounts {
		secrets = append(secrets, wechat.Token(account.AppID), wechat.RefreshToken(account.AppID))
	}
	return &job{t: t, place: watched(t, readExample(t, example), environment...), secrets: secrets}
}

// ends runs the engine and fails where it ends with another exit code.
func (j *job) ends(want int, args ...string) engine.Result {
	j.t.Helper()
	result := expectExit(j.t, j.place, want, args...)
	j.results = append(j.results, result)
	return result
}

// leavesNoSecret fails where a run left a token of the platform or of one of its accounts.
func (j *job) leavesNoSecret() {
	j.t.Helper()
	expectNoSecret(j.t, j.place, j.results, j.secrets)
}
