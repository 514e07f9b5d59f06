//go:build !windows

package engine

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's Ctrl-C, which goes to the whole foreground group, from reaching the engine beside us:
// twice interrupted, it would give up without releasing its locks.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func interrupt(cmd *exec.Cmd) error {
	return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
}

// killGroup kills what is left of a Command and of all that it started.
func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // an empty group is what is wanted
}
