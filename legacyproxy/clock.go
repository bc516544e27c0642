package legacyproxy

import (
	"context"
	"errors"
	"sync"
	"time"
)

var errTimeout = errors.New("no answer within the timeout")

// clock ends an exchange whose answer takes too long. It stands still while
// the adapter waits for the client's own bytes: a slow upload is not PHP's
// slowness.
type clock struct {
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu    sync.Mutex
	limit time.Duration
	timer *time.Timer
	done  bool
}

// startClock returns a running clock, which must be closed.
func startClock(ctx context.Context, limit time.Duration) *clock {
	c := &clock{limit: limit}
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	c.timer = time.AfterFunc(limit, c.expire)
	return c
}

func (c *clock) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.done {
		c.cancel(errTimeout)
	}
}

// pause stops the clock while the client is waited for.
func (c *clock) pause() {
	c.mu.Lock()
	if !c.done {
		c.timer.Stop()
	}
	c.mu.Unlock()
}

// restart gives PHP the whole limit again after the client's bytes came.
func (c *clock) restart() {
	c.mu.Lock()
	if !c.done {
		c.timer.Reset(c.limit)
	}
	c.mu.Unlock()
}

// shorten lets the exchange go on for a moment only.
func (c *clock) shorten(limit time.Duration) {
	c.mu.Lock()
	c.limit = min(c.limit, limit)
	c.mu.Unlock()
	c.restart()
}

// stop ends the timing but not the exchange: the answer may now take its time.
// It reports whether there was time left.
func (c *clock) stop() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = true
	c.timer.Stop()
	return !c.expired()
}

// close ends the exchange.
func (c *clock) close() {
	c.stop()
	c.cancel(context.Canceled)
}

// expired reports whether the clock ended the exchange.
func (c *clock) expired() bool { return context.Cause(c.ctx) == errTimeout }
