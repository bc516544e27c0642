package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/banyan-go/banyan/legacyproxy"
)

// What it takes to call a contract true of PHP.
const (
	// Enough is how many answers have to be checked.
	Enough = 1000
	// Tolerated is what the share of violations has to stay below.
	Tolerated = 0.005
)

// Verdict says whether the contract of an operation is true of PHP.
type Verdict string

// The verdicts. What is not known is never a pass.
const (
	True         Verdict = "true"
	Normalised   Verdict = "normalised" // true of what clients get, not of what PHP says
	False        Verdict = "false"
	Inconclusive Verdict = "inconclusive"
)

// Report says for each operation whether its contract is true of PHP.
type Report struct {
	Since      time.Time         `json:"since"`
	At         time.Time         `json:"at"`
	Operations []OperationReport `json:"operations"`
}

// OperationReport is about one operation.
type OperationReport struct {
	Operation string  `json:"operation"`
	Verdict   Verdict `json:"verdict"`
	// Why is the verdict's reason, in a sentence.
	Why        string `json:"why"`
	Answers    uint64 `json:"answers"`
	Checked    uint64 `json:"checked"`
	Conforming uint64 `json:"conforming"`
	Coerced    uint64 `json:"coerced"`
	Violating  uint64 `json:"violating"`
	// UpperBound is what the share of violations does not exceed, at 95 %.
	UpperBound float64 `json:"upperBound"`
	// Unmapped is how many errors no rule of legacy.yaml names.
	Unmapped uint64 `json:"unmapped"`
	// Unseen are declared statuses that PHP has not answered with: of them
	// nothing is known.
	Unseen     []string                     `json:"unseen,omitempty"`
	Violations []legacyproxy.ViolationCount `json:"violations,omitempty"`
	Uncounted  uint64                       `json:"uncounted,omitempty"`
}

// Passed reports whether every operation's contract is true, of PHP or of what
// clients get.
func (r Report) Passed() bool {
	return len(r.Operations) > 0 && !slices.ContainsFunc(r.Operations, func(o OperationReport) bool {
		return o.Verdict != True && o.Verdict != Normalised
	})
}

// ReportOf judges each operation.
func ReportOf(o legacyproxy.Observations) Report {
	r := Report{Since: o.Since, At: o.At, Operations: []OperationReport{}}
	for _, op := range o.Operations {
		if op.Conformance == nil { // among the unanswered
			continue
		}
		c := op.Conformance
		one := OperationReport{
			Operation: op.Operation, Answers: c.Answers, Checked: c.Checked, Conforming: c.Conforming, Coerced: c.Coerced,
			Violating: c.Violating, UpperBound: UpperBound(c.Violating, c.Checked), Unseen: c.Unseen,
			Violations: c.Violations, Uncounted: c.Uncounted,
		}
		if op.Unmapped != nil {
			one.Unmapped = op.Unmapped.Count
		}
		one.Verdict, one.Why = judge(c)
		r.Operations = append(r.Operations, one)
	}
	for _, key := range o.Unanswered {
		r.Operations = append(r.Operations, OperationReport{
			Operation: key, Verdict: Inconclusive, Why: "PHP has not answered it yet", UpperBound: 1,
		})
	}
	slices.SortFunc(r.Operations, func(a, b OperationReport) int { return cmp.Compare(a.Operation, b.Operation) })
	return r
}

// judge says whether a contract is true, and why.
func judge(c *legacyproxy.Conformance) (Verdict, string) {
	upper, lower := UpperBound(c.Violating, c.Checked), LowerBound(c.Violating, c.Checked)
	switch {
	case c.Checked == 0:
		return Inconclusive, "none of its answers was held against the contract"
	case lower >= Tolerated:
		return False, fmt.Sprintf("%d of %d answers break the contract, which is %s and more; less than %s may", c.Violating, c.Checked, percent(lower), percent(Tolerated))
	case c.Checked == 1:
		return Inconclusive, fmt.Sprintf("one answer is too few to tell; %d are enough", Enough)
	case c.Checked < Enough:
		return Inconclusive, fmt.Sprintf("%d answers are too few to tell; %d are enough", c.Checked, Enough)
	case upper >= Tolerated:
		return Inconclusive, fmt.Sprintf("%d of %d answers break the contract, which may be up to %s; more answers will tell whether it is less than %s", c.Violating, c.Checked, percent(upper), percent(Tolerated))
	case c.Coerced > 0:
		return Normalised, fmt.Sprintf("at most %s of the answers break the contract, after %d of %d were mended", percent(upper), c.Coerced, c.Checked)
	}
	return True, fmt.Sprintf("at most %s of the answers break the contract", percent(upper))
}

func percent(share float64) string { return fmt.Sprintf("%.2f%%", 100*share) }
