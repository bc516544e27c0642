package resilience

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
	"pgregory.net/rapid"
)

// fault is what an upstream does with a request.
type fault string

const (
	fine       fault = "200"
	refuses    fault = "404"
	busy       fault = "503" // executed, perhaps
	refused    fault = "refused"
	resets     fault = "reset" // after it was executed
	hangs      fault = "hang"  // executes, and never answers
	slow       fault = "slow"  // executes, and answers after a second
	breaksBody fault = "break" // after the head
)

var allFaults = []fault{fine, refuses, busy, refused, resets, hangs, slow, breaksBody}

// backend plays faults, one per request, the last one for ever.
type backend struct {
	mu       sync.Mutex
	script   []fault
	executed int
	seen     []string // of each request that was executed: its body
	aborted  int      // requests whose context ended first
	busyMost int
	busy     int
}

func (b *backend) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	f := b.script[0]
	if len(b.script) > 1 {
		b.script = b.script[1:]
	}
	if f == refused {
		b.mu.Unlock()
		return nil, unsent.Wrap(errors.New("connection refused"))
	}
	b.executed++
	b.busy++
	b.busyMost = max(b.busyMost, b.busy)
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.busy--
		b.mu.Unlock()
	}()
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		b.seen = append(b.seen, string(body))
		b.mu.Unlock()
	}
	var wait time.Duration
	switch f {
	case resets:
		return nil, errors.New("connection reset by peer")
	case hangs:
		wait = time.Hour
	case slow:
		wait = time.Second
	}
	if sleep(r.Context(), wait) != nil {
		b.mu.Lock()
		b.aborted++
		b.mu.Unlock()
		return nil, context.Cause(r.Context())
	}
	res := &http.Response{StatusCode: 200, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader("ok"))}
	switch f {
	case refuses:
		res.StatusCode = 404
	case busy:
		res.StatusCode = 503
	case breaksBody:
		res.Body = io.NopCloser(io.MultiReader(strings.NewReader("o"), broken{}))
	}
	return res, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

// held is a body that is at hand.
type held string

func (held) Held() bool                     { return true }
func (held) Broken() bool                   { return false }
func (h held) Again() (io.ReadCloser, bool) { return io.NopCloser(strings.NewReader(string(h))), true }

// streamed is a body that can be read once.
type streamed struct{ r *strings.Reader }

func (s *streamed) Read(p []byte) (int, error) { return s.r.Read(p) }
func (*streamed) Close() error                 { return nil }
func (*streamed) Held() bool                   { return false }
func (*streamed) Broken() bool                 { return false }
func (s *streamed) Again() (io.ReadCloser, bool) {
	return s, s.r.Size() == int64(s.r.Len())
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func sender(p Policy, rooms Room, backends ...*backend) *Sender {
	for i, b := range backends {
		p.Targets = append(p.Targets, Target{NewUpstream("shop", fmt.Sprint("u", i), rooms, nil, quiet()), b, 1})
	}
	if p.Budget == nil {
		p.Budget = NewBudget(1)
	}
	p.Log = quiet()
	return NewSender(p)
}

// do sends one request and reads its answer: the status and the body, or the
// error.
func do(ctx context.Context, s *Sender, x *Exchange) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, "POST", "http://php/", nil)
	switch b := x.Body.(type) {
	case held:
		r.Body, _ = b.Again()
	case *streamed:
		r.Body = b
	}
	x.Request = r
	if len(s.policy.Targets) > 1 {
		x.Aim = func(*http.Request, int) {}
	}
	res, err := s.Send(x)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return fmt.Sprint(res.StatusCode, " ", string(body)), err
}

func retry(change func(*Retry)) *Retry {
	r := &Retry{Attempts: 3, Backoff: 10 * time.Millisecond, MaxBackoff: time.Second,
		On: Conditions{Reset: true, Timeout: true, Statuses: []int{502, 503, 504}}}
	if change != nil {
		change(r)
	}
	return r
}

