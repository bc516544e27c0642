package admin

import (
	"github.com/banyan-go/banyan/catalog"
	"github.com/prometheus/client_golang/prometheus"
)

// sendingCollector reads the snapshot when metrics are collected: requests do
// not pay for it. All labels come from contracts and legacy.yaml.
type sendingCollector struct{ legacy Legacy }

func sendingDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("banyan_"+name, help, labels, nil)
}

var (
	upstreamInFlight = sendingDesc("upstream_in_flight", "Requests that have a place at the upstream.", "service", "upstream")
	upstreamQueued   = sendingDesc("upstream_queued", "Requests that wait for a place at the upstream.", "service", "upstream")
	upstreamLimit    = sendingDesc("upstream_limit", "Places at the upstream; 0 when there is no limit.", "service", "upstream")
	upstreamHealthy  = sendingDesc("upstream_healthy", "0 while health checks keep the upstream out.", "service", "upstream")
	upstreamSent     = sendingDesc("upstream_sent_total", "Attempts sent to the upstream.", "service", "upstream")
	upstreamRejected = sendingDesc("upstream_rejected_total", "Requests for which the upstream had no place.", "service", "upstream")

	legacyRetries   = sendingDesc("legacy_retries_total", "Requests sent to PHP again, by what made it worth it.", "operation", "cause")
	legacyHedges    = sendingDesc("legacy_hedges_total", "Second copies of requests sent to PHP because the first was late.", "operation")
	legacyHedgesWon = sendingDesc("legacy_hedges_won_total", "Second copies that were answered first.", "operation")
	legacyExhausted = sendingDesc("legacy_budget_exhausted_total", "Retries and hedges that the budget forbade.", "operation")

	breakerState    = sendingDesc("breaker_state", "The circuit breaker: 0 closed, 1 half-open, 2 open.", "operation", "upstream")
	breakerOpened   = sendingDesc("breaker_opened_total", "How often the circuit breaker opened.", "operation", "upstream")
	breakerRejected = sendingDesc("breaker_rejected_total", "Requests that an open circuit breaker kept from being sent.", "operation", "upstream")
)

func (sendingCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		upstreamInFlight, upstreamQueued, upstreamLimit, upstreamHealthy, upstreamSent, upstreamRejected,
		legacyRetries, legacyHedges, legacyHedgesWon, legacyExhausted, breakerState, breakerOpened, breakerRejected,
	} {
		ch <- d
	}
}

func (c sendingCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v int, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	counter := func(d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	s := c.legacy.Sending()
	for _, u := range s.Upstreams {
		healthy := 0
		if u.Healthy {
			healthy = 1
		}
		gauge(upstreamInFlight, u.InFlight, u.Service, u.Upstream)
		gauge(upstreamQueued, u.Queued, u.Service, u.Upstream)
		gauge(upstreamLimit, u.Limit, u.Service, u.Upstream)
		gauge(upstreamHealthy, healthy, u.Service, u.Upstream)
		counter(upstreamSent, u.Sent, u.Service, u.Upstream)
		counter(upstreamRejected, u.Rejected, u.Service, u.Upstream)
	}
	for _, o := range s.Senders {
		for _, r := range o.Retries {
			counter(legacyRetries, r.Count, o.Operation, r.Cause)
		}
		if o.Hedged {
			counter(legacyHedges, o.Hedges, o.Operation)
			counter(legacyHedgesWon, o.HedgesWon, o.Operation)
		}
		if o.Hedged || len(o.Retries) > 0 {
			counter(legacyExhausted, o.Exhausted, o.Operation)
		}
		for _, b := range o.Breakers {
			gauge(breakerState, int(b.State), o.Operation, b.Upstream)
			counter(breakerOpened, b.Opened, o.Operation, b.Upstream)
			counter(breakerRejected, b.Rejected, o.Operation, b.Upstream)
		}
	}
}

// operationInfo has what is fixed about operations, for joining it to other
// metrics: on(operation) group_left(class).
func operationInfo(ws *catalog.Workspace) prometheus.Collector {
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "banyan_operation_info", Help: "The operation's write class: R, I, W or X; the value is always 1.",
	}, []string{"operation", "class"})
	for _, s := range ws.Services {
		for i := range s.Operations {
			if op := &s.Operations[i]; op.Class.Known() {
				info.WithLabelValues(op.Key, string(op.Class)).Set(1)
			}
		}
	}
	return info
}
