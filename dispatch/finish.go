package dispatch

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

func newEvent(r *http.Request) *Event {
	return &Event{Method: r.Method, TraceID: traceID(r.Header), start: time.Now()}
}

// finish fills in what is known when the answer is out.
func (e *Event) finish(r *http.Request, status int, size int64) {
	e.Duration = time.Since(e.start)
	if e.Status == 0 {
		e.Status = status
	}
	if r.Method != http.MethodHead {
		e.Bytes = size
	}
}

// panicked logs a panic with its stack and returns it as an error.
func (d *Dispatcher) panicked(e *Event, p any) error {
	d.log.Error("a handler panicked", "operation", e.Operation, "target", e.Target.String(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if err, ok := p.(error); ok {
		return fmt.Errorf("panic: %v", err) // not wrapped: a problem that was thrown is a bug, too
	}
	return fmt.Errorf("panic: %v", p)
}
