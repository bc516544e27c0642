package resilience

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/banyan-go/banyan/catalog"
)

// instant answers at once, without a body.
type instant struct{ res http.Response }

func (i *instant) RoundTrip(*http.Request) (*http.Response, error) {
	res := i.res
	res.Body = http.NoBody
	return &res, nil
}

// BenchmarkSend is what policies cost a request that nothing happens to. The
// transport's own answer is one allocation.
func BenchmarkSend(b *testing.B) {
	t := &instant{http.Response{StatusCode: 200}}
	breaker := &BreakerPolicy{Requests: 20, Failures: 0.5, Window: 10 * time.Second, Open: time.Second, Trials: 3}
	room := Room{Limit: 100, Queue: 10, Wait: time.Second}
	one := []Target{{NewUpstream("s", "a", room, nil, nil), t, 1}}
	three := append([]Target{{NewUpstream("s", "b", room, nil, nil), t, 3}, {NewUpstream("s", "c", room, nil, nil), t, 2}}, one...)
	for _, bench := range []struct {
		name   string
		policy Policy
	}{
		{"limit", Policy{Targets: one}},
		{"limit and breaker", Policy{Targets: one, Breaker: breaker}},
		{"limit, breaker, retry", Policy{Class: catalog.Safe, Targets: one, Breaker: breaker, Retry: retry(nil), Budget: NewBudget(0.1)}},
		{"limit, breaker, retry, three upstreams", Policy{Class: catalog.Safe, Targets: three, Breaker: breaker, Retry: retry(nil), Budget: NewBudget(0.1)}},
		{"limit, breaker, retry with try-timeout", Policy{Class: catalog.Safe, Targets: one, Breaker: breaker, Retry: retry(func(r *Retry) { r.TryTimeout = time.Second }), Budget: NewBudget(0.1)}},
		{"limit, breaker, hedge", Policy{Class: catalog.Safe, Targets: one, Breaker: breaker, Hedge: &Hedge{After: time.Second}, Budget: NewBudget(0.1)}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			bench.policy.Log = quiet()
			s := NewSender(bench.policy)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			r, _ := http.NewRequestWithContext(ctx, "GET", "http://php/", nil)
			b.ReportAllocs()
			for b.Loop() {
				res, err := s.Send(&Exchange{Request: r, Aim: func(*http.Request, int) {}})
				if err != nil {
					b.Fatal(err)
				}
				res.Body.Close()
			}
		})
	}
	b.Run("breaker alone", func(b *testing.B) {
		br := NewBreaker(*breaker, nil)
		b.ReportAllocs()
		for b.Loop() {
			if p, ok := br.Allow(); ok {
				br.Report(p, Fine)
			}
		}
	})
}
