package admin_test

import (
	"strings"
	"testing"

	"github.com/banyan-go/banyan/admin"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
)

// sending is a legacy side that has something to tell about sending alone.
type sending struct {
	*legacyproxy.Adapter
	resilience.Snapshot
}

func (s sending) Sending() resilience.Snapshot { return s.Snapshot }

func TestSendingMetrics(t *testing.T) {
	t.Parallel()
	a := admin.New(admin.Options{Workspace: workspace, Legacy: sending{&legacyproxy.Adapter{}, resilience.Snapshot{
		Upstreams: []resilience.UpstreamStats{{Service: "s", Upstream: "main", InFlight: 3, Queued: 2, Limit: 20, Sent: 7, Rejected: 1, Healthy: true}},
		Senders: []resilience.SenderStats{
			{Operation: "s.add"},
			{Operation: "s.list", Retries: []resilience.RetryCount{{Cause: "unsent", Count: 4}}, Hedged: true, Hedges: 6, HedgesWon: 5, Exhausted: 8,
				Breakers: []resilience.UpstreamBreaker{{Upstream: "main", BreakerStats: resilience.BreakerStats{State: resilience.Open, Opened: 9, Rejected: 10}}}},
		},
	}}})
	_, body := get(a, "/-/metrics")
	for _, want := range []string{
		`banyan_operation_info{class="R",operation="s.list"} 1`,
		`banyan_operation_info{class="W",operation="s.add"} 1`,
		`banyan_upstream_in_flight{service="s",upstream="main"} 3`,
		`banyan_upstream_queued{service="s",upstream="main"} 2`,
		`banyan_upstream_limit{service="s",upstream="main"} 20`,
		`banyan_upstream_healthy{service="s",upstream="main"} 1`,
		`banyan_upstream_sent_total{service="s",upstream="main"} 7`,
		`banyan_upstream_rejected_total{service="s",upstream="main"} 1`,
		`banyan_legacy_retries_total{cause="unsent",operation="s.list"} 4`,
		`banyan_legacy_hedges_total{operation="s.list"} 6`,
		`banyan_legacy_hedges_won_total{operation="s.list"} 5`,
		`banyan_legacy_budget_exhausted_total{operation="s.list"} 8`,
		`banyan_breaker_state{operation="s.list",upstream="main"} 2`,
		`banyan_breaker_opened_total{operation="s.list",upstream="main"} 9`,
		`banyan_breaker_rejected_total{operation="s.list",upstream="main"} 10`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("%s is missing in\n%s", want, body)
		}
	}
	if strings.Contains(body, `banyan_legacy_hedges_total{operation="s.add"}`) {
		t.Error("an operation that never hedges has a series")
	}
}
