package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// tick is the unit of processor time in /proc.
	tick = 10 * time.Millisecond

	sampling = 5 * time.Millisecond

	// waitid's names for "this process" and "when it has ended, and leave it there".
	byPID        = 1
	endedAndKept = 0x4 | 0x01000000
)

// measure runs a program. Processor time is the kernel's own account, read after the program's end and before it is
// forgotten: its own, and that of the processes it waited for. Memory is the kernel's high-water mark of each process,
// looked at every 5 ms: it only grows, so that a look too late misses nothing but the very last moment of a process.
func measure(cmd *exec.Cmd) (cost, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's Ctrl-C must not reach the engine twice
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	ended, peaks := make(chan struct{}), make(chan [2]int64)
	go func() { peaks <- watch(cmd.Process.Pid, ended) }()
	for {
		_, _, failed := syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(cmd.Process.Pid), 0, endedAndKept, 0, 0)
		if failed != syscall.EINTR {
			break
		}
	}
	var measured cost
	measured.wall = time.Since(begun)
	close(ended)
	own, started, err := processorTime(cmd.Process.Pid)
	held := <-peaks
	measured.engine, measured.started = spent{own, held[0]}, spent{started, held[1]}
	return measured, errors.Join(cmd.Wait(), err)
}

// processorTime reads the time of an ended process, and of those it waited for.
func processorTime(pid int) (own, waitedFor time.Duration, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	// The second field is a name in parentheses; the times are fields 14 to 17.
	_, rest, _ := strings.Cut(string(stat), ") ")
	var ticks [4]int64
	for number := range ticks {
		if ticks[number], err = strconv.ParseInt(strings.Fields(rest)[11+number], 10, 64); err != nil {
			return 0, 0, err
		}
	}
	return time.Duration(ticks[0]+ticks[1]) * tick, time.Duration(ticks[2]+ticks[3]) * tick, nil
}

// watch returns the most memory that a process held, and the most that one of its children did.
func watch(pid int, ended <-chan struct{}) (most [2]int64) {
	ticker := time.NewTicker(sampling)
	defer ticker.Stop()
	program, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	for {
		most[0] = max(most[0], highWaterMark(strconv.Itoa(pid)))
		tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		for _, task := range tasks {
			children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
			for _, child := range strings.Fields(string(children)) {
				// A child that is still the parent's program shares its memory.
				if started, err := os.Readlink("/proc/" + child + "/exe"); err == nil && started != program {
					most[1] = max(most[1], highWaterMark(child))
				}
			}
		}
		select {
		case <-ended:
			return most
		case <-ticker.C:
		}
	}
}

// highWaterMark reads the most memory that a process has held, in bytes; 0 where it is gone.
func highWaterMark(pid string) int64 {
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	held, err := strconv.ParseInt(kilobytes, 10, 64)
	if err != nil {
		return 0
	}
	return held * 1024
}
