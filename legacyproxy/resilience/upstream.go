package resilience

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Upstream is one place that requests are sent to, shared by all operations
// that use it. It is safe for concurrent use.
type Upstream struct {
	service, name string
	places        places
	sent          atomic.Uint64

	health *Health // nil: it is taken to be well
	watch  sync.Once
	stop   context.CancelFunc
	ctx    context.Context
	ill    atomic.Bool
	log    *slog.Logger
}

// Health says how an upstream is looked after.
type Health struct {
	// Probe asks the upstream; an error means that it is not well. Its context
	// ends after Timeout.
	Probe             func(context.Context) error
	Interval, Timeout time.Duration
	// Down and Up are how many probes in a row change the verdict.
	Down, Up int
}

// NewUpstream returns an upstream of a service, well until a probe says
// otherwise. Probes begin with the first request and end with Close; h may be
// nil.
func NewUpstream(service, name string, r Room, h *Health, log *slog.Logger) *Upstream {
	u := &Upstream{service: service, name: name, health: h, log: log}
	u.places.room = r
	u.ctx, u.stop = context.WithCancel(context.Background())
	return u
}

// Close ends the probes. Exchanges under way go on.
func (u *Upstream) Close() { u.stop() }

// well reports whether the upstream should get requests, and begins to probe.
func (u *Upstream) well() bool {
	if u.health == nil {
		return true
	}
	u.watch.Do(func() { go u.probe() })
	return !u.ill.Load()
}

func (u *Upstream) probe() {
	run := 0 // probes in a row that contradict the verdict
	for {
		ctx, cancel := context.WithTimeout(u.ctx, u.health.Timeout)
		err := u.health.Probe(ctx)
		cancel()
		if u.ctx.Err() != nil {
			return
		}
		ill := u.ill.Load()
		if run++; (err != nil) == ill {
			run = 0
		}
		switch {
		case !ill && run >= u.health.Down:
			run = 0
			u.ill.Store(true)
			u.log.Warn("an upstream is taken out: its health check fails", "service", u.service, "upstream", u.name, "error", err)
		case ill && run >= u.health.Up:
			run = 0
			u.ill.Store(false)
			u.log.Info("an upstream is back: its health check passes", "service", u.service, "upstream", u.name)
		}
		// A tenth more or less, so that many servers do not ask in step.
		pause := time.NewTimer(u.health.Interval*9/10 + rand.N(u.health.Interval/5+1))
		select {
		case <-pause.C:
		case <-u.ctx.Done():
			pause.Stop()
			return
		}
	}
}

// UpstreamStats is an upstream at one moment.
type UpstreamStats struct {
	Service, Upstream string
	InFlight, Queued  int
	// Limit is 0 when there is none.
	Limit int
	// Sent and Rejected count attempts since the start: those that were sent,
	// and those for which there was no place.
	Sent, Rejected uint64
	Healthy        bool
}

// Stats returns the upstream as it is now.
func (u *Upstream) Stats() UpstreamStats {
	p := &u.places
	p.mu.Lock()
	defer p.mu.Unlock()
	return UpstreamStats{u.service, u.name, p.inFlight, p.queue.Len(), p.room.Limit, u.sent.Load(), p.rejected, !u.ill.Load()}
}
