package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/engine"
)

// result is what came of the tests on one engine. A test with subtests counts only as those, unless it failed by itself.
type result struct {
	engine  string
	passed  int
	failed  []test
	skipped []test
	took    time.Duration
}

// test is a test and what it said: its output where it failed, the reason where it was skipped.
type test struct{ name, said string }

// event is a line of `go test -json`: go doc test2json, and go help buildjson.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build output, in place of Package
	Test        string // empty where the event is the package's
	Output      string
	Elapsed     float64 // in seconds
	FailedBuild string
}

// goTest runs go test in a directory. It writes a line for each package that has ended.
func goTest(ctx context.Context, dir string, environ, args []string, out io.Writer) result {
	cmd := engine.Command(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Dir, cmd.Env = dir, environ
	printed, err := cmd.StdoutPipe()
	if err != nil {
		return result{failed: []test{{"go test", err.Error() + "\n"}}}
	}
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		return result{failed: []test{{"go test", err.Error() + "\n"}}}
	}
	tests := read(printed, out)
	err = cmd.Wait()
	if ctx.Err() != nil {
		engine.KillGroup(cmd)
		err = fmt.Errorf("ended after %s: %w", limit, ctx.Err())
	}
	r := tests.result()
	switch {
	case ctx.Err() != nil, err != nil && len(r.failed) == 0:
		r.failed = append(r.failed, test{"go test", tests.stray.String() + err.Error() + "\n"})
	case r.passed+len(r.failed)+len(r.skipped) == 0:
		r.failed = append(r.failed, test{"go test", tests.stray.String() + "it ran no test\n"})
	}
	return r
}

// key is a test's, or a package's where there is no test.
type key struct{ pkg, test string }

// record is all that a run of go test said.
type record struct {
	order  []key
	action map[key]string // its last one
	output map[key]*strings.Builder
	failed map[string]string // the build that failed, by package
	stray  strings.Builder   // lines that are no events
}

func read(printed io.Reader, out io.Writer) *record {
	r := &record{action: map[key]string{}, output: map[key]*strings.Builder{}, failed: map[string]string{}}
	lines := bufio.NewReader(printed)
	for {
		line, err := lines.ReadString('\n')
		var e event
		if json.Unmarshal([]byte(line), &e) == nil {
			r.add(e)
			if e.Test == "" && (e.Action == "pass" || e.Action == "fail") {
				fmt.Fprintf(out, "%s\t%s\t%.0fs\n", e.Action, e.Package, e.Elapsed)
			}
		} else {
			r.stray.WriteString(line)
		}
		if err != nil { // the pipe's end, or what Wait will tell of
			return r
		}
	}
}

func (r *record) add(e event) {
	if e.Package == "" {
		e.Package = e.ImportPath
	}
	k := key{e.Package, e.Test}
	if r.output[k] == nil {
		r.order, r.output[k] = append(r.order, k), &strings.Builder{}
	}
	switch e.Action {
	case "output", "build-output":
		_, _ = r.output[k].WriteString(e.Output)
	default:
		r.action[k] = e.Action
	}
	if e.FailedBuild != "" {
		r.failed[e.Package] = e.FailedBuild
	}
}

func (r *record) result() result {
	parents, blamed := map[key]bool{}, map[key]bool{} // blamed has a test in it that failed
	for _, k := range r.order {
		for _, above := range above(k) {
			parents[above] = true
			blamed[above] = blamed[above] || !r.ended(k)
		}
	}
	var sum result
	for _, k := range r.order {
		name := path.Base(k.pkg)
		if k.test != "" {
			name += "." + k.test
		}
		switch {
		case strings.HasPrefix(r.action[k], "build-"): // its package's end says so too
		case !r.ended(k) && !blamed[k]:
			said := r.output[k].String()
			if build := r.output[key{r.failed[k.pkg], ""}]; k.test == "" && build != nil {
				said = build.String() + said
			}
			if r.action[k] != "fail" {
				said += "it did not end\n"
			}
			sum.failed = append(sum.failed, test{name, said})
		case parents[k] || k.test == "":
		case r.action[k] == "skip":
			sum.skipped = append(sum.skipped, test{name, reason(r.output[k].String())})
		case r.action[k] == "pass":
			sum.passed++
		}
	}
	return sum
}

// ended says whether a test or a package ended well.
func (r *record) ended(k key) bool { return r.action[k] == "pass" || r.action[k] == "skip" }

// above lists what a test is a part of: the tests above it and its package.
func above(k key) []key {
	if k.test == "" {
		return nil
	}
	all := []key{{k.pkg, ""}}
	for i, c := range k.test {
		if c == '/' {
			all = append(all, key{k.pkg, k.test[:i]})
		}
	}
	return all
}

// framing is what go test adds to the words of a test.
var framing = regexp.MustCompile(`(?m)^(\s*(===|---) .*\n?|\s*\S+\.go:\d+: )`)

// reason is what a test said for being skipped.
func reason(output string) string {
	said := strings.Join(strings.Fields(framing.ReplaceAllString(output, "")), " ")
	if said == "" {
		return "no reason is given"
	}
	return said
}
