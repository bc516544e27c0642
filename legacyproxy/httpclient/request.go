package httpclient

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/banyan-go/banyan/legacyproxy/internal/fields"
)

// inline is how long a body may be to be read before the request goes out, in
// one piece with it.
const inline = 16 << 10

// outgoing is a request as it goes over the wire.
type outgoing struct {
	head    []byte // with the whole body where that is short
	body    io.ReadCloser
	length  int64 // of the body; -1: not known
	expects bool  // to be told to go on before it sends the body
}

// long reports whether a body has to be sent beside the answer.
func (o *outgoing) long() bool { return o.body != nil }

// scratch is what a request needs until it is written.
type scratch struct {
	head  []byte
	names []string // of the header's fields, sorted
}

var scratches = sync.Pool{New: func() any { return &scratch{head: make([]byte, 0, 2<<10)} }}

// done makes the memory ready for others, unless it has become large.
func (s *scratch) done() {
	if cap(s.head) <= 4*inline {
		clear(s.names)
		scratches.Put(s)
	}
}

// prepare writes a request's head, and its body where that is short.
func (s *scratch) prepare(r *http.Request) (o outgoing, err error) {
	defer func() { s.head = o.head }()
	o = outgoing{head: s.head[:0], body: r.Body, length: r.ContentLength}
	if o.body == http.NoBody {
		o.body = nil
	}
	switch {
	case o.body == nil:
		o.length = 0
	case o.length == 0: // there may be nothing in it, and then there is no body
		var first [1]byte
		switch n, err := io.ReadFull(o.body, first[:]); {
		case n > 0:
			o.body, o.length = &rest{io.MultiReader(bytes.NewReader(first[:]), o.body), o.body}, -1
		case err == io.EOF:
			o.body = nil
		default:
			return o, bodyError(err)
		}
	}
	s.names = s.names[:0]
	for name := range r.Header {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names) // the same request is the same bytes
	if o.head, err = appendHead(o.head, r, s.names, o.length); err != nil {
		return o, err
	}
	if o.expects = o.body != nil && slices.Contains(r.Header["Expect"], "100-continue"); o.expects {
		return o, nil
	}
	if o.body != nil && o.length >= 0 && o.length <= inline {
		start := len(o.head)
		o.head = slices.Grow(o.head, int(o.length))[:start+int(o.length)]
		if _, err := io.ReadFull(o.body, o.head[start:]); err != nil {
			return o, bodyError(cut(err))
		}
		o.body = nil
	}
	return o, nil
}

// rest is a body of which a beginning was read.
type rest struct {
	io.Reader
	io.Closer
}

// appendHead appends the head of a request (RFC 9112, sections 3 and 5).
func appendHead(b []byte, r *http.Request, names []string, length int64) ([]byte, error) {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	start := len(b)
	if r.Method == "" {
		b = append(b, http.MethodGet...)
	} else {
		b = append(b, r.Method...)
	}
	if !fields.Token(string(b[start:])) {
		return b, RequestError("the method is no token")
	}
	b = append(b, ' ')
	start = len(b)
	b = appendTarget(b, r)
	for _, c := range b[start:] {
		if c <= ' ' || c == 0x7f {
			return b, RequestError("the request's target has a space or control character")
		}
	}
	if !fields.Value(host) || strings.ContainsAny(host, " \t/@") {
		return b, RequestError("the host is none")
	}
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, host...)
	b = append(b, '\r', '\n')
	b, err := appendField(b, "User-Agent", r.Header["User-Agent"])
	if err != nil {
		return b, err
	}
	if b, err = appendFraming(b, r, length); err != nil {
		return b, err
	}
	for _, name := range names {
		switch name {
		case "Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Trailer":
			continue // said already
		}
		if b, err = appendField(b, name, r.Header[name]); err != nil {
			return b, err
		}
	}
	return append(b, '\r', '\n'), nil
}

func appendField(b []byte, name string, values []string) ([]byte, error) {
	if !fields.Token(name) {
		return b, RequestError("the name of a header is no token")
	}
	for _, v := range values {
		if !fields.Value(v) {
			return b, RequestError("the value of the header " + name + " has a control character")
		}
		b = append(b, name...)
		b = append(b, ':', ' ')
		b = append(b, v...)
		b = append(b, '\r', '\n')
	}
	return b, nil
}

// appendFraming appends how the end of the body is known (RFC 9112, section
// 6).
func appendFraming(b []byte, r *http.Request, length int64) ([]byte, error) {
	switch {
	case length > 0, length == 0 && meantToHaveBody(r.Method):
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, length, 10)
		b = append(b, '\r', '\n')
	case length < 0:
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
		if len(r.Trailer) > 0 {
			return appendField(b, "Trailer", []string{strings.Join(slices.Sorted(maps.Keys(r.Trailer)), ", ")})
		}
	}
	return b, nil
}

// meantToHaveBody reports whether a server may wait for a body unless it is
// told that there is none (RFC 9110, section 8.6).
func meantToHaveBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// appendTarget appends path and query. An opaque URL holds a path that is not
// to be written anew.
func appendTarget(b []byte, r *http.Request) []byte {
	u := r.URL
	if u.Opaque == "" || u.Opaque[0] != '/' && u.Opaque != "*" || strings.HasPrefix(u.Opaque, "//") {
		return append(b, u.RequestURI()...)
	}
	b = append(b, u.Opaque...)
	if u.RawQuery != "" || u.ForceQuery {
		b = append(b, '?')
		b = append(b, u.RawQuery...)
	}
	return b
}

// A RequestError says why a request cannot be written as HTTP. It is the
// request's fault, and nothing was sent.
type RequestError string

func (e RequestError) Error() string { return "httpclient: " + string(e) }

// bodyError marks an error of the request's own body.
func bodyError(err error) error { return &BodyError{err} }

// A BodyError says that the body of a request could not be read, or had
// another length than was announced. It is not the server's fault.
type BodyError struct{ Err error }

func (e *BodyError) Error() string { return "httpclient: the request's body: " + e.Err.Error() }
func (e *BodyError) Unwrap() error { return e.Err }
