package legacyproxy

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// relay writes an answer to the client as it comes in.
func (x *exchange) relay(w http.ResponseWriter, r *http.Request, res *http.Response) {
	defer res.Body.Close()
	h := w.Header()
	relayHeader(h, res.Header)
	announced := len(res.Trailer)
	if announced > 0 {
		h["Trailer"] = []string{strings.Join(slices.Sorted(maps.Keys(res.Trailer)), ", ")}
	}
	if x.body.unread() {
		// PHP answers while the client still sends. Without this the server
		// would swallow the rest of the body before it lets the answer out.
		_ = http.NewResponseController(w).EnableFullDuplex()
	}
	w.WriteHeader(res.StatusCode)
	if r.Method != http.MethodHead {
		x.copyBody(w, res)
	}
	res.Body.Close() // now: it fills res.Trailer
	if len(res.Trailer) == 0 {
		return
	}
	_ = http.NewResponseController(w).Flush() // or a short answer would get a length and lose its trailers
	for name, values := range res.Trailer {
		if announced < len(res.Trailer) {
			name = http.TrailerPrefix + name
		}
		h[name] = values
	}
}

// relayHeader puts PHP's header over what middleware has prepared, adding to
// it where several values make sense. Values are shared, not copied.
func relayHeader(h, from http.Header) {
	for name, values := range from {
		if hopByHop(name) {
			continue
		}
		switch name {
		case "Set-Cookie", "Vary", "Link", "Server-Timing":
			if before := h[name]; len(before) > 0 {
				values = slices.Concat(before, values)
			}
		}
		h[name] = values
	}
	if connection := from["Connection"]; connection != nil {
		dropConnectionNamed(h, connection)
	}
	if _, ok := from["Content-Type"]; !ok {
		h["Content-Type"] = nil // or net/http would guess one
	}
}

const bufferSize = 32 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// copyBody panics with http.ErrAbortHandler when either side breaks off.
func (x *exchange) copyBody(w http.ResponseWriter, res *http.Response) {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	out := newFlusher(w, res)
	defer out.stop()
	for {
		n, err := res.Body.Read(buf[:])
		if n > 0 {
			if out.write(buf[:n], err == io.EOF) != nil {
				panic(http.ErrAbortHandler) // the client is gone
			}
		}
		switch {
		case err == io.EOF:
			out.finish()
			return
		case err != nil:
			if x.clock.ctx.Err() == nil {
				x.log.WarnContext(x.clock.ctx, "the legacy backend broke off in the middle of an answer",
					"operation", x.rt.key, "status", res.StatusCode, "error", err)
			}
			panic(http.ErrAbortHandler)
		}
	}
}

// flushDelay is how long bytes of an answer of known length may wait for more.
const flushDelay = 5 * time.Millisecond

// flusher sees to it that nothing waits in the server's buffers while PHP
// thinks. An answer without a length may be a stream: each piece goes out at
// once, and so does the head of an event stream. An answer with a length is
// mostly there already, and waiting a moment saves a packet.
type flusher struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	ctl     *http.ResponseController
	timer   *time.Timer // for what may wait a moment; nil when nothing may
	waiting bool        // the timer runs
	atOnce  bool
	flushed bool
	stopped bool
}

func newFlusher(w http.ResponseWriter, res *http.Response) *flusher {
	f := &flusher{w: w, ctl: http.NewResponseController(w), atOnce: res.ContentLength < 0}
	if mediaType(res.Header) == "text/event-stream" {
		f.atOnce = true
		f.flushNow()
		return f
	}
	f.waiting = true
	f.timer = time.AfterFunc(flushDelay, f.flush)
	return f
}

// write writes a piece. What the last one leaves behind the server flushes.
func (f *flusher) write(p []byte, last bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := f.w.Write(p); err != nil || last {
		return err
	}
	switch {
	case f.atOnce:
		f.flushNow()
	case !f.waiting:
		f.waiting = true
		f.timer.Reset(flushDelay)
	}
	return nil
}

// finish keeps the server from giving a short answer a length that PHP's did
// not have, which would depend on how fast the pieces came.
func (f *flusher) finish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.atOnce && !f.flushed {
		f.flushNow()
	}
}

func (f *flusher) flushNow() {
	f.flushed = true
	_ = f.ctl.Flush() // a writer that cannot flush still writes
}

func (f *flusher) flush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting = false; !f.stopped {
		f.flushNow()
	}
}

func (f *flusher) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	if f.timer != nil {
		f.timer.Stop()
	}
}
