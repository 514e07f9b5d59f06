package facts

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Outcome is what came of asking whether a fact is so.
type Outcome string

// The outcomes. A question is confirmed by any answer.
const (
	Confirmed Outcome = "confirmed"
	Differs   Outcome = "differs"
	NotAsked  Outcome = "not_asked"
)

// Result is what came of one fact. Came holds nothing but what an [Answer] holds, or why it was not asked.
type Result struct {
	ID      string  `json:"id"`
	Outcome Outcome `json:"outcome"`
	Came    string  `json:"came"`
}

// Credential is an account, or a component, and an access token of it.
type Credential struct{ AppID, Token string }

// Reading is what the provider itself made of the first account. Failed says that it ended with an error.
type Reading struct {
	Failed, Bound bool
	OpenAppID     string
}

// Config says whom to ask, and with what.
type Config struct {
	BaseURL     *url.URL // nil: WeChat's own hosts
	Roots       *x509.CertPool
	Proxy       func(*http.Request) (*url.URL, error)
	Credentials [3]Credential // by Holder; the zero value is none
	// Provider reads the first account through an engine. Its error says in words to show why there was no reading.
	Provider func(context.Context) (Reading, error)
	Report   func(Fact, Result) // is told of each result; may be nil
	Pause    time.Duration      // before a request is repeated, once, because there was no answer
}

// Report is what a run found.
type Report struct {
	Results  []Result
	Problems []string // why part of it could not be run: each concerns a credential that is of no use
	Calls    int
	Took     time.Duration
	Ended    bool // not interrupted

	verification *verification
}

// Count is how many facts had an outcome.
func (r *Report) Count(outcome Outcome) (count int) {
	for _, result := range r.Results {
		if result.Outcome == outcome {
			count++
		}
	}
	return count
}

type verification struct {
	Config
	ctx       context.Context // the run's own
	client    *client
	names     *aliases
	exchanges []*exchange // in the order in which they were asked
	known     map[request]*exchange
	calls     int
	nobody    string                 // why there is no WeChat to ask
	trouble   [len(Variables)]string // why a credential is of no use
}

// Verify asks what can be asked, and settles each fact. When the context ends, what was learned until then is kept.
func Verify(ctx context.Context, c Config) *Report {
	v := &verification{Config: c, ctx: ctx, client: newClient(c), names: new(aliases), known: map[request]*exchange{}}
	defer v.client.transport.CloseIdleConnections()
	for _, credential := range c.Credentials {
		if credential.AppID != "" {
			v.names.of(credential.AppID)
		}
	}
	started := time.Now()
	if v.findWeChat(); v.nobody == "" {
		v.checkAccount(First)
		v.checkAccount(Second)
		v.checkComponent()
	}
	report := &Report{verification: v}
	for _, fact := range Facts {
		verdict := v.settle(fact)
		result := Result{fact.ID, verdict.outcome, verdict.came}
		report.Results = append(report.Results, result)
		if c.Report != nil {
			c.Report(fact, result)
		}
	}
	report.Problems = slices.DeleteFunc(v.trouble[:], func(problem string) bool { return problem == "" })
	report.Calls, report.Took, report.Ended = v.calls, time.Since(started), ctx.Err() == nil
	return report
}

// settle decides about one fact. Requests that cannot be asked are left out; where none is left, the first says why.
func (v *verification) settle(fact Fact) verdict {
	if v.nobody != "" {
		return notAsked(v.nobody)
	}
	var got []*exchange
	var obstacle string
	for _, r := range fact.Ask {
		problem := v.obstacle(r)
		if problem == "" {
			e := v.exchange(r)
			if problem = e.tellsNothing(); problem == "" {
				got = append(got, e)
			}
		}
		if obstacle == "" {
			obstacle = problem
		}
	}
	if len(fact.Ask) > 0 && len(got) == 0 {
		return notAsked(obstacle)
	}
	return fact.Expect(v, got)
}

