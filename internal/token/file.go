package token

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// fileLimit bounds how much of a file is read, in bytes.
const fileLimit = longest + 2

// file is a token that another program keeps in a file.
type file struct {
	description Description
	template    string
}

// File returns the source that reads a token from a file, whose path may hold {appid}.
func File(setting, path string) Source {
	return &file{Description{Setting: setting, PerAppID: HasPlaceholder(path)}, path}
}

func (f *file) Describe() Description { return f.description }

func (f *file) Fetch(_ context.Context, request Request) (Token, error) {
	fail := func(problem, advice string) (Token, error) {
		return Token{}, &Error{Source: f.description, AppID: request.AppID, Problem: problem, Advice: advice}
	}
	path, err := expand(f.template, request.AppID)
	if err != nil {
		return fail(err.Error(), "Correct the appid.")
	}
	written, err := wire.ReadFile(path, fileLimit)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(path, "~"):
		return fail(fmt.Sprintf("the file %q does not exist", path),
			`A leading "~" is not replaced here: write pathexpand("~/…").`)
	case errors.Is(err, fs.ErrNotExist):
		return fail(fmt.Sprintf("the file %q does not exist", path),
			"Check the path (a relative one starts at the working directory) and that whatever writes the file has run.")
	case errors.Is(err, fs.ErrPermission):
		return fail(fmt.Sprintf("the file %q may not be read by this user", path), "Give the user that runs the plan the right to read it.")
	case err != nil:
		return fail(fmt.Sprintf("the file %q could not be read: %s", path, err), "Check that the path names a plain file.")
	}
	value, problem := clean(string(written))
	if problem != "" {
		return fail(fmt.Sprintf("the file %q %s", path, problem), "It must hold the whole access token and nothing else.")
	}
	return Token{Value: value}, nil
}
