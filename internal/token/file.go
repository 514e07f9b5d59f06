package token

import (
	"context"
	"errors"
	"io/fs"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// fileLimit bounds how much of a file is read, in bytes.
const fileLimit = longest + 4

// file is a token that another program keeps in a file.
type file struct {
	Description
	template string
}

// File returns the source that reads a token from a file, whose path may hold {appid}.
func File(setting, path string) Source {
	return &file{Description{Setting: setting, PerAppID: HasPlaceholder(path)}, path}
}

// Fetch implements [Source].
func (f *file) Fetch(_ context.Context, request Request) (Token, error) {
	path, err := expand(f.template, request.AppID)
	if err != nil {
		return Token{}, err
	}
	content, err := wire.ReadFile(path, fileLimit)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Token{}, &Error{Reason: FileNotFound, Name: path}
	case errors.Is(err, fs.ErrPermission):
		return Token{}, &Error{Reason: FileForbidden, Name: path}
	case err != nil:
		return Token{}, &Error{Reason: FileUnreadable, Name: path, Detail: err.Error()}
	}
	return alone(string(content), &Error{Reason: InvalidFile, Name: path})
}
