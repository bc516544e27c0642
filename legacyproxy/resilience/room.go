package resilience

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Room is how much an upstream takes at once. The zero Room has no bounds.
type Room struct {
	// Limit is how many requests may be in flight; php-fpm has so many
	// children. 0 means no limit.
	Limit int
	// Queue is how many more may wait for a place, each at most for Wait.
	Queue int
	Wait  time.Duration
}

// places counts requests in flight and keeps a queue of those that wait, first
// come, first served.
type places struct {
	room Room

	mu       sync.Mutex
	inFlight int
	queue    list.List // of chan struct{}, closed when the place is handed over
	rejected uint64
}

// take takes a place if one is free and nobody waits for it.
func (p *places) take() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.takeLocked()
}

func (p *places) takeLocked() bool {
	if p.room.Limit > 0 && (p.inFlight >= p.room.Limit || p.queue.Len() > 0) {
		return false
	}
	p.inFlight++
	return true
}

// await takes a place, in turn. It fails with errFull when the queue is full
// or the wait too long, and with the context's error.
func (p *places) await(ctx context.Context) error {
	p.mu.Lock()
	if p.takeLocked() {
		p.mu.Unlock()
		return nil
	}
	if p.queue.Len() >= p.room.Queue {
		p.rejected++
		p.mu.Unlock()
		return errFull
	}
	mine := make(chan struct{})
	e := p.queue.PushBack(mine)
	p.mu.Unlock()

	timer := time.NewTimer(p.room.Wait)
	defer timer.Stop()
	var err error
	select {
	case <-mine:
		return nil
	case <-timer.C:
		err = errFull
	case <-ctx.Done():
		err = ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-mine: // in the last moment
		if err == errFull {
			return nil
		}
		p.leaveLocked()
	default:
		p.queue.Remove(e)
		if err == errFull {
			p.rejected++
		}
	}
	return err
}

// leave gives a place back, to whoever has waited longest.
func (p *places) leave() {
	p.mu.Lock()
	p.leaveLocked()
	p.mu.Unlock()
}

func (p *places) leaveLocked() {
	if e := p.queue.Front(); e != nil {
		p.queue.Remove(e)
		close(e.Value.(chan struct{}))
		return
	}
	p.inFlight--
}
