package legacyproxy

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// requestBody is a client's body on its way to PHP. net/http may go on reading
// it after the exchange ended, when the server already uses the connection for
// something else; after end it sees no more of it.
type requestBody struct {
	src   io.Reader
	clock *clock
	ended atomic.Bool
	eof   atomic.Bool
	err   atomic.Pointer[error] // what the client's side broke off with
	turn  atomic.Uint64         // whose it is to read; see Again

	announced http.Header // the client's trailers: net/http fills them in at the end
	trailer   http.Header // those that go to PHP: net/http reads them after the end
}

var errExchangeEnded = errors.New("the exchange has ended")

func (b *requestBody) Read(p []byte) (int, error) { return b.read(0, p) }

func (b *requestBody) read(attempt uint64, p []byte) (int, error) {
	if b.ended.Load() || !b.begin(attempt) {
		return 0, errExchangeEnded
	}
	b.clock.pause()
	n, err := b.src.Read(p)
	b.clock.restart()
	switch {
	case err == io.EOF:
		b.eof.Store(true)
		for name := range b.trailer {
			b.trailer[name] = b.announced[name]
		}
	case err != nil:
		b.err.Store(&err)
	}
	return n, err
}

// Close does nothing: the server closes the body of its request, and closing
// waits for the client.
func (b *requestBody) Close() error { return nil }

func (b *requestBody) end() {
	if b != nil {
		b.ended.Store(true)
	}
}

// unread reports whether there is more to come from the client.
func (b *requestBody) unread() bool { return b != nil && !b.eof.Load() }

// failure is the error of the client's side, if there was one.
func (b *requestBody) failure() error {
	if b == nil {
		return nil
	}
	if err := b.err.Load(); err != nil {
		return *err
	}
	return nil
}
