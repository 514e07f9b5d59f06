package simulator

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// FaultKind is a way in which WeChat, or what stands before it, fails.
type FaultKind string

// The kinds of fault.
const (
	FaultSystemBusy  FaultKind = "system_busy"  // errcode -1
	FaultDailyQuota  FaultKind = "quota_day"    // errcode 45009
	FaultMinuteQuota FaultKind = "quota_minute" // errcode 45011
	FaultCallerIP    FaultKind = "caller_ip"    // errcode 61004 with the caller's address, after the token was checked
	FaultErrcode     FaultKind = "errcode"      // errcode and errmsg of the Fault
	FaultHTML502     FaultKind = "html_502"     // status 502 with a page of a gateway
	FaultHTML503     FaultKind = "html_503"     // status 503 with a page of a gateway
	FaultHTML200     FaultKind = "html_200"     // status 200 with the login page of a network
	FaultEmpty       FaultKind = "empty"        // status 200, no body: github.com/Eric-Guo/wechat/pull/184
	FaultTruncated   FaultKind = "truncated"    // the call takes effect, then the connection is cut within its answer
	FaultCut         FaultKind = "cut"          // the connection is cut without an answer
	FaultSlow        FaultKind = "slow"         // the true answer, after Delay
)

// Fault is a failure to simulate. It comes before all checks, except where its kind says otherwise. Of several faults
// that fit a request, the one injected first is taken.
type Fault struct {
	Path    string        // of the endpoint; "": every one
	AppID   string        // the account of the token, or asked for in the body; "": every one
	Count   int           // requests to fail; 0: all, until the faults are cleared
	Kind    FaultKind     // what goes wrong
	Delay   time.Duration // before the fault, in real time; ends early when the request is given up
	Code    int           // for FaultErrcode
	Message string        // for FaultErrcode; "": WeChat's text for Code. A rid is added unless it contains " rid:"
}

// faultDocument is a Fault in JSON, with the delay as a Go duration string.
type faultDocument struct {
	Path    string    `json:"path,omitempty"`
	AppID   string    `json:"appid,omitempty"`
	Count   int       `json:"count,omitempty"`
	Kind    FaultKind `json:"kind"`
	Delay   delayText `json:"delay,omitempty"`
	Code    int       `json:"errcode,omitempty"`
	Message string    `json:"errmsg,omitempty"`
}

// delayText is a duration in JSON.
type delayText string

// UnmarshalJSON says what is wanted where a number was given.
func (d *delayText) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, (*string)(d)); err != nil {
		return errDelay
	}
	return nil
}

var errDelay = errors.New(`delay must be a text such as "20s"`)

func (d faultDocument) fault() (Fault, error) {
	f := Fault{Path: d.Path, AppID: d.AppID, Count: d.Count, Kind: d.Kind, Code: d.Code, Message: d.Message}
	if d.Delay == "" {
		return f, nil
	}
	delay, err := time.ParseDuration(string(d.Delay))
	if err != nil {
		return f, errDelay
	}
	f.Delay = delay
	return f, nil
}

// MarshalJSON writes the form that the admin API takes.
func (f Fault) MarshalJSON() ([]byte, error) {
	d := faultDocument{Path: f.Path, AppID: f.AppID, Count: f.Count, Kind: f.Kind, Code: f.Code, Message: f.Message}
	if f.Delay != 0 {
		d.Delay = delayText(f.Delay.String())
	}
	return json.Marshal(d)
}

// Inject switches a fault on. An unknown path, appid or kind, a negative number, a slow fault without a Delay and an
// errcode fault without a Code are errors.
func (s *Simulator) Inject(f Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, knownPath := endpoints[f.Path]
	switch {
	case !slices.Contains(faultKinds, f.Kind):
		return fmt.Errorf("unknown kind of fault %q: one of %q", f.Kind, faultKinds)
	case f.Path != "" && !knownPath:
		return fmt.Errorf("no endpoint has the path %q", f.Path)
	case f.AppID != "" && s.accounts[f.AppID] == nil:
		return fmt.Errorf("unknown appid %q", f.AppID)
	case f.Count < 0 || f.Delay < 0:
		return fmt.Errorf("count and delay of a fault are not negative")
	case f.Kind == FaultCallerIP && f.Delay != 0:
		return fmt.Errorf("a %s fault takes no delay", f.Kind)
	case f.Kind == FaultSlow && f.Delay == 0:
		return fmt.Errorf("a %s fault needs a delay", f.Kind)
	case (f.Kind == FaultErrcode) != (f.Code != 0), f.Message != "" && f.Code == 0:
		return fmt.Errorf("an errcode belongs to a fault of kind %s, and to no other", FaultErrcode)
	}
	s.faults = append(s.faults, &f)
	return nil
}

var faultKinds = []FaultKind{
	FaultSystemBusy, FaultDailyQuota, FaultMinuteQuota, FaultCallerIP, FaultErrcode,
	FaultHTML502, FaultHTML503, FaultHTML200,
	FaultEmpty, FaultTruncated, FaultCut, FaultSlow,
}

// Faults returns the faults still switched on, with what is left of their counts.
func (s *Simulator) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	faults := make([]Fault, 0, len(s.faults))
	for _, f := range s.faults {
		faults = append(faults, *f)
	}
	return faults
}

// ClearFaults switches all faults off.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// takeFault finds the fault for a call, counts it down and records it. The caller holds the lock.
func (s *Simulator) takeFault(c *call, wanted func(FaultKind) bool) *Fault {
	for i, f := range s.faults {
		if !wanted(f.Kind) || f.Path != "" && f.Path != c.path || f.AppID != "" &&
			!slices.Contains(c.concerns, f.AppID) {
			continue
		}
		taken := *f
		if f.Count == 1 {
			s.faults = slices.Delete(s.faults, i, i+1)
		} else if f.Count > 1 {
			f.Count--
		}
		c.entry.Fault = taken.Kind
		return &taken
	}
	return nil
}

// wait lets the delay pass; false says that the request was given up meanwhile.
func (f *Fault) wait(ctx context.Context) bool {
	if f.Delay == 0 {
		return true
	}
	select {
	case <-time.After(f.Delay):
		return true
	case <-ctx.Done():
		return false
	}
}

const (
	gatewayPage = "<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n" +
		"<center><h1>%[1]s</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
	loginPage = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head><body><form " +
		"method=\"post\"><input name=\"user\"></form></body></html>\n"
)

// faultyReply is the answer of a fault that takes the place of the call.
func (s *Simulator) faultyReply(c *call, f *Fault) reply {
	switch f.Kind {
	case FaultSystemBusy:
		return s.refusal(c, refuse(codeSystemError))
	case FaultDailyQuota:
		return s.refusal(c, refuse(codeDailyQuota))
	case FaultMinuteQuota:
		return s.refusal(c, refuse(codeMinuteQuota))
	case FaultErrcode:
		return s.refusal(c, &refusal{f.Code, cmp.Or(f.Message, errmsgs[f.Code])})
	case FaultHTML502:
		return htmlReply(502, fmt.Sprintf(gatewayPage, "502 Bad Gateway"))
	case FaultHTML503:
		return htmlReply(503, fmt.Sprintf(gatewayPage, "503 Service Temporarily Unavailable"))
	case FaultHTML200:
		return htmlReply(200, loginPage)
	case FaultEmpty:
		return reply{status: 200, contentType: "text/html; charset=gbk"}
	default: // FaultCut
		return reply{}
	}
}
