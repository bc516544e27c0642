package evidence

import (
	"cmp"
	"slices"
	"time"

	"github.com/banyan-go/banyan/legacyproxy"
)

// Debt is what PHP owes the contract: everything that is mended in its answers.
type Debt struct {
	Since time.Time `json:"since"`
	At    time.Time `json:"at"`
	// Entries begin with what concerns most answers.
	Entries []DebtEntry `json:"debt"`
	// Uncounted is how many coercions and violations were of further places.
	Uncounted uint64 `json:"uncounted,omitempty"`
}

// DebtEntry is one rule at one place of an operation's answers.
type DebtEntry struct {
	Operation string `json:"operation"`
	// Pointer is a JSON pointer in which indexes and names in maps are *; empty
	// is the whole body.
	Pointer string `json:"pointer"`
	Rule    string `json:"rule"`
	// Count is how many values were mended, in Answers answers, which are Share
	// of those that were held against the contract.
	Count     uint64    `json:"count"`
	Answers   uint64    `json:"answers"`
	Share     float64   `json:"share"`
	FirstSeen time.Time `json:"firstSeen"`
}

// DebtOf lists the debt.
func DebtOf(o legacyproxy.Observations) Debt {
	d := Debt{Since: o.Since, At: o.At, Entries: []DebtEntry{}}
	for _, op := range o.Operations {
		c := op.Conformance
		if c == nil {
			continue
		}
		d.Uncounted += c.Uncounted
		for _, one := range c.Coercions {
			d.Entries = append(d.Entries, DebtEntry{
				Operation: op.Operation, Pointer: one.Pointer, Rule: one.Rule, Count: one.Count, Answers: one.Answers,
				Share: share(one.Answers, c.Checked), FirstSeen: one.FirstSeen,
			})
		}
	}
	slices.SortStableFunc(d.Entries, func(a, b DebtEntry) int {
		return cmp.Or(-cmp.Compare(a.Answers, b.Answers), cmp.Compare(a.Operation, b.Operation),
			cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Rule, b.Rule))
	})
	return d
}

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
