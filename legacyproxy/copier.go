package legacyproxy

import (
	"net/http"
	"sync"
	"time"
)

// flushDelay is how long bytes of an answer of known length may wait for more.
const flushDelay = 5 * time.Millisecond

// Streams may live long and get small buffers; what is known to be bulky is
// soon over and gets there in fewer system calls with larger ones.
const bulk = 256 << 10

var (
	copiers     = sync.Pool{New: func() any { return newCopier(32 << 10) }}
	bulkCopiers = sync.Pool{New: func() any { return newCopier(128 << 10) }}
)

// copier writes an answer and sees to it that nothing waits in the server's
// buffers while PHP thinks. An answer without a length may be a stream: each
// piece goes out at once, and so does the head of an event stream. An answer
// with a length is mostly there already, and waiting a moment saves a packet.
type copier struct {
	buf []byte

	mu      sync.Mutex
	w       http.ResponseWriter // nil between two answers
	timer   *time.Timer         // for what may wait a moment
	waiting bool                // the timer runs
	atOnce  bool
	flushed bool
}

func newCopier(size int) *copier {
	c := &copier{buf: make([]byte, size)}
	c.timer = time.AfterFunc(time.Hour, c.flushLate)
	c.timer.Stop()
	return c
}

func (c *copier) start(w http.ResponseWriter, res *http.Response) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.w, c.flushed, c.atOnce = w, false, res.ContentLength < 0
	if mediaType(res.Header) == "text/event-stream" {
		c.atOnce = true
		c.flush()
		return
	}
	c.waiting = true
	c.timer.Reset(flushDelay)
}

// write writes a piece. What the last one leaves behind the server flushes.
func (c *copier) write(p []byte, last bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.w.Write(p); err != nil || last {
		return err
	}
	switch {
	case c.atOnce:
		c.flush()
	case !c.waiting:
		c.waiting = true
		c.timer.Reset(flushDelay)
	}
	return nil
}

// finish keeps the server from giving a short answer a length that PHP's did
// not have, which would depend on how fast the pieces came.
func (c *copier) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.atOnce && !c.flushed {
		c.flush()
	}
}

func (c *copier) flush() {
	c.flushed = true
	_ = http.NewResponseController(c.w).Flush() // a writer that cannot flush still writes
}

// flushLate is what the timer does. When it comes too late, it may meet the
// next answer, which is then only a little early.
func (c *copier) flushLate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting = false; c.w != nil {
		c.flush()
	}
}

func (c *copier) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.w = nil
	c.timer.Stop()
}
