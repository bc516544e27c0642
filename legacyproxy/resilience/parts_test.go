package resilience

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// TestBudget: repetitions are at most the share of all requests, plus the
// reserve, whatever the order.
func TestBudget(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		share := float64(rapid.IntRange(0, 100).Draw(t, "percent")) / 100
		b := NewBudget(share)
		requests, spent := 0, 0
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "request") {
				b.earn()
				requests++
			} else if b.spend() {
				spent++
			}
			most := share * float64(requests)
			if share > 0 {
				most += reserve / whole
			}
			if float64(spent) > most+1e-9 {
				t.Fatalf("%d of %d repeated with a share of %v", spent, requests, share)
			}
		}
	})
}

func TestLatencies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var l latencies
		var all []time.Duration
		for range rapid.IntRange(enoughSeen, 200).Draw(t, "n") {
			d := time.Duration(rapid.Int64Range(0, int64(50*time.Second)).Draw(t, "d"))
			l.add(d)
			all = append(all, d)
		}
		slices.Sort(all)
		for _, share := range []float64{0.5, 0.9, 0.95, 0.99} {
			exact := all[len(all)-1-int(float64(len(all))*(1-share))]
			got, ok := l.quantile(share)
			if !ok || got < exact-time.Microsecond || got > exact*5/4+time.Microsecond*5/4 {
				t.Fatalf("p%v is %s, exactly %s", 100*share, got, exact)
			}
		}
	})
	var few latencies
	few.add(time.Second)
	if _, ok := few.quantile(0.5); ok {
		t.Error("one answer is not enough")
	}
	for range 3 * fadeAfter { // of old answers little is left
		few.add(time.Millisecond)
	}
	if d, _ := few.quantile(0.99); d > 2*time.Millisecond {
		t.Errorf("p99 is %s", d)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &places{room: Room{Limit: 1, Queue: 3, Wait: time.Second}}
		if !p.take() || p.take() {
			t.Fatal("want one place")
		}
		var mu sync.Mutex
		var order []int
		errs := make([]error, 6)
		var wg sync.WaitGroup
		gone, leave := context.WithCancel(t.Context())
		defer leave()
		for i := range errs {
			ctx := t.Context()
			if i == 1 {
				ctx = gone
			}
			wg.Add(1)
			go func() {
				defer wg.Done()
				if errs[i] = p.await(ctx); errs[i] == nil {
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
				}
			}()
			synctest.Wait() // they come one after the other
			if i == 2 {
				leave() // there is a place in the queue again
				synctest.Wait()
			}
		}
		if p.take() {
			t.Error("somebody got past the queue")
		}
		p.leave()
		synctest.Wait()
		time.Sleep(999 * time.Millisecond)
		p.leave()
		synctest.Wait()
		time.Sleep(2 * time.Millisecond) // too late for the last
		wg.Wait()
		if !slices.Equal(order, []int{0, 2}) {
			t.Errorf("served %v", order)
		}
		for i, want := range []error{nil, context.Canceled, nil, errFull, errFull, errFull} {
			if !errors.Is(errs[i], want) {
				t.Errorf("%d: %v, want %v", i, errs[i], want)
			}
		}
		p.leave()
		if p.inFlight != 0 || p.queue.Len() != 0 || p.rejected != 3 || !p.take() {
			t.Errorf("%d in flight, %d wait, %d rejected", p.inFlight, p.queue.Len(), p.rejected)
		}
	})
}

// However requests come, wait, give up and leave, there are never more than the
// limit, and in the end nobody is left.
func TestPlacesBalance(t *testing.T) {
	t.Parallel()
	p := &places{room: Room{Limit: 3, Queue: 5, Wait: 50 * time.Microsecond}}
	var wg sync.WaitGroup
	var mu sync.Mutex
	now := 0
	for i := range 32 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 200 {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i+1)*10*time.Microsecond)
				if p.await(ctx) == nil {
					mu.Lock()
					if now++; now > 3 {
						t.Errorf("%d at once", now)
					}
					mu.Unlock()
					mu.Lock()
					now--
					mu.Unlock()
					p.leave()
				}
				cancel()
			}
		}()
	}
	wg.Wait()
	if p.inFlight != 0 || p.queue.Len() != 0 {
		t.Errorf("%d in flight, %d wait", p.inFlight, p.queue.Len())
	}
}

// TestWeights: in every round each upstream gets exactly what it weighs, and
// those that weigh more do not get it in one piece.
func TestWeights(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.IntRange(0, 20), 1, 6).Draw(t, "weights")
		var ts []Target
		total := 0
		for _, w := range weights {
			ts = append(ts, Target{NewUpstream("s", "u", Room{}, nil, nil), nil, w})
			total += w
		}
		if total == 0 {
			t.Skip("nothing weighs")
		}
		s := newSet(ts, func(*Upstream) *Breaker { return nil })
		got := make([]int, len(ts))
		for range 3 * total {
			i, _, err := s.take(context.Background(), 0)
			if err != nil {
				t.Fatal(err)
			}
			got[i]++
		}
		for i, w := range weights {
			if got[i] != 3*w {
				t.Fatalf("%v for %v", got, weights)
			}
		}
	})
}
