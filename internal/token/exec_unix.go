//go:build unix

package token

import (
	"os/exec"
	"syscall"
)

// killWithChildren has a program's whole process group killed when its context ends.
func killWithChildren(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
