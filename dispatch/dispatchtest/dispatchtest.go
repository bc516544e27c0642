// Package dispatchtest makes tests fail on answers that break the contract.
package dispatchtest

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/dispatch"
)

// New returns a dispatcher as dispatch.New does, except that it checks every
// answer, whatever the workspace says about that, and that one which breaks
// its contract fails the test. The test waits for the checks at its end; call
// Settle to have them earlier. Without a Log nothing is logged.
//
//	d := dispatchtest.New(t, dispatch.Options{Workspace: gen.Workspace})
//	err := orders.Register(e, d, orders.All(service))
func New(t testing.TB, o dispatch.Options) *dispatch.Dispatcher {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Answers = catalog.All
	observers := []func(*dispatch.Check){func(c *dispatch.Check) { report(t, c) }}
	if o.Checked != nil {
		observers = append(observers, o.Checked)
	}
	o.Checked = dispatch.Observers(observers...)
	d := dispatch.New(o)
	t.Cleanup(d.Settle)
	return d
}

func report(t testing.TB, c *dispatch.Check) {
	if c.Message != dispatch.Answer {
		return
	}
	if c.Skipped == conform.Busy {
		t.Errorf("%s: an answer was not checked: too many at once", c.Operation)
	}
	if len(c.Violations) == 0 {
		return
	}
	var b strings.Builder
	for _, v := range c.Violations {
		b.WriteString("\n\t")
		b.WriteString(v.String())
		if v.Schema != "" {
			b.WriteString(" (contract #" + v.Schema + ")")
		}
	}
	t.Errorf("%s: the answer %d of %s is not what the contract says:%s", c.Operation, c.Status, c.Target, b.String())
}
