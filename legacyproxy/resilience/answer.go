package resilience

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// attempt is one request at one target, from its place to its end.
type attempt struct {
	target  *target
	pass    Pass
	ctx     context.Context
	cancel  context.CancelCauseFunc // with try-timeout; else nil, as the timer
	timer   *time.Timer
	outcome Outcome
	left    atomic.Bool
	judged  atomic.Bool
}

// leave gives the place back.
func (a *attempt) leave() {
	if !a.left.Swap(true) {
		a.target.places.leave()
	}
}

// end gives the place back and tells the breaker.
func (a *attempt) end() {
	a.leave()
	if a.judged.Swap(true) {
		return
	}
	if a.target.breaker != nil {
		a.target.breaker.Report(a.pass, a.outcome)
	}
	if a.cancel != nil {
		a.cancel(context.Canceled)
	}
}

// answer is the body of an answer.
type answer struct {
	io.ReadCloser
	attempt
}

// Read implements io.Reader. At the end the upstream is free again, though the
// client may still be taking in what was read.
func (a *answer) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if err != nil {
		if err != io.EOF && a.outcome == Fine {
			a.outcome = ofError(a.ctx)
		}
		a.leave()
	}
	return n, err
}

// Whole returns what is left of the body if the transport has all of it at
// hand, which frees the upstream. It is good until the next Read or Close.
func (a *answer) Whole() ([]byte, bool) {
	b, ok := a.ReadCloser.(interface{ Whole() ([]byte, bool) })
	if !ok {
		return nil, false
	}
	whole, ok := b.Whole()
	if ok {
		a.leave()
	}
	return whole, ok
}

// Close implements io.Closer.
func (a *answer) Close() error {
	err := a.ReadCloser.Close()
	a.end()
	return err
}

// switched is the body of an answer that switches protocols: both directions
// of a connection.
type switched struct {
	*answer
	io.Writer
}

// Judge replaces what an answer's status said about the upstream: an envelope
// may hold an error though the status is 200, or none though it is 500. It
// takes the answer's body as Send returned it, must come before that is
// closed, and does nothing to other bodies.
func Judge(body io.Reader, o Outcome) {
	if a, ok := body.(*answer); ok {
		a.outcome = o
	}
}
