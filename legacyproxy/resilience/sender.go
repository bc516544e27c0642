package resilience

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

// Policy is how one operation is sent.
type Policy struct {
	// Operation is its key, for logs and statistics.
	Operation string
	Class     catalog.Class
	// Targets has at least one with a weight, and at most MaxTargets.
	Targets []Target
	Retry   *Retry         // nil: everything is sent once
	Hedge   *Hedge         // nil: one at a time
	Breaker *BreakerPolicy // nil: none
	// Budget bounds retries and hedges; needed when there is one of them. It
	// may be shared.
	Budget *Budget
	Log    *slog.Logger
}

// Retry says when a request is sent again, as far as its class permits.
type Retry struct {
	// Attempts is the most there may be, the first included.
	Attempts int
	On       Conditions
	// Backoff is the pause before the second attempt, doubled for each
	// further one up to MaxBackoff. Up to half of it is left to chance.
	Backoff, MaxBackoff time.Duration
	// TryTimeout bounds the head of one attempt's answer; 0 does not.
	TryTimeout time.Duration
}

// Conditions are what makes another attempt worth it. A request that was
// provably not sent always is.
type Conditions struct {
	Reset, Timeout bool
	Statuses       []int
}

// Hedge says when a second copy of a safe request is sent while the first is
// under way.
type Hedge struct {
	// After is how long the first may take alone. With 0 it is what a share
	// Quantile of the answers stay below, once enough were seen.
	After    time.Duration
	Quantile float64
}

// Sender sends the requests of one operation. It is safe for concurrent use.
type Sender struct {
	policy Policy
	set    *set
	seen   latencies
	stats  senderStats
}

type senderStats struct {
	retries      [causes]atomic.Uint64
	hedges, wins atomic.Uint64
	exhausted    atomic.Uint64
}

// cause is why a request is sent again.
type cause uint8

const (
	none cause = iota
	notSent
	reset
	timeout
	status
	declared
	causes = int(declared) + 1
)

var causeNames = [causes]string{"", "unsent", "reset", "timeout", "status", "rule"}

// NewSender returns a sender with breakers of its own.
func NewSender(p Policy) *Sender {
	s := &Sender{policy: p}
	s.set = newSet(p.Targets, func(u *Upstream) *Breaker {
		if p.Breaker == nil {
			return nil
		}
		return NewBreaker(*p.Breaker, func(c Change) {
			level := slog.LevelInfo
			if c.To == Open {
				level = slog.LevelWarn
			}
			p.Log.Log(context.Background(), level, "a circuit breaker is "+c.To.String()+" now",
				"operation", p.Operation, "upstream", u.name, "was", c.From.String(), "reason", c.Reason)
		})
	})
	return s
}

// Exchange is one request of a client.
type Exchange struct {
	// Request is aimed at the first target; its context bounds the exchange,
	// and must be done when the exchange is over.
	Request *http.Request
	// Aim points a request at another target, by setting its URL and Host. It
	// is needed with several, and may be called by several goroutines.
	Aim func(r *http.Request, target int)
	// Body is the request's; nil when it has none.
	Body Body
	// Keyed says that the request carries an idempotency key.
	Keyed bool
	// Alone keeps a request from being hedged.
	Alone bool
	// Look reads of an answer whose status is no reason for another attempt what
	// has to be read before any of it may go on; nil when that is nothing. It
	// reports whether what the answer says is a reason, and an error when the
	// answer broke off. It is asked, by one goroutine, where the class permits
	// another attempt and one is left. What it reads is gone: the answer may
	// still be the one that Send returns.
	Look func(*http.Response) (again bool, err error)
	// Deadline is when the answer has to have begun; zero when nobody minds.
	Deadline time.Time
}

// Body is a request's body, as far as sending it again goes.
type Body interface {
	// Held reports whether all of it is at hand: it does not wait for the
	// client, and attempts may read it side by side.
	Held() bool
	// Again returns the body from its beginning for another attempt; false when
	// that is gone. Unless it is held, earlier attempts cannot read on.
	Again() (io.ReadCloser, bool)
	// Broken reports whether the client's side failed.
	Broken() bool
}

// Send returns the first answer that is worth returning, or the last error: a
// *Rejected when nothing was sent, else the transport's. What came of the last
// attempt counts where another one is worth it and nobody takes it. The answer's
// body must be closed, always.
func (s *Sender) Send(x *Exchange) (*http.Response, error) {
	p := &s.policy
	if p.Retry == nil && p.Hedge == nil {
		res, _, err := s.attempt(x, x.Request, 0)
		return res, err
	}
	p.Budget.earn()
	if p.Retry == nil {
		res, _, err := s.round(x, x.Request, 0)
		return res, err
	}
	r, before := x.Request, tried(0)
	var last result // of an attempt that may have been executed
	for n := 1; ; n++ {
		res, at, err := s.round(x, r, before)
		if rejected := (*Rejected)(nil); last.copy > 0 && errors.As(err, &rejected) {
			return last.res, last.err
		}
		if n >= p.Retry.Attempts {
			return res, err
		}
		why := s.worth(x, res, err)
		if why == none || why != notSent && !s.set.ready() {
			return res, err
		}
		before |= at
		again := s.again(x, r)
		if again == nil {
			return res, err
		}
		pause := p.Retry.pause(n, res)
		if !x.has(pause) {
			return res, err
		}
		if !p.Budget.spend() {
			s.stats.exhausted.Add(1)
			return res, err
		}
		if last = (result{}); why != notSent {
			last = result{copy: n, res: keep(res), err: err}
			if last.res == nil && err == nil { // what it said is gone
				last.copy = 0
			}
		}
		if sleep(r.Context(), pause) != nil {
			if res != nil {
				err = r.Context().Err()
			}
			return nil, err
		}
		s.stats.retries[why].Add(1)
		r = again
	}
}

