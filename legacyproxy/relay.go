package legacyproxy

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
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

// arrived is a body that may be in memory to its end.
type arrived interface {
	// Whole returns what is left of the body if all of it is here. It is good
	// until the next Read or Close.
	Whole() ([]byte, bool)
}

// copyBody panics with http.ErrAbortHandler when either side breaks off.
func (x *exchange) copyBody(w http.ResponseWriter, res *http.Response) {
	if b, ok := res.Body.(arrived); ok {
		if whole, ok := b.Whole(); ok {
			if _, err := w.Write(whole); err != nil {
				panic(http.ErrAbortHandler) // the client is gone
			}
			return
		}
	}
	pool := &copiers
	if res.ContentLength >= bulk {
		pool = &bulkCopiers
	}
	c := pool.Get().(*copier)
	defer pool.Put(c)
	c.start(w, res)
	defer c.stop()
	for {
		n, err := res.Body.Read(c.buf)
		if n > 0 {
			if c.write(c.buf[:n], err == io.EOF) != nil {
				panic(http.ErrAbortHandler) // the client is gone
			}
		}
		switch {
		case err == io.EOF:
			c.finish()
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