func TestRetry(t *testing.T) {
	t.Parallel()
	always := func(r *Retry) {}
	refusal := func(res *http.Response) (bool, error) { return res.StatusCode == 404, nil }
	whole := func(res *http.Response) (bool, error) {
		_, err := io.ReadAll(res.Body)
		res.Body = io.NopCloser(strings.NewReader("looked at"))
		return false, err
	}
	tests := []struct {
		name     string
		class    catalog.Class
		script   []fault
		retry    func(*Retry)
		x        Exchange
		want     string // or the error
		executed int
	}{
		{"R after a reset", "R", []fault{resets, fine}, always, Exchange{}, "200 ok", 2},
		{"R after a 503", "R", []fault{busy, busy, fine}, always, Exchange{}, "200 ok", 3},
		{"R after too many", "R", []fault{busy, busy, busy, fine}, always, Exchange{}, "503 ok", 3},
		{"R, not on 404", "R", []fault{refuses, fine}, always, Exchange{}, "404 ok", 1},
		{"R, reset is not listed", "R", []fault{resets, fine}, func(r *Retry) { r.On = Conditions{} }, Exchange{}, "connection reset by peer", 1},
		{"R, unsent need not be listed", "R", []fault{refused, fine}, func(r *Retry) { r.On = Conditions{} }, Exchange{}, "200 ok", 1},
		{"R after a try that took too long", "R", []fault{hangs, fine}, func(r *Retry) { r.TryTimeout = 100 * time.Millisecond }, Exchange{}, "200 ok", 2},
		{"R, tries that take too long", "R", []fault{hangs}, func(r *Retry) { r.TryTimeout = 100 * time.Millisecond }, Exchange{}, "no answer within try-timeout", 3},
		{"R, a body that breaks off is the client's already", "R", []fault{breaksBody, fine}, always, Exchange{}, "connection reset by peer", 1},
		{"R with a body", "R", []fault{resets, busy, fine}, always, Exchange{Body: held("q")}, "200 ok", 3},
		{"R with a body that is gone", "R", []fault{resets, fine}, always, Exchange{Body: &streamed{strings.NewReader("q")}}, "connection reset by peer", 1},
		{"R with a body that nobody read", "R", []fault{refused, fine}, always, Exchange{Body: &streamed{strings.NewReader("q")}}, "200 ok", 1},
		{"R, a rule says so", "R", []fault{refuses, refuses, fine}, always, Exchange{Look: refusal}, "200 ok", 3},
		{"R, a rule says so once too often", "R", []fault{refuses}, always, Exchange{Look: refusal}, "404 ok", 3},
		{"R, no rule says so", "R", []fault{fine, refuses}, always, Exchange{Look: refusal}, "200 ok", 1},
		{"I with its key, a rule says so", "I", []fault{refuses, fine}, always, Exchange{Keyed: true, Look: refusal}, "200 ok", 2},
		{"I without a key, a rule says so", "I", []fault{refuses, fine}, always, Exchange{Look: refusal}, "404 ok", 1},
		{"W, a rule says so", "W", []fault{refuses, fine}, always, Exchange{Keyed: true, Look: refusal}, "404 ok", 1},
		{"X, a rule says so", "X", []fault{refuses, fine}, always, Exchange{Keyed: true, Look: refusal}, "404 ok", 1},
		{"U, a rule says so", "U", []fault{refuses, fine}, always, Exchange{Keyed: true, Look: refusal}, "404 ok", 1},
		{"R, an answer breaks off that is read ahead", "R", []fault{breaksBody, breaksBody, fine}, always, Exchange{Look: whole}, "200 ok", 3},
		{"R, it breaks off, but reset is not listed", "R", []fault{breaksBody, fine}, func(r *Retry) { r.On = Conditions{} }, Exchange{Look: whole}, "200 looked at", 1},
		{"I without a key, it breaks off", "I", []fault{breaksBody, fine}, always, Exchange{Look: whole}, "connection reset by peer", 1},
		{"W, it breaks off", "W", []fault{breaksBody, fine}, always, Exchange{Keyed: true, Look: whole}, "connection reset by peer", 1},
		{"I with its key", "I", []fault{resets, busy, fine}, always, Exchange{Keyed: true}, "200 ok", 3},
		{"I without a key", "I", []fault{resets, fine}, always, Exchange{}, "connection reset by peer", 1},
		{"I without a key, unsent", "I", []fault{refused, fine}, always, Exchange{}, "200 ok", 1},
		{"W unsent", "W", []fault{refused, refused, fine}, always, Exchange{}, "200 ok", 1},
		{"W after a reset", "W", []fault{resets, fine}, always, Exchange{Keyed: true}, "connection reset by peer", 1},
		{"W after a 503", "W", []fault{busy, fine}, always, Exchange{}, "503 ok", 1},
		{"W unsent, then reset", "W", []fault{refused, resets, fine}, always, Exchange{}, "connection reset by peer", 1},
		{"W has no try-timeout", "W", []fault{slow, fine}, func(r *Retry) { r.TryTimeout = 100 * time.Millisecond }, Exchange{}, "200 ok", 1},
		{"X unsent", "X", []fault{refused, fine}, always, Exchange{Keyed: true}, "connection refused", 0},
		{"U unsent", "U", []fault{refused, fine}, always, Exchange{}, "connection refused", 0},
		{"no class", "", []fault{refused, fine}, always, Exchange{Keyed: true}, "connection refused", 0},
		{"nothing declared", "R", []fault{refused, fine}, nil, Exchange{}, "connection refused", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &backend{script: tt.script}
				p := Policy{Class: tt.class}
				if tt.retry != nil {
					p.Retry = retry(tt.retry)
				}
				got, err := do(t.Context(), sender(p, Room{}, b), &tt.x)
				if err != nil {
					got = err.Error()
				}
				if got != tt.want || b.executed != tt.executed {
					t.Errorf("%q, executed %d times; want %q, %d", got, b.executed, tt.want, tt.executed)
				}
				for _, body := range b.seen {
					if body != "q" {
						t.Errorf("a body arrived as %q", body)
					}
				}
			})
		})
	}
}

