package resilience

import (
	"context"
	"math"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// Target is an upstream as one operation uses it.
type Target struct {
	Upstream *Upstream
	// Transport performs the exchanges. Its errors tell what was not sent
	// (package unsent); without that nothing is taken to be unsent.
	Transport http.RoundTripper
	// Weight is its share of the requests, from 0 to 100. With 0 it gets none.
	Weight int
}

// MaxTargets is how many upstreams an operation may have.
const MaxTargets = 32

// set chooses among the targets of an operation.
type set struct {
	targets []target
	order   []uint8 // indexes of targets, each as often as it weighs, evenly spread
	turn    atomic.Uint64
}

type target struct {
	*Upstream
	transport http.RoundTripper
	breaker   *Breaker // nil: never open
}

// tried are the targets of earlier attempts, as bits.
type tried uint32

func (t tried) has(i int) bool { return t&(1<<i) != 0 }

func newSet(ts []Target, breaker func(*Upstream) *Breaker) *set {
	s := &set{}
	total := 0
	for _, t := range ts {
		s.targets = append(s.targets, target{t.Upstream, t.Transport, breaker(t.Upstream)})
		total += t.Weight
	}
	// Each round everybody gains its weight, and who has most is next and pays
	// for it: no upstream gets its share in one burst.
	gained := make([]int, len(ts))
	for range total {
		best := 0
		for i, t := range ts {
			if gained[i] += t.Weight; gained[i] > gained[best] {
				best = i
			}
		}
		gained[best] -= total
		s.order = append(s.order, uint8(best))
	}
	return s
}

// take chooses a target and takes a place at it. It prefers, in this order:
// one that is well and was not tried, has a place free, comes next by weight.
// When none has a place it waits for the one that comes next.
func (s *set) take(ctx context.Context, before tried) (int, Pass, error) {
	start := uint64(0)
	if len(s.targets) > 1 {
		if before == 0 {
			start = s.turn.Add(1) - 1
		} else { // it has had its turn
			start = s.turn.Load()
		}
	}
	for _, c := range [...]choice{{start, before, true}, {start, 0, true}, {start, 0, false}} {
		i, pass, next := s.free(c)
		switch {
		case i >= 0:
			return i, pass, nil
		case next >= 0:
			return s.await(ctx, next)
		}
	}
	return 0, 0, s.closed()
}

// choice is what a target must be like.
type choice struct {
	start  uint64 // where in the order to begin
	except tried
	well   bool // no probe must be able to stop everything: false is the last resort
}

// free takes a place at a target that has one; i is -1 when none has. next is
// then the one to wait for, or -1 when there is none either.
func (s *set) free(c choice) (i int, pass Pass, next int) {
	next = -1
	for k := range s.order {
		i := int(s.order[(c.start+uint64(k))%uint64(len(s.order))])
		t := &s.targets[i]
		if c.except.has(i) || !t.well() && c.well || t.breaker != nil && !t.breaker.ready() {
			continue
		}
		if next < 0 {
			next = i
		}
		if !t.places.take() {
			continue
		}
		if pass, ok := t.allow(); ok {
			return i, pass, next
		}
		t.places.leave()
	}
	return -1, 0, next
}

// ready reports whether some breaker would let a request through.
func (s *set) ready() bool {
	return slices.ContainsFunc(s.targets, func(t target) bool { return t.breaker == nil || t.breaker.ready() })
}

func (s *set) await(ctx context.Context, i int) (int, Pass, error) {
	t := &s.targets[i]
	if err := t.places.await(ctx); err != nil {
		if err == errFull {
			err = &Rejected{Upstream: t.name, Full: true, After: time.Second, Reason: err.Error()}
		}
		return 0, 0, err
	}
	if pass, ok := t.allow(); ok {
		return i, pass, nil
	}
	t.places.leave() // it opened meanwhile
	return 0, 0, s.closed()
}

func (t *target) allow() (Pass, bool) {
	if t.breaker == nil {
		return 0, true
	}
	return t.breaker.Allow()
}

// closed is the error when no breaker lets anything through.
func (s *set) closed() error {
	r := &Rejected{After: math.MaxInt64, Reason: "all upstreams are gone"}
	for i := range s.targets {
		b := s.targets[i].breaker
		if b == nil {
			continue
		}
		b.rejected.Add(1)
		if after := b.wait(); after < r.After {
			r.After, r.Upstream, r.Reason = after, s.targets[i].name, b.Stats().Reason
		}
	}
	return r
}
