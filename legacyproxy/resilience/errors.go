package resilience

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var errFull = errors.New("there is no place at the upstream")

// Rejected is the error of a request that was not sent because nothing good
// would have come of it.
type Rejected struct {
	// Upstream is the one that was chosen; empty when none could be.
	Upstream string
	// Full says that there was no place, and none became free in time.
	// Otherwise the breaker is open.
	Full bool
	// After is when it makes sense to come back.
	After  time.Duration
	Reason string
}

// Error is for logs.
func (r *Rejected) Error() string {
	if r.Full {
		return fmt.Sprintf("upstream %s is full: %s", r.Upstream, r.Reason)
	}
	return "the circuit breaker is open: " + r.Reason
}

// Unsent implements unsent.Error.
func (r *Rejected) Unsent() bool { return true }

// ErrTryTimeout is the error of an attempt that took too long where the exchange
// as a whole has time left.
var ErrTryTimeout = errors.New("no answer within try-timeout")

// errLost is the cause of an attempt that another one was faster than.
var errLost = fmt.Errorf("another attempt was faster: %w", context.Canceled)
