package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// report says what the run was, which is what `make soak` is for.
func (c *chaos) report(answers, errors, connections int, memory int64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	requests := 0
	for _, count := range c.asked {
		requests += count
	}
	faults := 0
	for _, count := range c.struck {
		faults += count
	}
	c.t.Logf("seed %d, %s: %d accounts, %d answers, %d errors, %d requests over %d connections, %d moves, %d MB; %d faults: %s",
		c.seed, c.source, len(c.fleet)+len(c.singles), answers, errors, requests, connections, c.moves, memory>>20, faults, counts(c.struck))
	if answers < errors || faults == 0 {
		c.t.Errorf("seed %d: %d answers, %d errors and %d faults: this tests little", c.seed, answers, errors, faults)
	}
}

// checkFleet holds the state of wechat_open_accounts against the truth, and counts the failed accounts.
func (c *chaos) checkFleet(state map[string]any) (failed int) {
	accounts, _ := state["accounts"].(map[string]any)
	if len(accounts) != len(c.fleet) {
		c.t.Errorf("seed %d: %d accounts, want %d", c.seed, len(accounts), len(c.fleet))
	}
	byOpenAppID, unbound, failures := map[string][]string{}, []string{}, []string{}
	for _, appid := range c.fleet {
		account, _ := accounts[appid].(map[string]any)
		truth := c.toldOf(pathOpenGet, appid)
		openAppID, _ := account["open_appid"].(string)
		switch account["status"] {
		case statusBound:
			if openAppID == "" || truth["open_appid"] != openAppID || account["errcode"] != nil || account["errmsg"] != nil {
				c.t.Errorf("seed %d: %s is said to be bound as %v, and WeChat told %v", c.seed, appid, account, truth)
			}
			byOpenAppID[openAppID] = append(byOpenAppID[openAppID], appid)
		case statusUnbound:
			if truth["errcode"] != float64(89002) || openAppID != "" || account["errcode"] != nil || account["errmsg"] != nil {
				c.t.Errorf("seed %d: %s is said to be unbound as %v, and WeChat told %v", c.seed, appid, account, truth)
			}
			unbound = append(unbound, appid)
		default:
			text, _ := account["errmsg"].(string)
			if account["status"] != statusError || text == "" || openAppID != "" || strings.Contains(text, "rid") || strings.Contains(text, "127.0.0.1") {
				c.t.Errorf("seed %d: the failure of %s is %v", c.seed, appid, account)
			}
			failures = append(failures, appid)
		}
	}
	for name, want := range map[string]any{"by_open_appid": byOpenAppID, "unbound": unbound, "failed": failures} {
		if got := fmt.Sprint(state[name]); got != fmt.Sprint(want) {
			c.t.Errorf("seed %d: %s is\n%s\nand by the accounts it is\n%v", c.seed, name, got, want)
		}
	}
	return len(failures)
}

func (c *chaos) checkAccount(appid string, state map[string]any) {
	truth := c.toldOf(pathOpenGet, appid)
	switch {
	case state["bound"] == true && state["open_appid"] != nil && state["open_appid"] == truth["open_appid"]:
	case state["bound"] == false && state["open_appid"] == nil && truth["errcode"] == float64(89002):
	default:
		c.t.Errorf("seed %d: %s is said to be %v, and WeChat told %v", c.seed, appid, state, truth)
	}
}

func (c *chaos) checkStatus(appid string, state map[string]any) {
	bound, same := c.toldOf(pathOpenHave, appid)["have_open"], c.toldOf(pathOpenSameEntity, appid)["same_entity"]
	if bound == nil || state["bound"] != bound || bound == true && state["same_entity"] != same {
		c.t.Errorf("seed %d: the status of %s is said to be %v, and WeChat told %v and %v", c.seed, appid, state, bound, same)
	}
}

func (c *chaos) checkAuthorizer(appid string, state map[string]any) {
	if state["nick_name"] != "name\x01\nof "+appid || state["kind"] != string(chaosKind(c.number[appid])) || fmt.Sprint(state["permission_sets"]) != "[3 24 25 30]" {
		c.t.Errorf("seed %d: of %s is told %v", c.seed, appid, state)
	}
}