// round is one attempt, hedged where that is declared and permitted.
func (s *Sender) round(x *Exchange, r *http.Request, before tried) (*http.Response, tried, error) {
	if s.policy.Hedge != nil && s.policy.Class.Hedge() && !x.Alone {
		return s.hedged(x, r, before)
	}
	return s.attempt(x, r, before)
}

// worth says why another attempt may and should be made.
func (s *Sender) worth(x *Exchange, res *http.Response, err error) cause {
	p, on := &s.policy, &s.policy.Retry.On
	var rejected *Rejected
	switch {
	case x.Request.Context().Err() != nil, x.Body != nil && x.Body.Broken(), errors.As(err, &rejected):
		return none
	case err != nil && unsent.Proven(err):
		if p.Class.RetryUnsent() {
			return notSent
		}
		return none
	case !p.Class.Retry(x.Keyed):
		return none
	case err != nil && errors.Is(err, ErrTryTimeout):
		if on.Timeout {
			return timeout
		}
	case err != nil:
		if on.Reset {
			return reset
		}
	case slices.Contains(on.Statuses, res.StatusCode):
		return status
	case x.Look != nil:
		again, broken := x.Look(res)
		switch {
		case x.Request.Context().Err() != nil:
		case broken != nil && on.Reset:
			return reset
		case broken == nil && again:
			return declared
		}
	}
	return none
}

// keep closes an answer in whose place another one is asked for. What is at hand
// of it is returned, in case that none comes; nil when that is not all.
func keep(res *http.Response) *http.Response {
	if res == nil {
		return nil
	}
	defer res.Body.Close()
	body, ok := res.Body.(interface{ Whole() ([]byte, bool) })
	if !ok {
		return nil
	}
	whole, ok := body.Whole()
	if !ok {
		return nil
	}
	kept := *res
	kept.Body = io.NopCloser(bytes.NewReader(bytes.Clone(whole)))
	return &kept
}

// again is the request for another attempt, nil when its body is gone.
func (s *Sender) again(x *Exchange, r *http.Request) *http.Request {
	again := *r
	if x.Body != nil {
		body, ok := x.Body.Again()
		if !ok {
			return nil
		}
		again.Body = body
	}
	return &again
}

// has reports whether an attempt after a pause could still be in time.
func (x *Exchange) has(pause time.Duration) bool {
	then := time.Now().Add(pause)
	if !x.Deadline.IsZero() && !then.Before(x.Deadline) {
		return false
	}
	end, ok := x.Request.Context().Deadline()
	return !ok || then.Before(end)
}

// pause is how long to wait after the nth attempt. An upstream that says when
// to come back is believed.
func (p *Retry) pause(n int, res *http.Response) time.Duration {
	d := p.Backoff
	for range n - 1 {
		d = min(2*d, p.MaxBackoff)
	}
	d = min(d, p.MaxBackoff)
	d = d/2 + rand.N(d/2+1)
	if res != nil {
		if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 && s < 3600 {
			d = max(d, time.Duration(s)*time.Second)
		}
	}
	return d
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt sends r to a target.
func (s *Sender) attempt(x *Exchange, r *http.Request, before tried) (*http.Response, tried, error) {
	i, pass, err := s.set.take(r.Context(), before)
	if err != nil {
		return nil, 0, err
	}
	res, err := s.sendTo(x, r, i, pass)
	return res, 1 << i, err
}

// sendTo sends r to the target i, where it has a place.
func (s *Sender) sendTo(x *Exchange, r *http.Request, i int, pass Pass) (*http.Response, error) {
	a := &answer{attempt: attempt{target: &s.set.targets[i], pass: pass, ctx: r.Context()}}
	if limit := s.tryTimeout(x); limit > 0 {
		a.ctx, a.cancel = context.WithCancelCause(a.ctx)
		a.timer = time.AfterFunc(limit, func() { a.cancel(ErrTryTimeout) })
		r = r.WithContext(a.ctx)
	}
	if x.Aim != nil {
		x.Aim(r, i)
	}
	a.target.sent.Add(1)
	began := time.Now()
	res, err := a.target.transport.RoundTrip(r)
	if a.timer != nil && !a.timer.Stop() && err == nil {
		// Too late, and its context is over: nothing of the body will come.
		res.Body.Close()
		err = ErrTryTimeout
	}
	if err != nil {
		a.outcome = ofError(a.ctx)
		if x.Body != nil && x.Body.Broken() {
			a.outcome = Ignored
		}
		if context.Cause(a.ctx) == ErrTryTimeout && !unsent.Proven(err) {
			err = ErrTryTimeout
		}
		a.end()
		return nil, err
	}
	if s.policy.Hedge != nil {
		s.seen.add(time.Since(began))
	}
	a.outcome, a.ReadCloser = ofStatus(res.StatusCode), res.Body
	if w, ok := res.Body.(io.Writer); ok && res.StatusCode == http.StatusSwitchingProtocols {
		res.Body = &switched{a, w}
	} else {
		res.Body = a
	}
	return res, nil
}

// tryTimeout bounds one attempt, where another may follow it and nobody waits
// for the client.
func (s *Sender) tryTimeout(x *Exchange) time.Duration {
	p := s.policy.Retry
	if p == nil || !s.policy.Class.Retry(x.Keyed) || x.Body != nil && !x.Body.Held() {
		return 0
	}
	return p.TryTimeout
}
