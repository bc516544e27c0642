package admin

import (
	"encoding/json"
	"net/http"

	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
	"github.com/banyan-go/banyan/rollout"
	"github.com/prometheus/client_golang/prometheus"
)

// Legacy knows what was seen of PHP. A *legacyproxy.Adapter is one.
type Legacy interface {
	Observations() legacyproxy.Observations
	Sending() resilience.Snapshot
	Checked(operation string, status int, violations []conform.Violation, skipped conform.Skip)
}

// checkedLegacy hands on what came of an answer of PHP.
func (a *Admin) checkedLegacy(c *dispatch.Check) {
	if a.legacy != nil && c.Target == rollout.Legacy && c.Message == dispatch.Answer {
		a.legacy.Checked(c.Operation, c.Status, c.Violations, c.Skipped)
	}
}

// observations answers with what was seen of PHP.
func (a *Admin) observations(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(a.legacy.Observations()) // whoever asked may be gone
}

// legacyCollector reads what was seen of PHP when metrics are collected.
type legacyCollector struct{ legacy Legacy }

var (
	legacyAnswers = prometheus.NewDesc("banyan_legacy_answers_total",
		"Answers of PHP, by the status that the contract has for them.", []string{"operation", "status"}, nil)
	legacyVerdicts = prometheus.NewDesc("banyan_legacy_conformance_total",
		"Answers of PHP that were held against the contract. Outcome is conforming, coerced or violating.", []string{"operation", "outcome"}, nil)
	legacyCoercions = prometheus.NewDesc("banyan_legacy_coercions_total",
		"Values of PHP that were mended: the contract's debt. Pointer is \"other\" once there are too many.", []string{"operation", "pointer", "rule"}, nil)
	legacyUnmapped = prometheus.NewDesc("banyan_legacy_unmapped_errors_total",
		"Errors of PHP that no rule of legacy.yaml names.", []string{"operation"}, nil)
)

func (legacyCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{legacyAnswers, legacyVerdicts, legacyCoercions, legacyUnmapped} {
		ch <- d
	}
}

func (c legacyCollector) Collect(ch chan<- prometheus.Metric) {
	counter := func(d *prometheus.Desc, n uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	series := 0
	for _, op := range c.legacy.Observations().Operations {
		if op.Unmapped != nil {
			counter(legacyUnmapped, op.Unmapped.Count, op.Operation)
		}
		if op.Conformance == nil {
			continue
		}
		for status, n := range op.Conformance.Statuses {
			counter(legacyAnswers, n, op.Operation, status)
		}
		counter(legacyVerdicts, op.Conformance.Conforming, op.Operation, "conforming")
		counter(legacyVerdicts, op.Conformance.Coerced, op.Operation, "coerced")
		counter(legacyVerdicts, op.Conformance.Violating, op.Operation, "violating")
		other := map[string]uint64{} // by rule
		for _, one := range op.Conformance.Coercions {
			if series++; series > maxShapes {
				other[one.Rule] += one.Count
				continue
			}
			counter(legacyCoercions, one.Count, op.Operation, one.Pointer, one.Rule)
		}
		for rule, n := range other {
			counter(legacyCoercions, n, op.Operation, "other", rule)
		}
	}
}
