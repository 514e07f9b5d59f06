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
	content, err := readFile(path, fileLimit)
	if err != nil {
		return Token{}, err
	}
	return alone(string(content), &Error{Reason: InvalidFile, Name: path})
}

// batchFile is the tokens of all accounts that another program keeps in a JSON file.
type batchFile struct {
	Description
	path string
}

// BatchFile returns the source that reads an object from appid to token from a file.
func BatchFile(setting, path string) Source {
	return &batchFile{Description{Setting: setting, PerAppID: true, Batch: true}, path}
}

// Fetch implements [Source].
func (b *batchFile) Fetch(context.Context, Request) (Token, error) {
	content, err := readFile(b.path, batchLimit)
	if err != nil {
		return Token{}, err
	}
	batch, err := readBatch(bytes.TrimPrefix(content, []byte(byteOrderMark)))
	if _, isWrapped := batch["access_tokens"]; isWrapped { // as a program's output has it
		return Token{}, &Error{Reason: FileNoBatch, Name: b.path}
	}
	if failed, isError := errors.AsType[*Error](err); isError {
		reason := FileNoBatch
		if failed.Reason == RepeatedName {
			reason = FileRepeatedAppID
		}
		return Token{}, &Error{Reason: reason, Name: b.path}
	}
	return Token{Batch: batch}, nil
}

func readFile(path string, limit int64) ([]byte, error) {
	content, err := wire.ReadFile(path, limit)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{Reason: FileNotFound, Name: path}
	case errors.Is(err, fs.ErrPermission):
		return nil, &Error{Reason: FileForbidden, Name: path}
	case err != nil:
		return nil, &Error{Reason: FileUnreadable, Name: path, Detail: err.Error()}
	}
	return content, nil
}
