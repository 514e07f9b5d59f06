package simulator

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

const (
	maxRecord       = 10_000 // requests that are kept
	maxRecordedText = 64     // of a path segment, a member's name and its value, in bytes; access tokens are longer
)

// Request is one recorded request. It holds no token, secret or ticket.
type Request struct {
	Time      time.Time      `json:"time"` // of its arrival
	Method    string         `json:"method"`
	Path      string         `json:"path"`
	Parameter string         `json:"parameter"`       // the query name that carried the token, "" for none
	Token     string         `json:"token"`           // wx1000000000000001#2, component#1, unknown, or ""
	AppID     string         `json:"appid"`           // appid or authorizer_appid of the body
	Body      map[string]any `json:"body,omitempty"`  // members of the JSON body, all but harmless ones blanked
	Status    int            `json:"status"`          // of the HTTP answer; 0: none yet, or cut without one
	Errcode   int            `json:"errcode"`         // of the answer
	Fault     FaultKind      `json:"fault,omitempty"` // the fault that was taken, "" for none
}

// record keeps the last requests, and exact counts for the endpoints and accounts that exist.
type record struct {
	requests []*Request
	total    int
	byPath   map[string]int
	byAppID  map[[2]string]int // path and appid
}

// add records a request that just came in. The caller holds the lock.
func (r *record) add(c *call, now time.Time) {
	s := c.simulator
	entry := &Request{
		Time: now, Method: s.harmless(c.method), Path: c.path, Parameter: c.parameter,
		AppID: s.harmless(c.asked), Body: s.blank(c.body),
	}
	if !c.known {
		entry.Path = s.harmlessPath(c.path)
	}
	switch {
	case c.token != nil:
		entry.Token = c.token.label()
	case c.parameter != "":
		entry.Token = "unknown"
	}
	if len(r.requests) == maxRecord {
		r.requests = r.requests[1:]
	}
	r.requests = append(r.requests, entry)

	if r.byPath == nil {
		r.byPath, r.byAppID = map[string]int{}, map[[2]string]int{}
	}
	r.total++
	if c.known {
		r.byPath[c.path]++
		for _, appid := range c.concerns {
			r.byAppID[[2]string{c.path, appid}]++
		}
	}
	c.entry = entry
}

const blanked = "***"

// plainMembers are those whose values are no secrets.
var plainMembers = []string{"appid", "authorizer_appid", "component_appid", "open_appid", "offset", "count"}

// blank keeps the values of harmless members only.
func (s *Simulator) blank(body fields) map[string]any {
	if body == nil {
		return nil
	}
	kept := make(map[string]any, len(body))
	for name, raw := range body {
		var value any = blanked
		if slices.Contains(plainMembers, name) {
			switch text, number := "", 0; {
			case json.Unmarshal(raw, &text) == nil:
				value = s.harmless(text)
			case json.Unmarshal(raw, &number) == nil:
				value = number
			}
		}
		kept[s.harmless(name)] = value
	}
	return kept
}

// harmless blanks a text that is, or by its shape could be, a credential that was put where it does not belong, or that
// holds one.
func (s *Simulator) harmless(text string) string {
	if len(text) > maxRecordedText || s.tokens[text] != nil || strings.Contains(text, s.secret) ||
		strings.Contains(text, "@@@") {
		return blanked
	}
	return text
}

// harmlessPath is for paths of no endpoint: a caller's mistake may have put anything into them.
func (s *Simulator) harmlessPath(path string) string {
	segments := strings.Split(path, "/")
	segments = segments[:min(len(segments), 10)]
	for i, segment := range segments {
		segments[i] = s.harmless(segment)
	}
	return strings.Join(segments, "/")
}

// Requests returns the last requests, at most 10,000, in the order in which they came.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := make([]Request, 0, len(s.record.requests))
	for _, entry := range s.record.requests {
		requests = append(requests, *entry)
	}
	return requests
}

// Count returns how often an endpoint was called since the start or ResetRecord; "" counts requests to any path.
func (s *Simulator) Count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if path == "" {
		return s.record.total
	}
	return s.record.byPath[path]
}

// CountFor is Count of the calls that concern one account: those with a token of it, and those that ask for it.
func (s *Simulator) CountFor(path, appid string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record.byAppID[[2]string{path, appid}]
}

// ResetRecord forgets all requests and counts.
func (s *Simulator) ResetRecord() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record = record{}
}
