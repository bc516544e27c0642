package conform

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema"
)

// Body is the body of a request that was checked. It reads as what is handed
// on, and tells those who decode what has been decoded already, so that they
// cannot come to another result.
type Body struct {
	mu        sync.Mutex // handlers leak readers
	reader    bytes.Reader
	source    io.ReadCloser // what is not held in memory
	json      []byte
	buffers   *buffers
	operation *Operation
	broken    []Violation
}

// buffers are pooled. A Body is not: whoever still holds it when the request is
// over must not see another request's bytes.
type buffers struct {
	raw, filled []byte
	parameters  schema.Values
}

var pool = sync.Pool{New: func() any { return new(buffers) }}

// maxKept is how large a pooled buffer may be.
const maxKept = 256 << 10

func newBody(source io.ReadCloser, o *Operation) *Body {
	return &Body{source: source, buffers: pool.Get().(*buffers), operation: o}
}

// Read reads the body as it is handed on.
func (b *Body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.buffers == nil:
		return 0, http.ErrBodyReadAfterClose
	case b.source != nil:
		return b.source.Read(p)
	}
	return b.reader.Read(p)
}

// Close closes what the body is read from.
func (b *Body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.source != nil {
		return b.source.Close()
	}
	return nil
}

// Scalar returns a parameter that is one plain value, or the contract's default
// for it: its text, and what that means in JSON, by the byte that such values
// begin with, '"' for a string (without its quotes), '0' for a number and 't'
// for true or false. '[' is a list of these, see Items, 'n' a parameter that the
// request does not have, and 0 one that is in Parameters.
func (b *Body) Scalar(place, name string) (text string, kind byte) {
	if b.buffers == nil {
		return "", schema.Absent
	}
	return b.buffers.parameters.Scalar(place, name)
}

// Items returns the texts of a parameter that is a list of plain values, and
// what each of them means. They are good until the request is over.
func (b *Body) Items(place, name string) (texts []string, kind byte) {
	if b.buffers == nil {
		return nil, schema.Unknown
	}
	return b.buffers.parameters.Items(place, name)
}

// Parameters returns all other parameters as one JSON object of the places that
// have some, {"path":{"ids":["a7"]},"query":{"page":{"limit":20}}}, with the
// contract's defaults. It is nil for an operation without parameters. The bytes
// are good until the request is over.
func (b *Body) Parameters() []byte {
	switch {
	case b.buffers == nil || b.operation.parameters.strict == nil:
		return nil
	case len(b.buffers.parameters.Document) == 0:
		return nothing
	}
	return b.buffers.parameters.Document
}

var nothing = []byte("{}")

// JSON returns the body as JSON: a JSON body itself, or what a urlencoded form
// says. It is nil for all others. The bytes are good until the request is over.
func (b *Body) JSON() []byte { return b.json }

// Refuse returns the answer to a request that matches its schemas and breaks
// rules between its values: the same as to one that does not match.
func (b *Body) Refuse(broken []problem.Fault) error {
	b.broken = make([]Violation, len(broken))
	for i, f := range broken {
		b.broken[i] = Violation{Pointer: f.Pointer, Keyword: f.Code, Message: f.Message, Schema: b.operation.bodyAt}
	}
	return b.operation.invalid(broken)
}

// hold makes data what is read.
func (b *Body) hold(data []byte) {
	b.source = nil
	b.reader.Reset(data)
}

func (b *Body) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.buffers == nil {
		return
	}
	if spooled, ok := b.source.(*os.File); ok {
		_ = spooled.Close() // it has no name any more
	}
	b.buffers.parameters.Reset()
	if cap(b.buffers.raw)+cap(b.buffers.filled)+cap(b.buffers.parameters.Document) <= maxKept {
		pool.Put(b.buffers)
	}
	b.buffers, b.json, b.source = nil, nil, nil
	b.reader.Reset(nil)
}

// hasBody reports whether a request has a body of at least one byte.
func hasBody(r *http.Request) (bool, error) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return false, nil
	}
	if r.ContentLength > 0 {
		return true, nil
	}
	peeked := &peekedBody{bufio.NewReader(r.Body), r.Body}
	_, err := peeked.Peek(1)
	if err == io.EOF {
		r.ContentLength = 0
		return false, nil
	}
	r.Body = peeked
	return err == nil, err
}