// TestNotRepeatable: whatever goes wrong in whatever order, with whatever is
// declared, a request that must not be repeated is executed at most once, and
// what is repeated keeps to attempts and time.
func TestNotRepeatable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := Policy{Class: catalog.Class(rapid.SampledFrom([]string{"R", "I", "W", "X", "U", ""}).Draw(rt, "class"))}
		keyed, rule := rapid.Bool().Draw(rt, "keyed"), rapid.Bool().Draw(rt, "rule")
		if rapid.Bool().Draw(rt, "retry") {
			p.Retry = retry(func(r *Retry) {
				r.Attempts = rapid.IntRange(2, 5).Draw(rt, "attempts")
				if rapid.Bool().Draw(rt, "try-timeout") {
					r.TryTimeout = 300 * time.Millisecond
				}
			})
		}
		if rapid.Bool().Draw(rt, "hedge") {
			p.Hedge = &Hedge{After: 50 * time.Millisecond}
		}
		if rapid.Bool().Draw(rt, "breaker") {
			p.Breaker = &BreakerPolicy{Requests: 2, Failures: 0.5, Window: time.Minute, Open: 200 * time.Millisecond, Trials: 1}
		}
		var bs []*backend
		for range rapid.IntRange(1, 3).Draw(rt, "upstreams") {
			bs = append(bs, &backend{script: rapid.SliceOfN(rapid.SampledFrom(allFaults), 1, 6).Draw(rt, "script")})
		}
		room := Room{}
		if rapid.Bool().Draw(rt, "limit") {
			room = Room{Limit: 1, Queue: 1, Wait: 20 * time.Millisecond}
		}
		bodies := rapid.SliceOfN(rapid.Bool(), 1, 4).Draw(rt, "bodies")
		most := 1
		if p.Class.Retry(keyed) && p.Retry != nil {
			most = p.Retry.Attempts
		}
		if p.Hedge != nil && p.Class.Hedge() {
			most *= 2
		}
		wrong := ""
		synctest.Test(t, func(*testing.T) {
			s := sender(p, room, bs...)
			executed := func() (n int) {
				for _, b := range bs {
					n += b.executed
				}
				return n
			}
			for _, body := range bodies {
				before := executed()
				const limit = 2 * time.Second
				ctx, cancel := context.WithTimeout(context.Background(), limit)
				x := &Exchange{Keyed: keyed}
				if rule {
					x.Look = func(res *http.Response) (bool, error) {
						_, err := io.ReadAll(res.Body)
						return true, err
					}
				}
				if body {
					x.Body = held("q")
				}
				began := time.Now()
				_, _ = do(ctx, s, x)
				cancel()
				if took := time.Since(began); took > limit {
					wrong = fmt.Sprintf("it took %s", took)
				}
				synctest.Wait() // for hedges that were called off
				if n := executed() - before; n > most {
					wrong = fmt.Sprintf("executed %d times, want %d at most", n, most)
				}
			}
			for _, target := range s.set.targets {
				if st := target.Stats(); st.InFlight != 0 || st.Queued != 0 {
					wrong = fmt.Sprintf("left behind: %+v", st)
				}
			}
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

func TestHedge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		class  catalog.Class
		script []fault
		x      Exchange
		room   Room
		want   string
		took   time.Duration
		// executed and aborted count requests at the backend.
		executed, aborted int
		wins              uint64
	}{
		{"the second wins", "R", []fault{hangs, fine}, Exchange{}, Room{}, "200 ok", 100 * time.Millisecond, 2, 1, 1},
		{"the first wins", "R", []fault{slow, hangs}, Exchange{}, Room{}, "200 ok", time.Second, 2, 1, 0},
		{"fast enough", "R", []fault{fine, hangs}, Exchange{}, Room{}, "200 ok", 0, 1, 0, 0},
		{"an error does not win", "R", []fault{slow, busy}, Exchange{}, Room{}, "200 ok", time.Second, 2, 0, 0},
		{"a refusal wins", "R", []fault{hangs, refuses}, Exchange{}, Room{}, "404 ok", 100 * time.Millisecond, 2, 1, 1},
		{"with a body", "R", []fault{hangs, fine}, Exchange{Body: held("q")}, Room{}, "200 ok", 100 * time.Millisecond, 2, 1, 1},
		{"with a body that can be read once", "R", []fault{slow, fine}, Exchange{Body: &streamed{strings.NewReader("q")}}, Room{}, "200 ok", time.Second, 1, 0, 0},
		{"alone", "R", []fault{slow, fine}, Exchange{Alone: true}, Room{}, "200 ok", time.Second, 1, 0, 0},
		{"no place for a second", "R", []fault{slow, fine}, Exchange{}, Room{Limit: 1}, "200 ok", time.Second, 1, 0, 0},
		{"I is not hedged", "I", []fault{slow, fine}, Exchange{Keyed: true}, Room{}, "200 ok", time.Second, 1, 0, 0},
		{"W is not hedged", "W", []fault{slow, fine}, Exchange{}, Room{}, "200 ok", time.Second, 1, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &backend{script: tt.script}
				s := sender(Policy{Class: tt.class, Hedge: &Hedge{After: 100 * time.Millisecond}}, tt.room, b)
				began := time.Now()
				got, err := do(t.Context(), s, &tt.x)
				took := time.Since(began)
				synctest.Wait()
				if err != nil || got != tt.want || took != tt.took {
					t.Errorf("%q, %v after %s; want %q after %s", got, err, took, tt.want, tt.took)
				}
				if b.executed != tt.executed || b.aborted != tt.aborted || s.Stats().HedgesWon != tt.wins {
					t.Errorf("executed %d, aborted %d, won %d", b.executed, b.aborted, s.Stats().HedgesWon)
				}
				if st := s.set.targets[0].Stats(); st.InFlight != 0 {
					t.Errorf("%+v", st)
				}
			})
		})
	}
}

