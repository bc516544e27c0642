//go:build unix

package legacy

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// process is what a server's process needs, as Linux and its metrics say.
type process struct {
	pid   int
	admin string
}

// usage is what it needs at one time.
type usage struct {
	memory     int64 // resident, in bytes
	files      int   // descriptors, but for those of a database
	database   int   // descriptors of SQLite's files, of which it keeps some to open them again
	goroutines int
	heap       int64 // live objects and garbage, in bytes
	live       int64 // what the heap had in use when it was collected last, as far as the collector's next goal tells
	collected  int   // how often it was
}

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors and %d of databases, %.1f MB resident, heap %.1f MB, in use %.1f MB", u.goroutines, u.files, u.database, mb(u.memory), mb(u.heap), mb(u.live))
}

func mb(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// process finds the server below the shell that watches over it.
func (s *server) process() process {
	s.t.Helper()
	for shell := s.cmd.Process.Pid; ; {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", shell, shell))
		if err != nil {
			s.t.Fatal(err)
		}
		for _, child := range strings.Fields(string(text)) {
			if name, _ := os.Readlink("/proc/" + child + "/exe"); name == s.binary {
				pid, err := strconv.Atoi(child)
				if err != nil {
					s.t.Fatal(err)
				}
				return process{pid, s.admin}
			}
		}
		s.t.Fatalf("the shell %d has no child %s: %s", shell, s.binary, text)
	}
}

func (p process) usage(t *testing.T) (u usage) {
	t.Helper()
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	if _, err := fmt.Sscan(string(statm), &size, &u.memory); err != nil {
		t.Fatal(err)
	}
	u.memory *= int64(os.Getpagesize())
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name, _ := os.Readlink(file); strings.Contains(name, ".sqlite") {
			u.database++
		} else {
			u.files++
		}
	}
	res, err := http.Get("http://" + p.admin + "/-/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		switch name {
		case "go_goroutines":
			u.goroutines = int(v)
		case "go_memstats_heap_alloc_bytes":
			u.heap = int64(v)
		case "go_memstats_next_gc_bytes": // twice what is in use, unless GOGC says otherwise
			u.live = int64(v / 2)
		case "go_gc_duration_seconds_count":
			u.collected = int(v)
		}
	}
	return u
}

// collected is what an idle process needs once its heap was collected, which
// asking it often enough brings about.
func (p process) collected(t *testing.T) usage {
	t.Helper()
	u := p.usage(t)
	for first, end := u.collected, time.Now().Add(time.Minute); u.collected < first+2; u = p.usage(t) {
		if time.Now().After(end) {
			t.Fatalf("the heap of %d is never collected: %v", p.pid, u)
		}
	}
	return u
}

// demand is what the processes of a test did with the CPUs, in CPUs: how much
// they ran, and how much they waited for one that others had.
type demand struct{ ran, waited float64 }

// slowdown is how many times as long as alone their work took. A test that
// stands still wants no CPU, and is not slowed down however busy the machine is.
func (d demand) slowdown() float64 { return (d.ran + d.waited) / max(d.ran, 1e-3) }

func (d demand) String() string { return fmt.Sprintf("ran %.2f, waited %.2f", d.ran, d.waited) }

// readings are the nanoseconds that each thread ran and waited since it began.
type readings map[string][2]int64

// since is what happened between two readings.
func (r readings) since(before readings, took time.Duration) demand {
	var sum [2]int64
	for thread, now := range r {
		for i := range sum {
			sum[i] += max(0, now[i]-before[thread][i])
		}
	}
	return demand{float64(sum[0]) / float64(took), float64(sum[1]) / float64(took)}
}

// readThreads reads what Linux counts for the threads of this process and of all
// that it has started.
func readThreads(t *testing.T) readings {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	parents := map[int]int{}
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		parents[pid], _ = strconv.Atoi(strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))[1])
	}
	out := readings{}
	for pid := range parents {
		at := pid
		for at > 1 && at != os.Getpid() {
			at = parents[at]
		}
		if at <= 1 {
			continue
		}
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		for _, file := range threads {
			text, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			var n [2]int64
			if _, err := fmt.Sscan(string(text), &n[0], &n[1]); err == nil {
				out[file] = n
			}
		}
	}
	return out
}
