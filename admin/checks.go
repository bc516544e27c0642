package admin

import (
	"sync"

	"github.com/banyan-go/banyan/dispatch"
	"github.com/prometheus/client_golang/prometheus"
)

// maxShapes bounds the series of violations. Their labels come from contracts,
// whose size is bounded too, but a hundred thousand series help nobody.
const maxShapes = 1000

// checkMetrics counts what came of holding messages against contracts.
type checkMetrics struct {
	checked    *prometheus.CounterVec
	skipped    *prometheus.CounterVec
	violations *prometheus.CounterVec

	mu     sync.Mutex
	shapes map[[5]string]bool
}

func newCheckMetrics(r *prometheus.Registry) *checkMetrics {
	m := &checkMetrics{
		shapes: map[[5]string]bool{},
		checked: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "banyan_contract_checks_total",
			Help: "Messages that were held against the contract and reported: all answers that were picked, requests with violations. Outcome is valid, invalid or refused.",
		}, []string{"operation", "target", "message", "outcome"}),
		skipped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "banyan_contract_unchecked_bodies_total",
			Help: "Bodies that were picked and could not be checked, by reason.",
		}, []string{"operation", "target", "message", "reason"}),
		violations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "banyan_contract_violations_total",
			Help: "Ways in which messages broke the contract. Pointer is the keyword's place in the contract, or the parameter; \"other\" once there are too many.",
		}, []string{"operation", "target", "message", "pointer", "keyword"}),
	}
	r.MustRegister(m.checked, m.skipped, m.violations)
	return m
}

// Checked counts what was held against a contract, and tells the legacy side
// what came of its answers. It is for dispatch.Options.Checked.
func (a *Admin) Checked(c *dispatch.Check) {
	a.checkedLegacy(c)
	m, operation := a.metrics.checks, c.Operation
	if !a.metrics.operations[operation] {
		operation = unmatched
	}
	target, message := c.Target.String(), string(c.Message)
	outcome := "valid"
	switch {
	case c.Refused:
		outcome = "refused"
	case len(c.Violations) > 0:
		outcome = "invalid"
	}
	m.checked.WithLabelValues(operation, target, message, outcome).Inc()
	if c.Skipped != "" {
		m.skipped.WithLabelValues(operation, target, message, string(c.Skipped)).Inc()
	}
	for _, v := range c.Violations {
		pointer := v.Schema
		if !m.known([5]string{operation, target, message, pointer, v.Keyword}) {
			pointer = "other"
		}
		m.violations.WithLabelValues(operation, target, message, pointer, v.Keyword).Inc()
	}
}

// known reports whether a shape may have a series of its own.
func (m *checkMetrics) known(shape [5]string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.shapes[shape] {
		if len(m.shapes) >= maxShapes {
			return false
		}
		m.shapes[shape] = true
	}
	return true
}
