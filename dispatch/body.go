package dispatch

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/banyan-go/banyan/problem"
)

// borrowed is what a request was like before others read its body.
type borrowed struct {
	request  *http.Request
	body     io.ReadCloser
	length   int64
	encoding []string
}

// maxInPlace is how large a body may be to be read on the request itself.
const maxInPlace = 128 << 10

// borrow returns the request that others may put another body into.
//
// While net/http writes an answer it looks at the body of its own request: to
// see whether the client still waits to be asked for it, or would have to send
// too much of it. Where neither can be, the request is net/http's own, and
// giveBack makes it what it was; otherwise it is a copy.
func (x *exchange) borrow(r *http.Request) *http.Request {
	if r.Body == nil || r.Body == http.NoBody {
		return r
	}
	x.came = borrowed{r, r.Body, r.ContentLength, r.TransferEncoding}
	if r.ContentLength >= 0 && r.ContentLength <= maxInPlace && len(r.Header["Expect"]) == 0 {
		return r
	}
	own := *r
	x.SetRequest(&own)
	return &own
}

// giveBack leaves net/http the request as it came, and the files of its form to
// be removed.
func (x *exchange) giveBack() {
	if r := x.came.request; r != nil {
		r.MultipartForm = x.Request().MultipartForm
		r.Body, r.ContentLength, r.TransferEncoding = x.came.body, x.came.length, x.came.encoding
	}
}

// body bounds a request body and remembers what went wrong with reading it:
// whatever a handler or backend makes of that, the client is told the cause.
type body struct {
	rc    io.ReadCloser
	limit int64
	left  int64 // -1 once there was more than the limit
	err   error // other than the end
}

// limitBody bounds the request's body. A body that says it is too large is an
// error at once, with nothing read. It returns nil where there is nothing to
// bound.
func limitBody(r *http.Request, limit int64) (*body, error) {
	if limit <= 0 || r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > limit {
		return nil, &http.MaxBytesError{Limit: limit}
	}
	b := &body{rc: r.Body, limit: limit, left: limit}
	r.Body = b
	return b, nil
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	// One byte more than is left tells an end from too much.
	if int64(len(p))-1 > b.left {
		p = p[:b.left+1]
	}
	n, err := b.rc.Read(p)
	if int64(n) > b.left {
		n, b.left = int(b.left), -1
		b.err = &http.MaxBytesError{Limit: b.limit}
		return n, b.err
	}
	b.left -= int64(n)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

func (b *body) Close() error { return b.rc.Close() }

// cause is the problem of the body itself, or nil.
func (b *body) cause() *problem.Error {
	if b == nil || b.err == nil {
		return nil
	}
	var tooLarge *http.MaxBytesError
	if errors.As(b.err, &tooLarge) {
		return problem.BodyTooLarge.Wrap(b.err, fmt.Sprintf("the limit is %d bytes", tooLarge.Limit))
	}
	if errors.Is(b.err, os.ErrDeadlineExceeded) {
		return statusProblem(http.StatusRequestTimeout, "", b.err)
	}
	return problem.Malformed.Wrap(b.err, "the request body broke off")
}
