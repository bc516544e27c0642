package fastcgi

import (
	"io"
	"net/http"
	"time"

	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

// application is one layout on a server.
type application struct {
	client  *Client
	layout  Layout
	maxBody int64
}

// CloseIdleConnections closes the client's idle connections.
func (a *application) CloseIdleConnections() { a.client.CloseIdleConnections() }

// RoundTrip implements http.RoundTripper. The body is read to its end first;
// the answer's body comes as the script prints it.
func (a *application) RoundTrip(r *http.Request) (*http.Response, error) {
	var body io.Reader
	if r.Body != nil {
		defer r.Body.Close()
		if r.Body != http.NoBody {
			body = r.Body
		}
	}
	length := r.ContentLength
	if length == 0 && body != nil {
		length = -1
	}
	s := scratches.Get().(*scratch)
	defer s.putBack()
	if _, _, err := a.layout.resolve(rawPath(r)); err != nil {
		return nil, unsent.Wrap(err) // before the client's body is waited for
	}
	spooled, err := spool(body, length, a.maxBody)
	if err != nil {
		return nil, unsent.Wrap(err)
	}
	if err := s.vars.fill(r, &a.layout, spooled.size); err != nil {
		spooled.close()
		return nil, unsent.Wrap(err)
	}
	x := &exchange{client: a.client, request: r, body: spooled}
	usable := body == nil && repeatable(r.Method)
	x.keep = a.client.shelf.wanted(usable)
	res, err := x.attempt(s, usable)
	if err != nil && x.stale() {
		x.forget()
		if res, err = x.attempt(s, false); err != nil {
			err = perhapsSent{err}
		}
	}
	if err != nil {
		x.finish(false)
		return nil, x.cause(err)
	}
	return res, nil
}

// repeatable reports whether a request may be repeated that got a connection
// which another one had before, as far as its method says; see
// unsent.Single.
func repeatable(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// attempt sends the request and reads the head of its answer.
func (x *exchange) attempt(s *scratch, reuse bool) (*http.Response, error) {
	if err := x.send(s, reuse); err != nil {
		return nil, err
	}
	return x.head()
}

// answered notes that a child has taken the request, or that nobody waits for
// that any more.
func (x *exchange) answered() {
	if !x.waits {
		return
	}
	x.waits = false
	x.client.shelf.answered()
	if x.keep {
		x.conn.began = time.Now()
	}
}

// stale reports whether the exchange failed because its connection had ended
// before: php-fpm closes one after the last request of a child
// (pm.max_requests) and when it is reloaded. It had served a request, and not a
// byte came back for this one. That does not prove that it did not run.
func (x *exchange) stale() bool {
	return x.conn != nil && x.conn.reused() && x.records.kind == 0 && x.conn.in.Buffered() == 0 && x.request.Context().Err() == nil
}

// perhapsSent is the error of a second attempt, which proves nothing about the
// first.
type perhapsSent struct{ error }

func (perhapsSent) Unsent() bool    { return false }
func (e perhapsSent) Unwrap() error { return e.error }

// forget gives the connection up for another attempt.
func (x *exchange) forget() {
	x.detach()
	x.conn.discard()
	x.conn, x.detach = nil, nil
}
