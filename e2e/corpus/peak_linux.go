package main

import (
	"os"
	"syscall"
)

// peak is the most memory that a process, or one that it waited for, had, in
// megabytes.
func peak(s *os.ProcessState) float64 {
	if s == nil {
		return 0
	}
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return float64(usage.Maxrss) / 1024 // kilobytes, says getrusage(2)
}