// A percentile is waited for only once it is known.
func TestHedgeAfterPercentile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &backend{script: slices.Concat(slices.Repeat([]fault{slow}, enoughSeen), []fault{hangs, fine})}
		s := sender(Policy{Class: catalog.Safe, Hedge: &Hedge{Quantile: 0.95}}, Room{}, b)
		for range enoughSeen {
			if _, err := do(t.Context(), s, &Exchange{}); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.Stats().Hedges; n != 0 {
			t.Fatalf("%d hedges before anything is known", n)
		}
		began := time.Now()
		if _, err := do(t.Context(), s, &Exchange{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < time.Second || took > 5*time.Second/4 {
			t.Errorf("hedged after %s", took)
		}
	})
}

func TestBreakerOpens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &backend{script: []fault{refuses, refuses, refuses, busy, breaksBody, busy, busy, fine}}
		s := sender(Policy{Class: catalog.Write, Breaker: &BreakerPolicy{
			Requests: 4, Failures: 0.5, Window: time.Minute, Open: 5 * time.Second, Trials: 1}}, Room{}, b)
		for range 6 { // three refusals are three successes
			_, _ = do(t.Context(), s, &Exchange{})
		}
		time.Sleep(1500 * time.Millisecond)
		_, err := do(t.Context(), s, &Exchange{})
		var rejected *Rejected
		if !errors.As(err, &rejected) || rejected.Full || rejected.After != 3500*time.Millisecond ||
			rejected.Reason != "3 of 6 requests in 1m0s failed: 1 transport, 2 5xx" || !unsent.Proven(err) {
			t.Fatalf("%+v (%v)", rejected, err)
		}
		time.Sleep(3500 * time.Millisecond)
		if got, err := do(t.Context(), s, &Exchange{}); got != "503 ok" { // the trial
			t.Errorf("%q %v", got, err)
		}
		if _, err := do(t.Context(), s, &Exchange{}); !errors.As(err, &rejected) {
			t.Errorf("%v", err)
		}
		time.Sleep(5 * time.Second)
		for range 2 {
			if got, err := do(t.Context(), s, &Exchange{}); got != "200 ok" {
				t.Errorf("%q %v", got, err)
			}
		}
		st := s.Stats().Breakers[0]
		if st.State != Closed || st.Opened != 2 || st.Rejected != 2 || b.executed != 9 {
			t.Errorf("%+v, executed %d", st, b.executed)
		}
	})
}

