package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"terraform.local/wechat/terraform-provider-wechat/internal/simulator"
)

// updateInterval is shorter than the minute before its end in which the simulator replaces a token, so the files never
// hold one that has ended.
const updateInterval = 20 * time.Second

// tokenFiles keeps one file per account with its latest access token.
type tokenFiles struct {
	simulator *simulator.Simulator
	directory string
	temporary bool              // the directory goes with the files
	written   map[string]string // path: token
}

// newTokenFiles takes or makes the directory; "" makes a temporary one.
func newTokenFiles(directory string, s *simulator.Simulator) (*tokenFiles, error) {
	f := &tokenFiles{simulator: s, directory: directory, written: map[string]string{}}
	if directory == "" {
		made, err := os.MkdirTemp("", "wechat-simulator-")
		f.directory, f.temporary = made, true
		return f, err
	}
	absolute, err := filepath.Abs(directory)
	if err != nil {
		return nil, err
	}
	f.directory = absolute
	return f, os.MkdirAll(absolute, 0o700)
}

// update writes the files whose token is not the latest any more.
func (f *tokenFiles) update() error {
	for _, a := range f.simulator.World().Accounts {
		path := filepath.Join(f.directory, a.AppID)
		token := f.simulator.Token(a.AppID)
		if f.written[path] == token {
			continue
		}
		if err := replaceFile(path, token); err != nil {
			return err
		}
		f.written[path] = token
	}
	return nil
}

// replaceFile puts a whole new file in place of the old one, so that a reader never sees half of it.
func replaceFile(path, content string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".token-") // mode 0600
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, content+"\n")
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// keepFresh updates the files until the context ends.
func (f *tokenFiles) keepFresh(ctx context.Context, stderr io.Writer) {
	ticker := time.NewTicker(updateInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := f.update(); err != nil {
				_, _ = fmt.Fprintf(stderr, "wechat-simulator: token files are not up to date: %v\n", err)
			}
		}
	}
}

// remove deletes what was written, and the directory if it is a temporary one.
func (f *tokenFiles) remove() error {
	if f.temporary {
		return os.RemoveAll(f.directory)
	}
	var err error
	for path := range f.written {
		if failed := os.Remove(path); !errors.Is(failed, fs.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	return err
}
