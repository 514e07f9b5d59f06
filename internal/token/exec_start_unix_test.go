//go:build unix

package token

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestExecSaysWhyAProgramCannotBeRun has programs that are there, and that the system does not run: it says of most
// that there is no such file.
func TestExecSaysWhyAProgramCannotBeRun(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	t.Setenv("PATH", "."+string(os.PathListSeparator)+os.Getenv("PATH"))
	for name, test := range map[string]struct {
		content, command string
		want             Reason
	}{
		"windows.sh":     {"#!/bin/sh\r\necho 61_one\r\n", "./windows.sh", CommandLineBreaks},
		"interpreter.sh": {"#!/no/such/shell\necho 61_one\n", "./interpreter.sh", CommandNoLoader},
		"plain.sh":       {"echo 61_one\n", filepath.Join(folder, "plain.sh"), CommandFormat},
		"marked.sh":      {"\ufeff#!/bin/sh\necho 61_one\n", "./marked.sh", CommandFormat},
		"found-here":     {"#!/bin/sh\necho 61_one\n", "found-here", CommandInFolder},
	} {
		if err := os.WriteFile(name, []byte(test.content), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := Exec(Description{Setting: "exec", PerAppID: true}, ExecConfig{Command: test.command, Timeout: time.Minute}).Fetch(t.Context(), Request{AppID: appid})
		var failed *Error
		if !errors.As(err, &failed) || failed.Reason != test.want || failed.Name != test.command || !failed.Shared {
			t.Errorf("%s: got %#v, want %q", name, err, test.want)
		}
	}
	// A PATH of the program's own is not where it is looked for.
	env := map[string]string{"PATH": folder}
	if err := os.Rename("found-here", "only-here"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "/usr/bin")
	_, err := Exec(Description{Setting: "exec", PerAppID: true}, ExecConfig{Command: "only-here", Env: env, Timeout: time.Minute}).Fetch(t.Context(), Request{AppID: appid})
	var failed *Error
	if !errors.As(err, &failed) || failed.Reason != CommandNotFound {
		t.Errorf("got %v, want %q", err, CommandNotFound)
	}
}

func TestNotStartedByTheSystem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err    syscall.Errno
		want   Reason
		detail string
	}{
		{syscall.EMFILE, CommandNoFiles, ""},
		{syscall.ENFILE, CommandNoFiles, ""},
		{syscall.E2BIG, CommandNotStarted, syscall.E2BIG.Error()},
	} {
		got := notStarted(&fs.PathError{Op: "fork/exec", Path: "/x", Err: test.err}, exec.CommandContext(t.Context(), "/x"))
		if got.Reason != test.want || got.Detail != test.detail {
			t.Errorf("%v: got %q, %q, want %q", test.err, got.Reason, got.Detail, test.want)
		}
	}
}