// tellsNothing says why an exchange tells nothing of WeChat: there was no answer, a quota is used up, or the
// caller's address is not on a list.
func (e *exchange) tellsNothing() string {
	if e.failure != "" && !e.cut {
		return e.failure
	}
	if e.isOne(45009, 45011, 61004, 40164) {
		return "WeChat answers " + e.came()
	}
	return ""
}

// obstacle says why a request cannot be asked; "" where it can.
func (v *verification) obstacle(r request) string {
	r = v.resolved(r)
	if missing := v.missing(r); missing != "" {
		return missing
	}
	for _, holder := range r.needs() {
		if v.trouble[holder] != "" {
			return v.trouble[holder]
		}
	}
	if strings.Contains(v.filled(r.body), "$listed") {
		return "no further authorizer is listed"
	}
	return ""
}

// exchange asks, unless that was asked before. What gets no answer, or WeChat's -1 or a gateway's page, is asked
// once more.
func (v *verification) exchange(r request) *exchange {
	r = v.resolved(r)
	if e := v.known[r]; e != nil {
		return e
	}
	e := &exchange{request: r, failure: interrupted}
	body := v.filled(r.body)
	for attempt := 0; attempt < 2 && v.ctx.Err() == nil; attempt++ {
		if v.calls == maxCalls && attempt == 0 {
			e.failure = fmt.Sprintf("the %d calls of a run are used up", maxCalls)
		}
		if v.calls == maxCalls {
			break
		}
		if attempt > 0 {
			select {
			case <-v.ctx.Done():
			case <-time.After(v.Pause):
			}
		}
		v.calls++
		e = v.client.send(v.ctx, r, v.token(r.token), body, v.names)
		if e.failure == "" && e.answer.Status < 500 && !e.is(-1) {
			break
		}
	}
	v.known[r] = e
	v.exchanges = append(v.exchanges, e)
	return e
}

func (v *verification) token(t token) string {
	switch t {
	case none:
		return ""
	case invented:
		return inventedToken
	case truncated:
		whole := v.Credentials[First].Token
		return whole[:len(whole)/2]
	default:
		return v.Credentials[t].Token
	}
}

// filled puts appids into a body. One of an authorizer that does not exist is left as it is.
func (v *verification) filled(body string) string {
	for holder, credential := range v.Credentials {
		body = strings.ReplaceAll(body, fmt.Sprintf("$%d", holder), credential.AppID)
	}
	body = strings.ReplaceAll(body, "$invented", inventedAppID)
	if strings.Contains(body, "$listed") {
		for i, appid := range v.listed() {
			if place := fmt.Sprintf("$listed%d", i); strings.Contains(body, place) {
				body = strings.ReplaceAll(body, place, appid)
				v.names.of(appid) // a record is to call it by another name, whatever is answered
			}
		}
	}
	return body
}

// listed are the authorizers that are asked about: the two accounts where the component has them, then others.
func (v *verification) listed() []string {
	all := authorizers(v.exchange(listing(0, 500)))
	slices.SortStableFunc(all, func(a, b string) int { return v.rank(a) - v.rank(b) })
	return all[:min(len(all), maxInfos)]
}

func (v *verification) rank(appid string) int {
	i := slices.IndexFunc(v.Credentials[:], func(c Credential) bool { return c.AppID == appid })
	return (i + len(v.Credentials) + 1) % (len(v.Credentials) + 1) // 0, 1, 2; and 3 for others
}

// findWeChat sees whether WeChat answers at all. Only where neither of two answers has an errcode it does not.
func (v *verification) findWeChat() {
	for _, e := range []*exchange{v.exchange(ask(openGet)), v.exchange(ask(openGet).with(invented))} {
		switch {
		case e.answer.Errcode != nil:
			v.nobody = ""
			return
		case e.failure != "":
			v.nobody = e.failure
		default:
			v.nobody = "what answers is not WeChat"
		}
	}
}
