//go:build !unix

package token

import "os/exec"

// runGroup runs a program to its end, or to that of its context. There are no process groups here: what the program has
// started is left alone.
func runGroup(command *exec.Cmd) error { return command.Run() }
