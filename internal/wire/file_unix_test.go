//go:build unix

package wire

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestReadFileNeverWaits reads a path that is a pipe, to which nobody writes, and one that is a pipe every other
// moment.
func TestReadFileNeverWaits(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	pipe, file, path := filepath.Join(folder, "pipe"), filepath.Join(folder, "file"), filepath.Join(folder, "path")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("61_one"), 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if read, err := ReadFile(pipe, 10); err == nil || err.Error() != "it is no plain file" {
			t.Errorf("got %q, %v of a pipe", read, err)
		}
		for files, pipes := 0, 0; files < 1000 || pipes < 1000; {
			read, err := ReadFile(path, 10)
			switch {
			case err == nil && string(read) == "61_one":
				files++
			case os.IsNotExist(err): // the other has not begun
			case err != nil && err.Error() == "it is no plain file":
				pipes++
			default:
				t.Errorf("got %q, %v", read, err)
				return
			}
		}
	}()
	late := time.After(time.Minute)
	for turn := 0; ; turn++ {
		select {
		case <-done:
			return
		case <-late:
			t.Fatal("it waits")
		default:
		}
		next := filepath.Join(folder, "next")
		if err := os.Link([]string{file, pipe}[turn%2], next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, path); err != nil {
			t.Fatal(err)
		}
	}
}
