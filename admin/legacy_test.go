package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/admin"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
	"github.com/banyan-go/banyan/rollout"
	"github.com/google/go-cmp/cmp"
)

// php is a legacy side that tests set, and remembers what it was told.
type php struct {
	seen legacyproxy.Observations
	told []string
}

func (p *php) Observations() legacyproxy.Observations { return p.seen }

func (p *php) Checked(operation string, status int, violations []conform.Violation, skipped conform.Skip) {
	p.told = append(p.told, fmt.Sprint(operation, " ", status, " ", len(violations), " ", skipped))
}

func TestLegacy(t *testing.T) {
	t.Parallel()
	p := &php{seen: legacyproxy.Observations{Version: 1, Operations: []legacyproxy.OperationObservations{{
		Operation: "s.list",
		Conformance: &legacyproxy.Conformance{Answers: 5, Checked: 4, Conforming: 1, Coerced: 2, Violating: 1, Statuses: map[string]uint64{"200": 5},
			Coercions: []legacyproxy.CoercionCount{{Pointer: "/*/id", Rule: "scalar-text", Answers: 2, Count: 7}}},
		Unmapped: &legacyproxy.UnmappedErrors{Count: 3},
	}}}}
	a := admin.New(admin.Options{Workspace: workspace, Legacy: p})
	code, body := get(a, "/-/legacy/observations")
	if code != 200 || !strings.HasPrefix(body, `{"version":1,`) || !strings.Contains(body, `"coerced":2,`) {
		t.Errorf("%d %s", code, body)
	}
	_, body = get(a, "/-/metrics")
	for _, want := range []string{
		`banyan_legacy_answers_total{operation="s.list",status="200"} 5`,
		`banyan_legacy_conformance_total{operation="s.list",outcome="coerced"} 2`,
		`banyan_legacy_coercions_total{operation="s.list",pointer="/*/id",rule="scalar-text"} 7`,
		`banyan_legacy_unmapped_errors_total{operation="s.list"} 3`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("%s is missing", want)
		}
	}
	for _, c := range []dispatch.Check{
		{Operation: "s.list", Target: rollout.Legacy, Message: dispatch.Answer, Status: 200, Violations: []conform.Violation{{}}},
		{Operation: "s.list", Target: rollout.Go, Message: dispatch.Answer, Status: 200},
		{Operation: "s.list", Target: rollout.Legacy, Message: dispatch.Request},
		{Operation: "s.add", Target: rollout.Legacy, Message: dispatch.Answer, Status: 404, Skipped: conform.NoBody},
	} {
		a.Checked(&c)
	}
	if diff := cmp.Diff([]string{"s.list 200 1 ", "s.add 404 0 no-body"}, p.told); diff != "" {
		t.Error(diff)
	}
}

func (p *php) Sending() (s resilience.Snapshot) { return s }

// TestLegacySeriesAreBounded: an operation has 200 places at most, and a
// contract may have many operations.
func TestLegacySeriesAreBounded(t *testing.T) {
	t.Parallel()
	p := &php{}
	for i := range 20 {
		c := &legacyproxy.Conformance{}
		for j := range 200 {
			c.Coercions = append(c.Coercions, legacyproxy.CoercionCount{Pointer: fmt.Sprint("/", j), Rule: "empty-list", Count: 1})
		}
		p.seen.Operations = append(p.seen.Operations, legacyproxy.OperationObservations{Operation: fmt.Sprint("s.", i), Conformance: c})
	}
	_, body := get(admin.New(admin.Options{Legacy: p}), "/-/metrics")
	if n := strings.Count(body, "\nbanyan_legacy_coercions_total{"); n != 1015 {
		t.Errorf("%d series", n)
	}
	if !strings.Contains(body, `banyan_legacy_coercions_total{operation="s.19",pointer="other",rule="empty-list"} 200`) {
		t.Error("what is too much is not counted")
	}
}

func TestWithoutLegacy(t *testing.T) {
	t.Parallel()
	a := admin.New(admin.Options{})
	if code, _ := get(a, "/-/legacy/observations"); code != 404 {
		t.Error(code)
	}
	a.Checked(&dispatch.Check{Target: rollout.Legacy, Message: dispatch.Answer})
}
