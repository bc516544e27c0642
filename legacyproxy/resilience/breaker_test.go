package resilience

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var policy = BreakerPolicy{Requests: 4, Failures: 0.5, Window: 10 * time.Second, Open: 3 * time.Second, Trials: 2}

// one is a breaker with a clock that the test moves.
type one struct {
	*Breaker
	time    time.Duration
	changes []string
}

func newOne(p BreakerPolicy) *one {
	o := &one{}
	o.Breaker = newBreaker(p, func(c Change) { o.changes = append(o.changes, fmt.Sprintf("%s: %s", c.To, c.Reason)) },
		func() time.Duration { return o.time })
	return o
}

func (o *one) do(t *testing.T, outcomes ...Outcome) {
	t.Helper()
	for _, outcome := range outcomes {
		p, ok := o.Allow()
		if !ok {
			t.Fatalf("not allowed at %s", o.time)
		}
		o.Report(p, outcome)
	}
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		run  func(*testing.T, *one)
		want []string
	}{
		{"too few", func(t *testing.T, o *one) { o.do(t, Timeout, Timeout, Timeout) }, nil},
		{"enough", func(t *testing.T, o *one) { o.do(t, Fine, Fine, Transport, Timeout) },
			[]string{"open: 2 of 4 requests in 10s failed: 1 transport, 1 timeout"}},
		{"a success does not open", func(t *testing.T, o *one) { o.do(t, Timeout, Timeout, Timeout, Fine) }, nil},
		{"clients that leave do not count", func(t *testing.T, o *one) { o.do(t, Ignored, Ignored, Ignored, Ignored, Timeout) }, nil},
		{"old failures do not count", func(t *testing.T, o *one) {
			o.do(t, Timeout, Timeout, Timeout)
			o.time += 10 * time.Second
			o.do(t, Timeout)
		}, nil},
		{"failures that are not that old count", func(t *testing.T, o *one) {
			o.do(t, Timeout, Timeout, Timeout)
			o.time += 8 * time.Second
			o.do(t, Envelope)
		}, []string{"open: 4 of 4 requests in 10s failed: 3 timeout, 1 envelope"}},
		{"there and back", func(t *testing.T, o *one) {
			o.do(t, ServerError, ServerError, ServerError, ServerError)
			o.time += 3*time.Second - 1
			if _, ok := o.Allow(); ok || o.wait() != 1 {
				t.Error("allowed while open")
			}
			o.time++
			p, ok := o.Allow()
			if _, second := o.Allow(); !ok || second {
				t.Error("want one trial")
			}
			o.Report(p, Fine)
			o.do(t, Fine, Timeout, Fine, Fine)
		}, []string{"open: 4 of 4 requests in 10s failed: 4 5xx", "half-open: 3s have passed", "closed: 2 of 2 requests on trial succeeded"}},
		{"a trial fails", func(t *testing.T, o *one) {
			o.do(t, Timeout, Timeout, Timeout, Timeout)
			o.time += 3 * time.Second
			o.do(t, Fine, Transport)
			if _, ok := o.Allow(); ok {
				t.Error("allowed after a trial failed")
			}
		}, []string{"open: 4 of 4 requests in 10s failed: 4 timeout", "half-open: 3s have passed", "open: a request on trial failed: transport"}},
		{"a client leaves during the trial", func(t *testing.T, o *one) {
			o.do(t, Timeout, Timeout, Timeout, Timeout)
			o.time += 3 * time.Second
			o.do(t, Ignored, Fine, Fine)
		}, []string{"open: 4 of 4 requests in 10s failed: 4 timeout", "half-open: 3s have passed", "closed: 2 of 2 requests on trial succeeded"}},
		{"what began before does not count", func(t *testing.T, o *one) {
			early, _ := o.Allow()
			o.do(t, Timeout, Timeout, Timeout, Timeout)
			o.Report(early, Timeout)
			o.time += 3 * time.Second
			o.do(t, Fine)
			o.Report(early, Timeout)
			o.do(t, Fine)
		}, []string{"open: 4 of 4 requests in 10s failed: 4 timeout", "half-open: 3s have passed", "closed: 2 of 2 requests on trial succeeded"}},
		{"an endless trial keeps nobody out for ever", func(t *testing.T, o *one) {
			o.do(t, Timeout, Timeout, Timeout, Timeout)
			o.time += 3 * time.Second
			if _, ok := o.Allow(); !ok {
				t.Error("no trial")
			}
			o.time += 3 * time.Second
			o.do(t, Fine, Fine)
		}, []string{"open: 4 of 4 requests in 10s failed: 4 timeout", "half-open: 3s have passed", "closed: 2 of 2 requests on trial succeeded"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOne(policy)
			tt.run(t, o)
			if !slices.Equal(o.changes, tt.want) {
				t.Errorf("changes %q, want %q", o.changes, tt.want)
			}
		})
	}
}

