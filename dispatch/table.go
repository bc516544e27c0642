package dispatch

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
)

// Table is a list of operations and of where each is served.
type Table []Row

// Row is one line of the table of operations.
type Row struct {
	Operation *catalog.Operation
	// Stage is what the plan says: "legacy", "go" or "canary 5%".
	Stage string
	// Target is "legacy" or "go", or "legacy+go" for a canary; Reason is the
	// one a request would be logged with, or "canary".
	Target, Reason string
	// Handler and Legacy tell which sides there are.
	Handler, Legacy bool
	// Pos is where the plan says so; the zero Pos when it does not.
	Pos config.Pos
}

// Table returns every registered operation and where it is served at the
// moment, sorted by operation.
func (d *Dispatcher) Table() Table {
	plan := d.planner.Plan()
	rows := make(Table, 0, len(d.routes))
	for _, rt := range d.routes {
		stage, pos := plan.Stage(rt.op.Key)
		row := Row{Operation: rt.op, Stage: string(stage), Handler: rt.has.Handler, Legacy: rt.has.Legacy, Pos: pos}
		if dec, always := plan.Rule(rt.op.Key).Always(); always {
			dec = dec.Within(rt.has)
			row.Target, row.Reason = dec.Target.String(), string(dec.Reason)
		} else {
			row.Target, row.Reason = "legacy+go", "canary"
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(a.Operation.Key, b.Operation.Key) })
	return rows
}

// Print writes the table for people: method, path, operation, stage, side and
// reason, with the line of the plan that says so.
func (t Table) Print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "METHOD\tPATH\tOPERATION\tSTAGE\tSERVED BY\tBECAUSE")
	for _, r := range t {
		because := r.Reason
		if r.Pos.Line > 0 {
			because += fmt.Sprintf(" (%s:%d)", filepath.Base(r.Pos.File), r.Pos.Line)
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Operation.Method, r.Operation.Path, r.Operation.Key, r.Stage, r.Target, because)
	}
	return out.Flush()
}
