package contract

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/internal/diag"
	"github.com/rogpeppe/go-internal/txtar"
)

var ruleInFinding = regexp.MustCompile(`(?m)^\S+: (?:error|warning): .* \(([a-z0-9-]+)\)$`)

// Every rule is documented, and some case shows it.
func TestRules(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name == "want/findings" {
				for _, m := range ruleInFinding.FindAllStringSubmatch(string(f.Data), -1) {
					shown[m[1]] = true
				}
			}
		}
	}
	kebab := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	for _, r := range diag.Rules() {
		if !kebab.MatchString(r.ID) {
			t.Errorf("%s: not in kebab-case", r.ID)
		}
		for part, text := range map[string]string{"summary": r.Summary, "why": r.Why, "example": r.Example, "fix": r.Fix} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", r.ID, part)
			}
		}
		if !strings.HasSuffix(r.Summary, ".") || !strings.HasSuffix(r.Why, ".") {
			t.Errorf("%s: summary and why are sentences", r.ID)
		}
		if !shown[r.ID] {
			t.Errorf("no case in testdata shows %s", r.ID)
		}
		delete(shown, r.ID)
	}
	if len(shown) > 0 {
		t.Errorf("findings of rules that are not registered: %v", shown)
	}
	if !slices.IsSortedFunc(diag.Rules(), func(a, b diag.Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("rules are not sorted")
	}
}
