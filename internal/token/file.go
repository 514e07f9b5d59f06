package token

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"terraform.local/wechat/terraform-provider-wechat/internal/wire"
)

// fileLimit bounds how much of a file is read, in bytes.
const fileLimit = longest + 4

// File returns the source that reads a token from a file, whose path may hold {appid}.
func File(setting, path string) Source {
	description := Description{Setting: setting, PerAppID: HasPlaceholder(path)}
	return source{description, func(_ context.Context, request Request) (Token, error) {
		path, err := expand(path, request.AppID)
		if err != nil {
			return Token{}, err
		}
		content, err := readFile(path, fileLimit)
		if err != nil {
			return Token{}, err
		}
		return parseAlone(string(content), &Error{Reason: InvalidFile, Name: path})
	}}
}

// BatchFile returns the source that reads an object from appid to token from a file.
func BatchFile(setting, path string) Source {
	description := Description{Setting: setting, PerAppID: true, Batch: true}
	return source{description, func(context.Context, Request) (Token, error) {
		content, err := readFile(path, batchLimit)
		if err != nil {
			return Token{}, err
		}
		batch, repeated := wire.JSONMembers(bytes.TrimPrefix(content, []byte(byteOrderMark)))
		switch _, isWrapped := batch["access_tokens"]; { // as a program's output has it
		case batch == nil, isWrapped:
			return Token{}, &Error{Reason: FileNoBatch, Name: path}
		case repeated != nil:
			return Token{}, &Error{Reason: FileRepeatedAppID, Name: path}
		}
		return Token{Batch: batch}, nil
	}}
}

func readFile(path string, limit int64) ([]byte, error) {
	content, err := wire.ReadFile(path, limit)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Reason: FileNotFound, Name: path}
	case err != nil:
		return nil, &Error{Reason: FileUnreadable, Name: path, Detail: err.Error()}
	}
	return content, nil
}