type peekedBody struct {
	*bufio.Reader
	io.Closer
}

// readAll reads a body into buf.
func readAll(buf []byte, r *http.Request) ([]byte, error) {
	const step, most = 512, 1 << 20
	size := int64(step)
	if r.ContentLength > 0 {
		size = min(r.ContentLength+1, most) // one more, to see the end
	}
	if int64(cap(buf)) < size {
		buf = make([]byte, 0, size)
	}
	buf = buf[:0]
	for {
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
	}
}

// readBody reads and checks the body, and puts what is handed on into
// found.body.
func (o *Operation) readBody(r *http.Request, found *Checked, c *content, purpose Purpose) error {
	b := found.body
	switch c.kind {
	case streamBody, eventsBody:
		return nil
	case linesBody:
		return o.readLines(r, found, c, purpose)
	case multipartBody:
		return o.readMultipart(r, found, c)
	}
	var err error
	if b.buffers.raw, err = readAll(b.buffers.raw, r); err != nil {
		return err
	}
	raw := b.buffers.raw
	if len(raw) == 0 { // it said that there is one
		return io.ErrUnexpectedEOF
	}
	b.hold(raw)
	switch c.kind {
	case jsonBody:
		filled := o.json(found, c, raw, purpose)
		b.json = filled
		b.hold(filled)
	case textBody:
		b.buffers.filled = quote(b.buffers.filled[:0], raw)
		o.text(found, c, b.buffers.filled)
	case formBody:
		b.json = o.form(found, c, raw)
	}
	r.ContentLength = int64(b.reader.Len())
	r.TransferEncoding = nil
	return nil
}

// json checks a JSON body and returns what is handed on.
func (o *Operation) json(found *Checked, c *content, raw []byte, purpose Purpose) []byte {
	run := c.schema.strict
	for {
		var out = raw
		var v []Violation
		if purpose == Fill {
			filled, violations := run.WithDefaults(found.body.buffers.filled[:0], raw, o.mode)
			if out, v = filled, violations; len(filled) > 0 && &filled[0] != &raw[0] {
				found.body.buffers.filled = filled
			}
		} else {
			v = run.Validate(raw, o.mode)
		}
		if len(v) == 0 || c.schema.lenient == nil || run == c.schema.lenient {
			found.add(v)
			return out
		}
		found.Warnings = append(found.Warnings, o.warned(v)...)
		run = c.schema.lenient
	}
}

func (o *Operation) text(found *Checked, c *content, quoted []byte) {
	v := c.schema.strict.Validate(quoted, o.mode)
	if len(v) > 0 && c.schema.lenient != nil {
		found.Warnings = append(found.Warnings, o.warned(v)...)
		v = c.schema.lenient.Validate(quoted, o.mode)
	}
	found.add(v)
}

func (o *Operation) form(found *Checked, c *content, raw []byte) []byte {
	buf := &found.body.buffers.filled
	out, v := c.form.strict.Read((*buf)[:0], raw)
	if len(v) > 0 && c.form.lenient != nil {
		found.Warnings = append(found.Warnings, o.warned(v)...)
		out, v = c.form.lenient.Read((*buf)[:0], raw)
	}
	*buf = out
	found.add(v)
	return out
}

// add notes violations of the body.
func (c *Checked) add(v []Violation) {
	if len(v) == 0 {
		return
	}
	for _, one := range v {
		c.malformed = c.malformed || one.Keyword == "syntax" || one.Keyword == "style"
	}
	c.Violations = append(c.Violations, v...)
}

// quote writes text as a JSON string. Bytes that are not UTF-8 stay, for the
// schema to find.
func quote(dst, text []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// alternatives lists media types in a sentence.
func alternatives(list []string) string {
	switch n := len(list); n {
	case 0:
		return "nothing"
	case 1:
		return list[0]
	default:
		return strings.Join(list[:n-1], ", ") + " or " + list[n-1]
	}
}

var errBroken = errors.New("the multipart body broke off")
