package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/admin"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/rollout"
)

func TestCheckMetrics(t *testing.T) {
	t.Parallel()
	a := admin.New(admin.Options{Workspace: workspace})
	id := conform.Violation{Pointer: "/items/17/id", Keyword: "type", Schema: "/paths/~1a/get/schema/type"}
	for _, c := range []dispatch.Check{
		{Operation: "s.list", Target: rollout.Go, Message: dispatch.Answer},
		{Operation: "s.list", Target: rollout.Legacy, Message: dispatch.Answer, Violations: []conform.Violation{id, id}},
		{Operation: "s.add", Target: rollout.Go, Message: dispatch.Request, Violations: []conform.Violation{id}, Refused: true},
		{Operation: "s.list", Target: rollout.Legacy, Message: dispatch.Answer, Skipped: conform.TooLarge},
		{Operation: "made up", Target: rollout.Go, Message: dispatch.Answer},
	} {
		a.Checked(&c)
	}
	_, body := get(a, "/-/metrics")
	for _, want := range []string{
		`banyan_contract_checks_total{message="answer",operation="s.list",outcome="valid",target="go"} 1`,
		`banyan_contract_checks_total{message="answer",operation="s.list",outcome="invalid",target="legacy"} 1`,
		`banyan_contract_checks_total{message="request",operation="s.add",outcome="refused",target="go"} 1`,
		`banyan_contract_checks_total{message="answer",operation="unmatched",outcome="valid",target="go"} 1`,
		`banyan_contract_unchecked_bodies_total{message="answer",operation="s.list",reason="large",target="legacy"} 1`,
		`banyan_contract_violations_total{keyword="type",message="answer",operation="s.list",pointer="/paths/~1a/get/schema/type",target="legacy"} 2`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("%s is missing in\n%s", want, body)
		}
	}
}

// However large a contract is, the series are few.
func TestCheckMetricsAreBounded(t *testing.T) {
	t.Parallel()
	a := admin.New(admin.Options{Workspace: workspace})
	for i := range 3000 {
		a.Checked(&dispatch.Check{Operation: "s.list", Target: rollout.Go, Message: dispatch.Answer,
			Violations: []conform.Violation{{Keyword: "type", Schema: fmt.Sprint("/", i)}}})
	}
	_, body := get(a, "/-/metrics")
	if n := strings.Count(body, "\nbanyan_contract_violations_total{"); n != 1001 {
		t.Errorf("%d series", n)
	}
	if !strings.Contains(body, `pointer="other",target="go"} 2000`) {
		t.Error("what is too much is not counted")
	}
}
