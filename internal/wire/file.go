package wire

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ReadFile reads a plain file of at most limit bytes. Anything else, a pipe or a device for instance, could block or
// go on for ever. Its errors do not repeat the path.
func ReadFile(path string, limit int64) ([]byte, error) {
	// Opening a pipe would wait for a writer. What was opened is looked at, for a path may lead elsewhere a moment
	// later.
	opened, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer func() { _ = opened.Close() }()
	info, err := opened.Stat()
	switch {
	case err != nil:
		return nil, withoutPath(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no plain file")
	case info.Size() > limit:
		return nil, fmt.Errorf("it is larger than %d bytes", limit)
	}
	read, err := io.ReadAll(io.LimitReader(opened, limit))
	return read, withoutPath(err)
}

func withoutPath(err error) error {
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
}
