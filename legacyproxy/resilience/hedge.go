package resilience

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// delay is how long the first copy may take alone; false when that is not
// known yet.
func (s *Sender) delay() (time.Duration, bool) {
	if h := s.policy.Hedge; h.After > 0 {
		return h.After, true
	}
	return s.seen.quantile(s.policy.Hedge.Quantile)
}

// hedged sends r, and a copy of it when the answer is late; the first answer
// that is no failure wins and the other attempt is called off.
func (s *Sender) hedged(x *Exchange, r *http.Request, before tried) (*http.Response, tried, error) {
	after, ok := s.delay()
	if !ok {
		return s.attempt(x, r, before)
	}
	i, pass, err := s.set.take(r.Context(), before)
	if err != nil {
		return nil, 0, err
	}
	h := race{s: s, x: x, results: make(chan result, 2)}
	h.start(r, i, pass)
	late := time.NewTimer(after)
	defer late.Stop()
	var last result
	for h.waiting > 0 {
		select {
		case <-late.C:
			h.second(r, before)
		case got := <-h.results:
			h.waiting--
			if got.err == nil && !s.failed(got.res) {
				h.won(got)
				if last.res != nil {
					last.res.Body.Close()
				}
				return got.res, h.sent, nil
			}
			switch { // an answer says more than an error
			case last.res == nil:
				last = got
			case got.res != nil:
				got.res.Body.Close()
			}
		}
	}
	return last.res, h.sent, last.err
}

// race is a request of which several copies are under way.
type race struct {
	s       *Sender
	x       *Exchange
	results chan result // has room for all
	waiting int         // for so many of them
	ends    []context.CancelCauseFunc
	sent    tried
}

// result is what became of one attempt.
type result struct {
	copy int // which it was
	res  *http.Response
	err  error
}

func (h *race) start(r *http.Request, i int, pass Pass) {
	ctx, end := context.WithCancelCause(r.Context())
	n := len(h.ends)
	h.ends = append(h.ends, end)
	h.sent |= 1 << i
	h.waiting++
	r = r.WithContext(ctx) // a copy: aiming changes it
	go func() {
		res, err := h.s.sendTo(h.x, r, i, pass)
		h.results <- result{n, res, err}
	}()
}

// second sends the second copy, if that is possible. It takes only a place
// that is free: what is late because the upstream is full must not fill it
// further.
func (h *race) second(r *http.Request, before tried) {
	s := h.s
	if r.Context().Err() != nil || h.x.Body != nil && !h.x.Body.Held() {
		return
	}
	c := choice{start: s.set.turn.Load(), except: before | h.sent, well: true}
	i, pass, _ := s.set.free(c)
	if i < 0 {
		c.except = 0
		if i, pass, _ = s.set.free(c); i < 0 {
			return
		}
	}
	if !s.policy.Budget.spend() {
		s.stats.exhausted.Add(1)
		t := &s.set.targets[i]
		t.places.leave()
		if t.breaker != nil {
			t.breaker.Report(pass, Ignored)
		}
		return
	}
	again := s.again(h.x, r)
	s.stats.hedges.Add(1)
	h.start(again, i, pass)
}

// won ends all copies but the winner.
func (h *race) won(winner result) {
	if winner.copy > 0 {
		h.s.stats.wins.Add(1)
	}
	for n, end := range h.ends {
		if n != winner.copy {
			end(errLost)
		}
	}
	if h.waiting == 0 {
		return
	}
	go func() {
		for range h.waiting {
			if late := <-h.results; late.res != nil {
				late.res.Body.Close()
			}
		}
	}()
}

// failed reports whether an answer is one that the other copy may do better
// than.
func (s *Sender) failed(res *http.Response) bool {
	if p := s.policy.Retry; p != nil {
		return slices.Contains(p.On.Statuses, res.StatusCode)
	}
	return res.StatusCode >= 500
}
