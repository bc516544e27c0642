package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ownCPU is the CPU time of this process so far.
func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// processes are programs with one thread each, by what the system tells of
// their CPU time.
type processes []string

// below is a process and what it has started.
func below(root int) (processes, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	parent := map[int]int{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// The second field is a name in parentheses and may hold anything.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if len(fields) > 1 {
			parent[pid], _ = strconv.Atoi(fields[1])
		}
	}
	var ps processes
	for pid := range parent {
		up := pid
		for up != root && up > 1 {
			up = parent[up]
		}
		if up == root {
			ps = append(ps, fmt.Sprintf("/proc/%d/schedstat", pid))
		}
	}
	if len(ps) == 0 {
		return nil, fmt.Errorf("process %d has ended", root)
	}
	return ps, nil
}

// cpu is their time so far, to the nanosecond: what /proc/PID/stat has is in
// hundredths of a second.
func (ps processes) cpu() time.Duration {
	var sum time.Duration
	for _, path := range ps {
		text, _ := os.ReadFile(path)
		first, _, _ := strings.Cut(string(text), " ")
		ns, _ := strconv.ParseInt(first, 10, 64)
		sum += time.Duration(ns)
	}
	return sum
}
