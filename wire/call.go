package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/banyan-go/banyan/catalog"
)

// Call builds the request of one operation for a catalog.Caller.
type Call struct {
	op     *catalog.Operation
	shape  *Shape
	path   map[string]string
	query  []string
	header http.Header
	body   io.Reader
	errs   []error
}

// NewCall begins a request to an operation.
func NewCall(op *catalog.Operation, shape *Shape) *Call {
	return &Call{op: op, shape: shape, path: map[string]string{}, header: http.Header{}}
}

// Param writes the shape's i-th parameter. An absent optional value, a nil
// pointer or slice, is left out.
func (c *Call) Param(i int, v any) {
	p := &paramsOf(c.shape)[i]
	if err := c.param(p, v); err != nil {
		c.errs = append(c.errs, fmt.Errorf("%s parameter %s: %w", p.In, p.Name, err))
	}
}

func (c *Call) param(p *Param, v any) error {
	if !p.Required && absent(v) {
		return nil
	}
	n, present, err := nodeOf(v)
	if err != nil {
		return err
	}
	if !present {
		if p.Required {
			return errors.New("is required")
		}
		return nil
	}
	if p.Style == JSON {
		data, err := Marshal(v)
		if err != nil {
			return err
		}
		n = text(string(data))
	}
	switch p.In {
	case InPath:
		c.path[p.Name], err = n.pathText(p)
	case InQuery:
		var pairs []string
		pairs, err = n.queryPairs(p)
		c.query = append(c.query, pairs...)
	case InHeader:
		var value string
		if value, err = n.simple(p.Explode, func(s string) string { return s }); err == nil {
			if strings.ContainsAny(value, "\r\n\x00") {
				return errors.New("it holds a line break")
			}
			c.header.Set(p.Name, value)
		}
	case InCookie:
		var value string
		if value, err = n.joined(",", ",", p.Explode, escapeCookie); err == nil {
			c.cookie(p.Name + "=" + value)
		}
	}
	return err
}

// cookie joins all cookies in one field, as RFC 6265 wants them.
func (c *Call) cookie(pair string) {
	if have := c.header.Get("Cookie"); have != "" {
		pair = have + "; " + pair
	}
	c.header.Set("Cookie", pair)
}

func escapeCookie(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (c *Call) bytes(media string, data []byte, err error) {
	if err != nil {
		c.errs = append(c.errs, fmt.Errorf("body: %w", err))
		return
	}
	c.header.Set("Content-Type", media)
	c.body = bytes.NewReader(data)
}

// JSON sets the body.
func (c *Call) JSON(media string, v any) {
	data, err := requestsAs(c.shape).marshal(v)
	c.bytes(media, data, err)
}

// Text sets the body.
func (c *Call) Text(media, s string) { c.bytes(media, []byte(s), nil) }

// Form sets the body, urlencoded.
func (c *Call) Form(media string, v any, encoding []Encoding) {
	s, err := formOf(v, encoding, requestsAs(c.shape))
	c.bytes(media, []byte(s), err)
}

// Stream sets the body, which is read once.
func (c *Call) Stream(media string, r io.Reader) {
	c.header.Set("Content-Type", media)
	c.body = r
}

// Multipart sets the body to the parts that write adds, which are made as they
// are sent.
func (c *Call) Multipart(media string, write func(*multipart.Writer) error) {
	pr, pw := io.Pipe()
	w := multipart.NewWriter(pw)
	c.Stream(withBoundary(media, w.Boundary()), &lazyCopy{PipeReader: pr, run: func() {
		err := write(w)
		if err == nil {
			err = w.Close()
		}
		pw.CloseWithError(err)
	}})
}

// lazyCopy starts its writer at the first read, so that a request which is
// never sent leaves no goroutine behind.
type lazyCopy struct {
	*io.PipeReader
	run func()
}

func (l *lazyCopy) Read(p []byte) (int, error) {
	if l.run != nil {
		go l.run()
		l.run = nil
	}
	return l.PipeReader.Read(p)
}

// copyParts copies all parts, and leaves it to the writer's owner to end them. bad
// makes the error of a part that cannot be read.
func copyParts(w *multipart.Writer, r *multipart.Reader, bad func(error) error) error {
	for {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return bad(err)
		}
		dst, err := w.CreatePart(part.Header)
		if err != nil {
			return err
		}
		if _, err := io.Copy(dst, part); err != nil {
			return err
		}
	}
}

// MissingBody notes that a required body was not given.
func (c *Call) MissingBody() { c.errs = append(c.errs, errors.New("body is required")) }

// Do sends the request and returns the answer. Its error is a *problem.Error
// wherever the other side said what is wrong.
func (c *Call) Do(ctx context.Context, caller catalog.Caller) (*Result, error) {
	if len(c.errs) > 0 {
		return nil, fmt.Errorf("%s: %w", c.op.Key, errors.Join(c.errs...))
	}
	target := "http://contract.invalid" + pathOf(c.shape).build(c.path)
	if len(c.query) > 0 {
		target += "?" + strings.Join(c.query, "&")
	}
	r, err := http.NewRequestWithContext(ctx, c.op.Method, target, c.body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.op.Key, err)
	}
	r.Header = c.header
	if accept := c.accept(); accept != "" && r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", accept)
	}
	resp, err := caller.Call(ctx, c.op, r)
	if err != nil {
		return nil, err
	}
	return &Result{op: c.op, shape: c.shape, resp: resp}, nil
}

// accept lists the media types that the contract declares.
func (c *Call) accept() string {
	var out []string
	seen := map[string]bool{"": true}
	for _, a := range c.shape.Answers {
		if !seen[a.Media] {
			seen[a.Media] = true
			out = append(out, a.Media)
		}
	}
	return strings.Join(out, ", ")
}