// A breaker that opens between two attempts, or a queue that is full by then, is
// no news about what has been sent: the client learns what became of that.
func TestBreakerOpensBetweenAttempts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		script []fault
		others bool // fail during the pause, not the attempt itself
		want   string
	}{
		{"a timeout", []fault{hangs}, false, "no answer within try-timeout"},
		{"a timeout, others fail meanwhile", []fault{hangs}, true, "no answer within try-timeout"},
		{"a reset, others fail meanwhile", []fault{resets}, true, "connection reset by peer"},
		{"a 503", []fault{busy}, false, "503 ok"},
		{"a 503, others fail meanwhile", []fault{busy}, true, "503 ok"},
		{"nothing was sent", []fault{refused}, false, "rejected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &backend{script: tt.script}
				failures := 1
				if tt.others {
					failures = 2
				}
				whole := transport(func(r *http.Request) (*http.Response, error) {
					res, err := b.RoundTrip(r)
					if err == nil {
						res.Body = arrived{res.Body}
					}
					return res, err
				})
				s := NewSender(Policy{Class: "R", Log: quiet(), Budget: NewBudget(1),
					Targets: []Target{{NewUpstream("shop", "u", Room{}, nil, quiet()), whole, 1}}, Retry: retry(func(r *Retry) { r.TryTimeout, r.Backoff = time.Second, 100*time.Millisecond }),
					Breaker: &BreakerPolicy{Requests: failures, Failures: 1, Window: time.Minute, Open: time.Minute, Trials: 1}})
				if tt.others {
					go func() { // in the pause of the first
						wait := 10 * time.Millisecond
						if tt.script[0] == hangs {
							wait += time.Second
						}
						time.Sleep(wait)
						br := s.set.targets[0].breaker
						pass, _ := br.Allow()
						br.Report(pass, Timeout)
					}()
				}
				got, err := do(t.Context(), s, &Exchange{})
				if rejected := (*Rejected)(nil); errors.As(err, &rejected) {
					got = "rejected"
				} else if err != nil {
					got = err.Error()
				}
				if got != tt.want || b.executed > 1 {
					t.Errorf("%q, executed %d times; want %q", got, b.executed, tt.want)
				}
				synctest.Wait()
			})
		})
	}
}

// What an envelope says counts in the place of the status.
func TestJudge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		script  fault
		verdict Outcome
		want    State
	}{{fine, Envelope, Open}, {busy, Fine, Closed}} {
		b := &backend{script: []fault{tt.script}}
		s := sender(Policy{Breaker: &BreakerPolicy{Requests: 1, Failures: 1, Window: time.Minute, Open: time.Minute, Trials: 1}}, Room{}, b)
		r, _ := http.NewRequest("GET", "http://php/", nil)
		res, err := s.Send(&Exchange{Request: r})
		if err != nil {
			t.Fatal(err)
		}
		sent := res.Body
		_, _ = io.ReadAll(res.Body)
		Judge(sent, tt.verdict)
		res.Body.Close()
		if got := s.Stats().Breakers[0].State; got != tt.want {
			t.Errorf("%s judged %s: %s", tt.script, tt.verdict, got)
		}
	}
	Judge(http.NoBody, Envelope) // of no sender
}

