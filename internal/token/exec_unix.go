//go:build unix

package token

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// runGroup runs a program to its end, or to that of its context, in a process group of its own. Whatever of the group
// is left then is killed; what has left the group, as setsid does, is not.
func runGroup(command *exec.Cmd) error {
	// These would end this process before it has ended the program. They reach the engine as well, whose end ends both;
	// a broken pipe means that it has ended already, with nobody left to read a log.
	held := make(chan os.Signal, 1)
	signal.Notify(held, syscall.SIGPIPE, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(held)

	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.Cancel = kill
	err := command.Run()
	if command.Process != nil {
		// The group keeps its number as long as anything of it is left; if nothing is, there is no such group.
		_ = kill()
	}
	return err
}
