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
	files      int   // descriptors
	goroutines int
	heap       int64 // live objects and garbage, in bytes
	live       int64 // what the heap had in use when it was collected last, as far as the collector's next goal tells
	collected  int   // how often it was
}

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %.1f MB resident, heap %.1f MB, in use %.1f MB", u.goroutines, u.files, mb(u.memory), mb(u.heap), mb(u.live))
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
	u.files = len(files)
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

// cpuTimes is where the CPUs' time went, in CPUs.
type cpuTimes struct{ ours, others, idle float64 }

// available is what the test could have had.
func (c cpuTimes) available() float64 { return c.ours + c.idle }

func (c cpuTimes) String() string {
	return fmt.Sprintf("%.2f ours, %.2f others', %.2f idle", c.ours, c.others, c.idle)
}

// ticks is how much of the CPUs' time went where since the machine's start, or
// the processes', in ticks.
type ticks struct{ all, idle, ours int64 }

// clockTicks per second are what Linux counts in (USER_HZ), on all machines.
const clockTicks = 100

// since is where the time went between two readings.
func (t ticks) since(before ticks, took time.Duration) cpuTimes {
	in := func(n int64) float64 { return float64(n) / clockTicks / took.Seconds() }
	ours, idle := t.ours-before.ours, t.idle-before.idle
	return cpuTimes{in(ours), in(max(0, t.all-before.all-idle-ours)), in(idle)}
}

// readCPU counts as ours what this process and all that it has started used.
func readCPU(t *testing.T) (now ticks) {
	t.Helper()
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	for i, field := range strings.Fields(line)[1:9] { // without guests, which are counted in user
		n, _ := strconv.ParseInt(field, 10, 64)
		if now.all += n; i == 3 || i == 4 {
			now.idle += n
		}
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	parents, used := map[int]int{}, map[int]int64{}
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		parents[pid], _ = strconv.Atoi(fields[1])
		for _, field := range fields[11:15] { // its own, and that of its children that have ended
			n, _ := strconv.ParseInt(field, 10, 64)
			used[pid] += n
		}
	}
	for pid, n := range used {
		for at := pid; at > 1; at = parents[at] {
			if at == os.Getpid() {
				now.ours += n
				break
			}
		}
	}
	return now
}