// arrived is a body that is all there.
type arrived struct{ io.ReadCloser }

func (arrived) Whole() ([]byte, bool) { return []byte("ok"), true }

// What a transport can do beyond reading stays possible, and frees the place.
func TestWhole(t *testing.T) {
	t.Parallel()
	bodies := []io.ReadCloser{http.NoBody, arrived{http.NoBody}}
	s := NewSender(Policy{Log: quiet(), Targets: []Target{{NewUpstream("s", "u", Room{Limit: 1}, nil, quiet()),
		transport(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: bodies[0]}, nil
		}), 1}}})
	for _, has := range []bool{false, true} {
		r, _ := http.NewRequest("GET", "http://php/", nil)
		res, err := s.Send(&Exchange{Request: r})
		if err != nil {
			t.Fatal(err)
		}
		whole, ok := res.Body.(interface{ Whole() ([]byte, bool) }).Whole()
		if left := s.set.targets[0].Stats().InFlight == 0; ok != has || left != has || ok && string(whole) != "ok" {
			t.Errorf("%q %v, place free: %v", whole, ok, left)
		}
		res.Body.Close()
		bodies = bodies[1:]
	}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// One upstream that hangs neither takes the places of another nor keeps its
// operations waiting.
func TestSlowUpstreamStarvesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		room := Room{Limit: 2, Queue: 4, Wait: time.Second}
		stuck, well := &backend{script: []fault{hangs}}, &backend{script: []fault{fine}}
		u0 := NewUpstream("shop", "stuck", room, nil, quiet())
		u1 := NewUpstream("shop", "well", room, nil, quiet())
		one := NewSender(Policy{Targets: []Target{{u0, stuck, 1}}, Log: quiet()})
		other := NewSender(Policy{Targets: []Target{{u1, well, 1}}, Log: quiet()})
		both := NewSender(Policy{Targets: []Target{{u0, stuck, 1}, {u1, well, 1}}, Log: quiet()})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		full := make(chan error, 20)
		for range 20 {
			go func() {
				_, err := do(ctx, one, &Exchange{})
				full <- err
			}()
		}
		synctest.Wait()
		began := time.Now()
		for range 50 {
			for _, s := range []*Sender{other, both} { // a set goes where there is room
				if got, err := do(ctx, s, &Exchange{}); got != "200 ok" {
					t.Fatalf("%q %v", got, err)
				}
			}
		}
		if time.Since(began) != 0 {
			t.Errorf("waited for %s", time.Since(began))
		}
		rejections := 0
		for range 18 { // 14 at once, 4 after a second in the queue
			var rejected *Rejected
			if err := <-full; errors.As(err, &rejected) && rejected.Full && rejected.Upstream == "stuck" {
				rejections++
			}
		}
		st := u0.Stats()
		if time.Since(began) != time.Second || rejections != 18 || st.InFlight != 2 || st.Rejected != 18 || stuck.busyMost != 2 {
			t.Errorf("after %s: %d rejections, %+v, %d at most", time.Since(began), rejections, st, stuck.busyMost)
		}
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var sick error
		set := func(err error) { mu.Lock(); sick = err; mu.Unlock() }
		probe := func(context.Context) error { mu.Lock(); defer mu.Unlock(); return sick }
		a, b := &backend{script: []fault{fine}}, &backend{script: []fault{fine}}
		h := &Health{Probe: probe, Interval: time.Second, Timeout: time.Second, Down: 2, Up: 2}
		u0, u1 := NewUpstream("shop", "a", Room{}, h, quiet()), NewUpstream("shop", "b", Room{}, nil, quiet())
		defer u0.Close()
		s := NewSender(Policy{Targets: []Target{{u0, a, 1}, {u1, b, 1}}, Log: quiet()})
		ten := func() (int, int) {
			na, nb := a.executed, b.executed
			for range 10 {
				if _, err := do(t.Context(), s, &Exchange{}); err != nil {
					t.Fatal(err)
				}
			}
			return a.executed - na, b.executed - nb
		}
		if na, nb := ten(); na != 5 || nb != 5 {
			t.Errorf("both well: %d and %d", na, nb)
		}
		set(errors.New("down"))
		time.Sleep(3 * time.Second)
		if na, nb := ten(); na != 0 || nb != 10 {
			t.Errorf("one ill: %d and %d", na, nb)
		}
		set(nil)
		time.Sleep(3 * time.Second)
		if na, nb := ten(); na != 5 || nb != 5 {
			t.Errorf("well again: %d and %d", na, nb)
		}
		// The only one is asked however ill it is.
		set(errors.New("down"))
		time.Sleep(3 * time.Second)
		only := NewSender(Policy{Targets: []Target{{u0, a, 1}}, Log: quiet()})
		if got, err := do(t.Context(), only, &Exchange{}); got != "200 ok" || u0.Stats().Healthy {
			t.Errorf("%q %v %+v", got, err, u0.Stats())
		}
	})
}

