package admin

import (
	"net/http"
	"slices"

	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/rollout"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// unmatched is the operation label of requests outside the contracts, and of
// anything that is not known: clients must not be able to make series.
const unmatched = "unmatched"

type metrics struct {
	registry   *prometheus.Registry
	operations map[string]bool
	reasons    map[rollout.Reason]bool
	requests   *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	inFlight   prometheus.Gauge
	checks     *checkMetrics
}

func newMetrics(o Options) *metrics {
	m := &metrics{
		registry:   prometheus.NewRegistry(),
		operations: map[string]bool{},
		reasons:    map[rollout.Reason]bool{},
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "banyan_requests_total", Help: "Requests answered, by operation, side, reason of the decision and class of status.",
		}, []string{"operation", "target", "reason", "status_class"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "banyan_request_duration_seconds", Help: "Time from the request's head to the end of the answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation", "target"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "banyan_requests_in_flight", Help: "Requests that are being answered.",
		}),
	}
	if ws := o.Workspace; ws != nil {
		m.registry.MustRegister(operationInfo(ws))
		for _, s := range ws.Services {
			for i := range s.Operations {
				m.operations[s.Operations[i].Key] = true
			}
		}
	}
	for _, r := range slices.Concat(rollout.Reasons(), []rollout.Reason{dispatch.Unmatched, dispatch.NotStarted, dispatch.Refused}) {
		m.reasons[r] = true
	}
	m.registry.MustRegister(m.requests, m.duration, m.inFlight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.checks = newCheckMetrics(m.registry)
	if o.Rollout != nil {
		m.registry.MustRegister(planCollector{o.Rollout})
	}
	if o.Legacy != nil {
		m.registry.MustRegister(sendingCollector{o.Legacy})
	}
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Observe counts a request. It is for dispatch.Options.Observe.
func (a *Admin) Observe(e *dispatch.Event) {
	m := a.metrics
	operation, reason, target := e.Operation, e.Reason, e.Target.String()
	if !m.operations[operation] {
		operation = unmatched
	}
	if !m.reasons[reason] {
		reason = "other"
	}
	m.requests.WithLabelValues(operation, target, string(reason), class(e.Status)).Inc()
	m.duration.WithLabelValues(operation, target).Observe(e.Duration.Seconds())
}

// InFlight counts the requests that next is answering.
func (a *Admin) InFlight(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.metrics.inFlight.Inc()
		defer a.metrics.inFlight.Dec()
		next.ServeHTTP(w, r)
	})
}

func class(status int) string {
	switch status / 100 {
	case 1:
		return "1xx"
	case 2:
		return "2xx"
	case 3:
		return "3xx"
	case 4:
		return "4xx"
	case 5:
		return "5xx"
	}
	return "other"
}

// planCollector reads the plan's status when metrics are collected, so that
// it is never behind.
type planCollector struct{ status Rollout }

var (
	planInfo     = prometheus.NewDesc("banyan_rollout_info", "The plan in force; the value is always 1.", []string{"revision"}, nil)
	planLoaded   = prometheus.NewDesc("banyan_rollout_loaded_timestamp_seconds", "When the plan came into force.", nil, nil)
	planRejected = prometheus.NewDesc("banyan_rollout_rejected", "1 while the last edit of the plan is refused.", nil, nil)
)

func (planCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- planInfo
	ch <- planLoaded
	ch <- planRejected
}

func (c planCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.status.Status()
	rejected := 0.0
	if s.Err != nil {
		rejected = 1
	}
	ch <- prometheus.MustNewConstMetric(planInfo, prometheus.GaugeValue, 1, s.Revision)
	ch <- prometheus.MustNewConstMetric(planLoaded, prometheus.GaugeValue, float64(s.LoadedAt.UnixMilli())/1000)
	ch <- prometheus.MustNewConstMetric(planRejected, prometheus.GaugeValue, rejected)
}
