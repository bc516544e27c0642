//go:build unix

package legacy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// binaries is a folder for what several tests run.
var binaries string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	var err error
	if binaries, err = os.MkdirTemp("", "banyan-e2e-legacy-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(binaries)
	return m.Run()
}

var buildOnce = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(binaries, "banyan")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/banyan").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build cmd/banyan: %w\n%s", err, out)
	}
	return binary, nil
})

// buildBanyan builds the command, once for all tests.
func buildBanyan(t *testing.T) string {
	t.Helper()
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