// model is the breaker as its documentation tells it, without its tricks.
type model struct {
	state   State
	events  []event // while closed
	until   time.Duration
	trial   int // number of the request on trial; 0: none
	granted time.Duration
	passed  int
}

type event struct {
	slot   int64
	failed bool
}

func (m *model) allow(now time.Duration, n int) bool {
	switch {
	case m.state == Closed:
		return true
	case m.state == Open && now < m.until:
		return false
	case m.state == Open:
		m.state, m.passed = HalfOpen, 0
	case m.trial != 0 && now < m.granted+policy.Open:
		return false
	}
	m.trial, m.granted = n, now
	return true
}

func (m *model) report(now time.Duration, o Outcome) {
	slot := int64(now / (policy.Window / slots))
	switch {
	case o == Ignored:
		if m.state == HalfOpen {
			m.trial = 0
		}
	case m.state == Closed:
		m.events = append(m.events, event{slot, o.Failed()})
		all, failed := 0, 0
		for _, e := range m.events {
			if e.slot > slot-slots {
				all++
				if e.failed {
					failed++
				}
			}
		}
		if o.Failed() && all >= policy.Requests && float64(failed) >= policy.Failures*float64(all) {
			m.open(now)
		}
	case m.state == HalfOpen:
		m.trial = 0
		if o.Failed() {
			m.open(now)
		} else if m.passed++; m.passed == policy.Trials {
			m.state, m.events = Closed, nil
		}
	}
}

func (m *model) open(now time.Duration) {
	m.state, m.until, m.trial = Open, now+policy.Open, 0
}

// TestBreakerModel: whatever happens in whatever order, the breaker does what
// the model does.
func TestBreakerModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o, m := newOne(policy), &model{}
		type request struct {
			pass Pass
			era  int // how often the state had changed
		}
		var out []request
		n := 0
		t.Repeat(map[string]func(*rapid.T){
			"time passes": func(t *rapid.T) {
				o.time += time.Duration(rapid.Int64Range(1, int64(4*time.Second)).Draw(t, "ns"))
			},
			"a request": func(t *rapid.T) {
				n++
				ready := o.ready()
				p, ok := o.Allow()
				if want := m.allow(o.time, n); ok != want || ready != want {
					t.Fatalf("allowed %v, ready %v, want %v in %s", ok, ready, want, m.state)
				}
				if ok {
					out = append(out, request{p, len(o.changes)})
				}
			},
			"an answer": func(t *rapid.T) {
				if len(out) == 0 {
					t.Skip("none is out")
				}
				i := rapid.IntRange(0, len(out)-1).Draw(t, "which")
				outcome := Outcome(rapid.IntRange(int(Fine), int(Ignored)).Draw(t, "outcome"))
				if out[i].era == len(o.changes) {
					m.report(o.time, outcome)
				}
				o.Report(out[i].pass, outcome)
				out = slices.Delete(out, i, i+1)
			},
			"": func(t *rapid.T) {
				if got := o.Stats().State; got != m.state {
					t.Fatalf("%s, want %s", got, m.state)
				}
				if m.state == Open && o.wait() != max(m.until-o.time, 0) {
					t.Fatalf("wait %s", o.wait())
				}
			},
		})
	})
}