// checkAuthorizers holds each authorizer of a list to what WeChat tells of it, or to nulls and a place in failed.
func (c *chaos) checkAuthorizers(state map[string]any) (failed int) {
	unread := map[string]bool{}
	failures, _ := state["failed"].([]any)
	for _, appid := range failures {
		unread[fmt.Sprint(appid)] = true
	}
	authorizers, _ := state["authorizers"].(map[string]any)
	if len(authorizers) < len(c.fleet) {
		c.t.Errorf("seed %d: %d authorizers, want %d and more", c.seed, len(authorizers), len(c.fleet))
	}
	for appid, authorizer := range authorizers {
		info, _ := authorizer.(map[string]any)
		if !unread[appid] {
			c.checkAuthorizer(appid, info)
		} else if info["kind"] != nil || info["nick_name"] != nil {
			c.t.Errorf("seed %d: %s was not read, and of it is told %v", c.seed, appid, info)
		}
	}
	return len(unread)
}

// checkRefused holds a read without an answer to an error that says what it is about.
func (c *chaos) checkRefused(name, appid string, diagnostics []*tfprotov6.Diagnostic) {
	text := saidIn(diagnostics)
	if !strings.Contains(text, appid) || !strings.Contains(text, "What to do") {
		c.t.Errorf("seed %d: %s of %q failed with %q", c.seed, name, appid, text)
	}
}

// checkRequests holds the number of requests to what max_retries and the one renewal allow.
func (c *chaos) checkRequests() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for about, count := range c.asked {
		path, appid, _ := strings.Cut(about, " ")
		questions := 1
		switch path {
		case pathOpenGet:
			if c.keepsFiles() && c.renewing[appid] || c.rejected[appid] > 0 {
				questions = 2
			}
			// Both tokens share the retries.
			if most := chaosRetries + questions; count > most {
				c.t.Errorf("seed %d: %s was asked about %s %d times, want at most %d", c.seed, path, appid, count, most)
			}
		case "/token":
			// One question for each data source that may want another token, and each with its retries.
			if most := 4 * (1 + chaosRetries); count > most {
				c.t.Errorf("seed %d: the token service was asked for %s %d times, want at most %d", c.seed, appid, count, most)
			}
		}
	}
}

// piecesJoined takes out what [inPieces] puts in.
var piecesJoined = strings.NewReplacer(" - ", "", "<b>", "", "</b>", "")

// checkSecrets looks for any piece of any token, in whatever was said and logged.
func (c *chaos) checkSecrets(said string) {
	const from, length = 20, 12
	pieces := map[string]bool{}
	for _, token := range c.issued {
		pieces[token[from:from+length]] = true
	}
	for _, appid := range slices.Concat(c.fleet, c.singles) {
		pieces[c.wechat.RefreshToken(appid)[from:from+length]] = true
	}
	if len(said) < 1000 || len(pieces) < len(c.singles) {
		c.t.Errorf("seed %d: %d bytes were searched for %d secrets: this tests little", c.seed, len(said), len(pieces))
	}
	if strings.Contains(piecesJoined.Replace(said), chaosKey) {
		c.t.Errorf("seed %d: the key of the token service is shown, if in pieces", c.seed)
	}
	for at := 0; at+length <= len(said); at++ {
		if pieces[said[at:at+length]] {
			c.t.Errorf("seed %d: a secret is shown in %q", c.seed, said[max(0, at-200):at])
			return
		}
	}
}

func (c *chaos) toldOf(path, appid string) map[string]any {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.told[path+" "+appid]
}

// counts writes numbers by name, the largest first.
func counts(of map[string]int) string {
	names := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		if of[a] != of[b] {
			return of[b] - of[a]
		}
		return strings.Compare(a, b)
	})
	written := make([]string, 0, len(names))
	for _, name := range names {
		written = append(written, fmt.Sprintf("%d %s", of[name], name))
	}
	return strings.Join(written, ", ")
}
