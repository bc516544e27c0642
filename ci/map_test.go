package ci

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The map in docs/architecture.md has every package that others may import, and
// every one of the workshop; helpers of tests and what lies deeper belong to those.
func TestMapHasEveryPackage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "../...").Output()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := regexp.MustCompile(`^(gen|handlers|examples|e2e|cmd/banyan|internal/\w+)/|/internal/|test$|^ci$|/session/redis$`)
	for name := range strings.Lines(string(out)) {
		name = strings.TrimPrefix(strings.TrimSpace(name), module)
		if !elsewhere.MatchString(name) && !strings.Contains(string(text), "`"+name+"`") && !strings.Contains(string(text), "`"+name+"/`") {
			t.Errorf("docs/architecture.md says nothing about %s", name)
		}
	}
}
