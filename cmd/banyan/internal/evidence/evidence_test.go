package evidence

import (
	"math"
	"testing"

	"github.com/banyan-go/banyan/legacyproxy"
	"pgregory.net/rapid"
)

// TestBounds: the bounds are the shares that the score test of 95 % just does
// not refuse; without a hit the rule of three counts.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ hits, trials uint64 }{{1, 1000}, {3, 1000}, {10, 1000}, {5, 10}, {1, 2}, {4, 5000}} {
		seen, n := float64(c.hits)/float64(c.trials), float64(c.trials)
		for _, bound := range []float64{LowerBound(c.hits, c.trials), UpperBound(c.hits, c.trials)} {
			if z := math.Abs(seen-bound) / math.Sqrt(bound*(1-bound)/n); math.Abs(z-1.96) > 1e-3 {
				t.Errorf("%d of %d: %f is %f standard errors away", c.hits, c.trials, bound, z)
			}
		}
	}
	for trials, want := range map[uint64]float64{0: 1, 1: 1, 1000: 0.003, 6000: 0.0005} {
		if lower, upper := LowerBound(0, trials), UpperBound(0, trials); lower != 0 || upper != want {
			t.Errorf("0 of %d: %f to %f", trials, lower, upper)
		}
	}
}

// TestVerdicts: too little is never a pass, more violations never a better
// verdict, and the bounds hold what they bound.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	rank := map[Verdict]int{True: 0, Normalised: 0, Inconclusive: 1, False: 2}
	rapid.Check(t, func(t *rapid.T) {
		checked := rapid.Uint64Range(0, 20_000).Draw(t, "checked")
		violating := rapid.Uint64Range(0, checked).Draw(t, "violating")
		coerced := rapid.Uint64Range(0, checked-violating).Draw(t, "coerced")
		c := &legacyproxy.Conformance{Checked: checked, Violating: violating, Coerced: coerced}
		verdict, why := judge(c)
		if why == "" || rank[verdict] == 0 && (checked < Enough || float64(violating)/float64(checked) >= Tolerated) {
			t.Fatalf("%d of %d: %s, %s", violating, checked, verdict, why)
		}
		if verdict == True && coerced > 0 || verdict == Normalised && coerced == 0 {
			t.Fatalf("%d coerced: %s", coerced, verdict)
		}
		if checked > 0 {
			share := float64(violating) / float64(checked)
			if LowerBound(violating, checked) > share || UpperBound(violating, checked) < share {
				t.Fatalf("%d of %d: bounds", violating, checked)
			}
		}
		if violating > 0 {
			fewer, _ := judge(&legacyproxy.Conformance{Checked: checked, Violating: violating - 1, Coerced: coerced})
			if rank[fewer] > rank[verdict] {
				t.Fatalf("%d of %d is %s, one less %s", violating, checked, verdict, fewer)
			}
		}
	})
}

func TestNothingSeenIsNoPass(t *testing.T) {
	t.Parallel()
	if ReportOf(legacyproxy.Observations{}).Passed() {
		t.Error("no operation at all passes")
	}
	r := ReportOf(legacyproxy.Observations{Unanswered: []string{"shop.a"}})
	if r.Passed() || len(r.Operations) != 1 || r.Operations[0].Verdict != Inconclusive {
		t.Errorf("%+v", r)
	}
}
