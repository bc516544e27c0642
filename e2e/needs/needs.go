// Package needs skips tests for which a machine lacks something, and fails them
// in a pipeline, where CI is true: a test that never runs proves nothing.
package needs

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// Program ends the test where a program is not installed, and otherwise returns
// its path. Packages are Debian's that have it.
func Program(t testing.TB, name, packages string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Unavailable(t, fmt.Errorf("%s is not installed; on Debian or Ubuntu run: apt-get install -y --no-install-recommends %s", name, packages))
	}
	return path
}

// Unavailable ends the test for want of what the error says.
func Unavailable(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip(err)
}
