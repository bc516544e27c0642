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
}

func (u usage) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %.1f MB resident, heap %.1f MB", u.goroutines, u.files, mb(u.memory), mb(u.heap))
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
		}
	}
	return u
}
