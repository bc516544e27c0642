package admin

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// patient cuts off a client that stops sending its body, however slow it may
// be otherwise. http.Server.ReadTimeout would bound the whole upload, and end
// the context of every request that takes longer, event streams too.
func patient(next http.Handler, patience time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			b := &patientBody{ReadCloser: r.Body, control: http.NewResponseController(w), patience: patience}
			// Nobody may read the body: net/http then does, before the next
			// request on the connection.
			b.extend()
			// On a copy: net/http looks at the body of its own request to see
			// whether the client waits to be asked for it.
			own := *r
			own.Body = b
			next.ServeHTTP(w, &own)
			r.MultipartForm = own.MultipartForm // net/http removes its files
			return
		}
		next.ServeHTTP(w, r)
	})
}

type patientBody struct {
	io.ReadCloser
	control  *http.ResponseController
	patience time.Duration
}

func (b *patientBody) extend() {
	_ = b.control.SetReadDeadline(time.Now().Add(b.patience)) // a test's writer cannot
}

func (b *patientBody) Read(p []byte) (int, error) {
	b.extend()
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		// net/http now listens whether the client goes away. Left in place
		// the deadline would look like that.
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
