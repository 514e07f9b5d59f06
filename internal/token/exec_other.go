//go:build !unix

package token

import "os/exec"

// killWithChildren leaves it at killing the program itself, which is what os/exec does: there are no process groups here.
func killWithChildren(*exec.Cmd) {}