// Another attempt goes to another upstream, if there is one.
func TestRetryElsewhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down, up := &backend{script: []fault{refused}}, &backend{script: []fault{fine}}
		s := sender(Policy{Class: catalog.Write, Retry: retry(nil)}, Room{}, down, up)
		for range 10 {
			if got, err := do(t.Context(), s, &Exchange{}); got != "200 ok" {
				t.Errorf("%q %v", got, err)
			}
		}
		if n := s.Stats().Retries[0]; n.Cause != "unsent" || n.Count != 5 {
			t.Errorf("%+v", n)
		}
	})
}

// There is no attempt that could not be in time, and none beyond the budget.
func TestDeadlineAndBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &backend{script: []fault{busy}}
		s := sender(Policy{Class: catalog.Safe, Retry: retry(func(r *Retry) { r.Backoff, r.MaxBackoff = time.Second, time.Second })}, Room{}, b)
		began := time.Now()
		got, _ := do(t.Context(), s, &Exchange{Deadline: time.Now().Add(400 * time.Millisecond)})
		if got != "503 ok" || b.executed != 1 || time.Since(began) != 0 {
			t.Errorf("%q after %d attempts and %s", got, b.executed, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
		defer cancel()
		if got, _ = do(ctx, s, &Exchange{}); got != "503 ok" || b.executed != 2 || time.Since(began) != 0 {
			t.Errorf("%q after %d attempts and %s", got, b.executed, time.Since(began))
		}
		b.executed = 0
		s = sender(Policy{Class: catalog.Safe, Retry: retry(nil), Budget: NewBudget(0.1)}, Room{}, b)
		for range 1000 {
			_, _ = do(t.Context(), s, &Exchange{})
		}
		if b.executed > 1110 || b.executed < 1090 || s.Stats().Exhausted == 0 {
			t.Errorf("1000 requests that fail became %d", b.executed)
		}
		b = &backend{script: []fault{refuses}}
		s = sender(Policy{Class: catalog.Safe, Retry: retry(nil), Budget: NewBudget(0.1)}, Room{}, b)
		for range 1000 {
			_, _ = do(t.Context(), s, &Exchange{Look: func(*http.Response) (bool, error) { return true, nil }})
		}
		if b.executed > 1110 || b.executed < 1090 || s.Stats().Retries[causes-2].Cause != "rule" || s.Stats().Retries[causes-2].Count != uint64(b.executed-1000) {
			t.Errorf("1000 requests that a rule sends again became %d: %+v", b.executed, s.Stats())
		}
	})
}

// An upstream that says when to come back is believed.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	p := retry(nil)
	for value, want := range map[string]time.Duration{"2": 2 * time.Second, "": 0, "x": 0, "0": 0, "99999": 0, "Sun, 06 Nov 1994 08:49:37 GMT": 0} {
		d := p.pause(1, &http.Response{Header: http.Header{"Retry-After": {value}}})
		if want > 0 && d != want || want == 0 && (d < 5*time.Millisecond || d > 10*time.Millisecond) {
			t.Errorf("%q: %s", value, d)
		}
	}
	if d := p.pause(5, nil); d < 80*time.Millisecond || d > 160*time.Millisecond {
		t.Errorf("the fifth pause is %s", d)
	}
}
