package resilience

import "sync/atomic"

// Budget bounds repeated requests to a share of all: an upstream that fails is
// not asked twice as much for it. It is safe for concurrent use.
type Budget struct {
	ratio   int64 // per request, in thousandths
	balance atomic.Int64
}

const (
	whole = 1000 // one repetition
	// reserve lets the first requests after a start be repeated, too, and is
	// what a quiet hour can save up.
	reserve = 10 * whole
)

// NewBudget returns a budget of a share of the requests, from 0 to 1, and a
// reserve of 10 that has to be earned again.
func NewBudget(share float64) *Budget {
	b := &Budget{ratio: int64(share*whole + 0.5)}
	if b.ratio > 0 {
		b.balance.Store(reserve)
	}
	return b
}

// earn is called for each request.
func (b *Budget) earn() {
	for {
		n := b.balance.Load()
		if n >= reserve || b.balance.CompareAndSwap(n, min(n+b.ratio, reserve)) {
			return
		}
	}
}

// spend reports whether there is enough for one repetition, and takes it.
func (b *Budget) spend() bool {
	for {
		n := b.balance.Load()
		if n < whole {
			return false
		}
		if b.balance.CompareAndSwap(n, n-whole) {
			return true
		}
	}
}
