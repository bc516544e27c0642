package legacyproxy

import (
	"maps"
	"net/http"
	"net/textproto"
	"sync"
)

// earlyHints passes 1xx answers on (RFC 8297) for as long as the final answer
// has not come.
type earlyHints struct {
	mu   sync.Mutex
	w    http.ResponseWriter
	done bool
}

// relay is called by net/http, on a goroutine of its own.
func (e *earlyHints) relay(code int, hints textproto.MIMEHeader) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	// The server sends 100 itself once the body is read.
	if e.done || code == http.StatusContinue {
		return nil
	}
	// Frameworks take the first WriteHeader for the final one: the server's own
	// writer, below theirs, knows better.
	w := e.w
	for {
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = outer.Unwrap()
	}
	h := w.Header()
	final := maps.Clone(h)
	clear(h)
	for name, values := range hints {
		if !hopByHop(name) {
			h[name] = values
		}
	}
	dropConnectionNamed(h, hints["Connection"])
	w.WriteHeader(code)
	clear(h)
	maps.Copy(h, final)
	return nil
}

func (e *earlyHints) end() {
	if e == nil {
		return
	}
	e.mu.Lock()
	e.done = true
	e.mu.Unlock()
}
