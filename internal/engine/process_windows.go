package engine

import "os/exec"

func ownGroup(*exec.Cmd) {}

// interrupt ends the engine at once: Windows has interrupts for whole consoles only.
func interrupt(cmd *exec.Cmd) error {
	return cmd.Process.Kill()
}

// killGroup kills what is left of a Command and of all that it started.
func killGroup(cmd *exec.Cmd) {
	_ = cmd.Process.Kill() // an ended process is what is wanted
}
