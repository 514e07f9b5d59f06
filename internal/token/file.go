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
const fileLimit = longest + 4

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
	named := fmt.Sprintf("the file %q", path)
	if CouldBe(path) {
		named = "the file that it names"
	}
	written, err := wire.ReadFile(path, fileLimit)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(path, "~"):
		return fail(named+" does not exist",
			`A leading "~" is not replaced here: write pathexpand("~/…").`)
	case errors.Is(err, fs.ErrNotExist):
		return fail(named+" does not exist",
			"Check the appid, and that the setting holds a path and not a token (a relative one starts at the working directory, and the appid's place is written {appid}); "+
				"and that whatever writes the file has run.")
	case errors.Is(err, fs.ErrPermission):
		return fail(named+" may not be read by this user", "Give the user that runs the plan the right to read it.")
	case err != nil:
		return fail(fmt.Sprintf("%s could not be read: %s", named, err), "Check that the path names a plain file.")
	}
	value, err := Clean(string(written))
	if err != nil {
		return fail(named+" "+err.Error(), "It must hold the whole access token and nothing else.")
	}
	return Token{Value: value}, nil
}
