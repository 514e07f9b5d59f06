package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"sync/atomic"
	"testing"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// expectQuotedOfTokens fails where the guide to token sources quotes, under one heading, what the engine did not print.
func expectQuotedOfTokens(t *testing.T, heading, printed string) {
	t.Helper()
	const guide = "where-tokens-come-from"
	expectPrinted(t, "the guide "+guide+", under "+heading, under(t, guide, heading), printed)
}

// whereTokensComeFrom counts what the token service is asked, beside what WeChat is asked.
func whereTokensComeFrom(t *testing.T, wechat *lab) {
	var questions atomic.Int32
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		questions.Add(1)
		_, _ = fmt.Fprintf(w, `{"access_token":%q}`, wechat.Token(path.Base(r.URL.Path)))
	}))
	t.Cleanup(service.Close)
	environment := envAccessToken + "=" + wechat.Token(teaShop)
	place := watched(t, readExample(t, "guides/where-tokens-come-from/main.tf"), baseURL(wechat), "TF_VAR_token_service="+service.URL, environment)
	var results []engine.Result
	ends := func(wantExit, wantQuestions, wantReads int, args ...string) engine.Result {
		t.Helper()
		askedBefore, readBefore := questions.Load(), wechat.Count("")
		result := expectExit(t, place, wantExit, args...)
		results = append(results, result)
		if got := int(questions.Load() - askedBefore); got != wantQuestions {
			t.Errorf("%s: the service was asked %d times, want %d", args, got, wantQuestions)
		}
		if got := wechat.Count("") - readBefore; got != wantReads {
			t.Errorf("%s: WeChat was asked %d times, want %d", args, got, wantReads)
		}
		return result
	}

	// One token for both data sources about the books, and nothing left for the apply.
	ends(0, 1, 3, "plan", "-out=plan.bin")
	place.Environ = append(place.Environ, envAccessToken+"=")
	ends(0, 0, 0, "apply", "plan.bin")
	expectOutputs(t, place, map[string]any{"open_appids": map[string]any{"shop": teaOpen, "books": booksOpen}})
	// Each account was asked about with its own token: the alias took nothing from the environment.
	for _, request := range wechat.Requests() {
		if request.Token != request.AppID+"#1" {
			t.Errorf("asked about %s with the token %s", request.AppID, request.Token)
		}
	}

	// The next run asks for itself. Without the environment only the account that needed it fails.
	untold := ends(1, 1, 2, "plan")
	expectQuotedOfTokens(t, "When a source is asked", untold.Stderr)
	place.Environ = append(place.Environ, environment)

	// A service that is down stops nobody who reads nothing from it.
	service.Close()
	ends(0, 0, 1, "plan", "-target=data.wechat_open_account.shop")
	expectNoSecret(t, place, results, []string{wechat.Token(teaShop), wechat.Token(books)})
}
