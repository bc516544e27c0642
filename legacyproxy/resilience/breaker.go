package resilience

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// BreakerPolicy says when an upstream is no longer asked.
type BreakerPolicy struct {
	// Requests is how many there must be in the window before it counts.
	Requests int
	// Failures is the share of them, more than 0 and at most 1, that opens.
	Failures float64
	Window   time.Duration
	// Open is how long nothing is sent.
	Open time.Duration
	// Trials is how many requests, one after the other, must then succeed.
	Trials int
}

// State is a breaker's.
type State uint8

// The states of a breaker.
const (
	Closed   State = iota // everything passes
	HalfOpen              // one request at a time passes, on trial
	Open                  // nothing passes
)

var stateNames = [...]string{"closed", "half-open", "open"}

func (s State) String() string { return stateNames[s] }

// Change is a breaker's change of state.
type Change struct {
	From, To State
	// Reason is a sentence for logs.
	Reason string
}

// Breaker keeps requests from an upstream that fails. It is safe for
// concurrent use.
type Breaker struct {
	policy  BreakerPolicy
	now     func() time.Duration // since some moment, never back
	changed func(Change)         // called without the lock

	// word is the state with a number that grows with each change, so that a
	// result counts only in the state that its request was let through in.
	word     atomic.Uint64
	rejected atomic.Uint64

	mu      sync.Mutex
	window  window
	until   time.Duration // open: when trials begin
	trial   bool          // half-open: one is out
	granted time.Duration // half-open: since when
	passed  int           // half-open: trials that succeeded
	opened  uint64
	reason  string // of the last opening
}

// Pass is what Report wants back.
type Pass uint64

func (p Pass) state() State { return State(p & 3) }

// NewBreaker returns a closed breaker. changed may be nil.
func NewBreaker(p BreakerPolicy, changed func(Change)) *Breaker {
	began := time.Now()
	return newBreaker(p, changed, func() time.Duration { return time.Since(began) })
}

func newBreaker(p BreakerPolicy, changed func(Change), now func() time.Duration) *Breaker {
	if changed == nil {
		changed = func(Change) {}
	}
	return &Breaker{policy: p, now: now, changed: changed, window: newWindow(p.Window)}
}

// Allow reports whether a request may be sent; one that may must be reported.
func (b *Breaker) Allow() (Pass, bool) {
	if p := Pass(b.word.Load()); p.state() == Closed {
		return p, true
	}
	b.mu.Lock()
	p, change, ok := b.allow(b.now())
	b.mu.Unlock()
	if change != nil {
		b.changed(*change)
	}
	return p, ok
}

func (b *Breaker) allow(now time.Duration) (p Pass, change *Change, ok bool) {
	p = Pass(b.word.Load())
	switch p.state() {
	case Closed:
		return p, nil, true
	case Open:
		if now < b.until {
			return 0, nil, false
		}
		change = b.to(HalfOpen, fmt.Sprintf("%s have passed", b.policy.Open))
		p = Pass(b.word.Load())
		b.passed = 0
	case HalfOpen:
		// A trial that streams for hours must not keep the others out.
		if b.trial && now < b.granted+b.policy.Open {
			return 0, nil, false
		}
	}
	b.trial, b.granted = true, now
	return p, change, true
}

// Report says what became of a request that was allowed.
func (b *Breaker) Report(p Pass, o Outcome) {
	if o == Ignored && p.state() == Closed {
		return
	}
	b.mu.Lock()
	change := b.report(p, o, b.now())
	b.mu.Unlock()
	if change != nil {
		b.changed(*change)
	}
}

func (b *Breaker) report(p Pass, o Outcome, now time.Duration) *Change {
	if p != Pass(b.word.Load()) {
		return nil
	}
	if p.state() == Closed {
		b.window.add(now, o)
		if !o.Failed() {
			return nil
		}
		sum := b.window.sum(now)
		all, failed := sum.total()
		if int(all) < b.policy.Requests || float64(failed) < b.policy.Failures*float64(all) {
			return nil
		}
		return b.open(now, fmt.Sprintf("%d of %d requests in %s failed: %s", failed, all, b.policy.Window, sum.String()))
	}
	b.trial = false
	switch {
	case o == Ignored:
	case o.Failed():
		return b.open(now, "a request on trial failed: "+o.String())
	default:
		if b.passed++; b.passed >= b.policy.Trials {
			b.window.clear()
			return b.to(Closed, fmt.Sprintf("%d of %d requests on trial succeeded", b.passed, b.policy.Trials))
		}
	}
	return nil
}

func (b *Breaker) open(now time.Duration, reason string) *Change {
	b.until, b.reason = now+b.policy.Open, reason
	b.opened++
	return b.to(Open, reason)
}

func (b *Breaker) to(s State, reason string) *Change {
	word := b.word.Load()
	b.word.Store((word>>2+1)<<2 | uint64(s))
	return &Change{From: Pass(word).state(), To: s, Reason: reason}
}

// ready reports whether Allow would let a request through. It changes nothing.
func (b *Breaker) ready() bool {
	if Pass(b.word.Load()).state() == Closed {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	switch Pass(b.word.Load()).state() {
	case Open:
		return now >= b.until
	case HalfOpen:
		return !b.trial || now >= b.granted+b.policy.Open
	}
	return true
}

// wait is how long to stay away.
func (b *Breaker) wait() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if Pass(b.word.Load()).state() == Open {
		return max(b.until-b.now(), 0)
	}
	return max(b.granted+b.policy.Open-b.now(), 0)
}

// BreakerStats is a breaker at one moment.
type BreakerStats struct {
	State State
	// Opened and Rejected count since the start: how often it opened, and the
	// requests that it kept from being sent.
	Opened, Rejected uint64
	// Reason is why it opened last; empty when it never did.
	Reason string
}

// Stats returns the breaker as it is now.
func (b *Breaker) Stats() BreakerStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return BreakerStats{Pass(b.word.Load()).state(), b.opened, b.rejected.Load(), b.reason}
}
