//go:build unix

package codegen

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/banyan-go/banyan/internal/interrupt"
	"github.com/google/go-cmp/cmp"
)

// A signal is sent at any moment to a process, this test in another one, that does
// nothing but write: all files are of one version then, and nothing else is there.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("TEST_INTERRUPTED"); dir != "" {
		writeForEver(t, dir)
	}
	for round := range 12 {
		signal := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}[round%2]
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run", "^TestInterrupted$")
		cmd.Env = append(os.Environ(), "TEST_INTERRUPTED="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
			t.Errorf("%q, %v", line, err)
		}
		time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
		if err := cmd.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 128+int(signal) {
			t.Errorf("it ended with %v", err)
		}
		versions := map[string]int{}
		for name, text := range tree(t, dir) {
			switch {
			case strings.HasSuffix(name, "/"): // a folder
			case strings.HasPrefix(filepath.Base(name), "f"):
				versions[text]++
			default:
				t.Errorf("%s is left", name)
			}
		}
		for text, n := range versions {
			if n != written {
				t.Errorf("%d files are of %s", n, text)
			}
		}
	}
}

// written is how many files there are at any time.
const written = 40

func writeForEver(t *testing.T, dir string) {
	interrupt.Catch(func(bool) {})
	for version := 0; ; version++ {
		var list []File
		for i := range written {
			// One file goes and another one comes, each time.
			list = append(list, File{Path: fmt.Sprintf("s%d/f%d.go", i%5, i+version%2), Data: fmt.Appendf(nil, "%sversion %d", mark, version)})
		}
		c, err := Plan(dir, list)
		if err == nil {
			err = c.Apply()
		}
		if err != nil {
			t.Fatal(err)
		}
		if version == 0 {
			fmt.Println("ready")
		}
	}
}

// Where a symbolic link is in a file's place, what it leads to is written: within
// the workspace.
func TestWriteThroughLinks(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	lay(t, outside, map[string]string{"theirs.yaml": "theirs"})
	lay(t, dir, map[string]string{"shared/real.yaml": "old", "api/keep": "x"})
	for link, to := range map[string]string{"api/in.yaml": "../shared/real.yaml", "api/out.yaml": filepath.Join(outside, "theirs.yaml"), "api/gone.yaml": "nowhere", "away": outside} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	put := func(name string) error {
		return (&Changes{Dir: dir, Write: []File{{Path: name, Data: []byte("new")}}}).Apply()
	}
	if err := put("api/in.yaml"); err != nil {
		t.Error(err)
	}
	if got, err := os.Readlink(filepath.Join(dir, "api/in.yaml")); err != nil || got != "../shared/real.yaml" {
		t.Errorf("the link is %q, %v", got, err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "shared/real.yaml")); string(got) != "new" {
		t.Errorf("the file holds %q", got)
	}
	for name, want := range map[string]string{
		"api/out.yaml":     "out.yaml is a symbolic link out of the workspace; remove it",
		"api/gone.yaml":    "gone.yaml is a symbolic link that leads nowhere; remove it",
		"away/theirs.yaml": "away is a symbolic link out of the workspace; remove it",
	} {
		if err := put(name); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if diff := cmp.Diff(map[string]string{"theirs.yaml": "theirs"}, tree(t, outside)); diff != "" {
		t.Errorf("outside (-before +after):\n%s", diff)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", ".banyan-*")); left != nil {
		t.Errorf("%v are left", left)
	}
}
