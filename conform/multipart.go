package conform

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"

	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/media"
)

// inMemory is how much of a multipart body is held in memory; the rest goes to
// a temporary file without a name.
const inMemory = 1 << 20

// readMultipart checks a multipart body while it is put aside for the handler,
// who gets it from the start.
func (o *Operation) readMultipart(r *http.Request, found *Checked, c *content) error {
	b := found.body
	params := media.Parse(r.Header.Get("Content-Type")).Params
	if params["boundary"] == "" {
		found.add([]Violation{{
			Pointer: "/header/Content-Type", Keyword: schema.KeywordStyle, Message: "must name the boundary of the parts",
		}})
		return nil
	}
	spool := &spool{buf: b.buffers.raw[:0]}
	defer func() { b.buffers.raw = spool.buf }()
	v, err := parts(c.form.strict, params["boundary"], io.TeeReader(r.Body, spool))
	if err == nil {
		_, err = io.Copy(spool, r.Body) // what follows the last boundary
	}
	if err == nil {
		err = spool.err
	}
	var size int64
	if err == nil {
		size, err = spool.hand(b)
	}
	switch {
	case errors.Is(err, errBroken):
		spool.drop()
		found.add([]Violation{{Keyword: schema.KeywordSyntax, Message: "is not valid multipart/form-data"}})
		return nil
	case err != nil:
		spool.drop()
		return err
	}
	if len(v) > 0 && c.form.lenient != nil {
		found.Warnings = append(found.Warnings, o.warned(v)...)
		if v, err = parts(c.form.lenient, params["boundary"], b); err == nil {
			_, err = spool.hand(b)
		}
		if err != nil {
			return err
		}
	}
	found.add(v)
	r.ContentLength, r.TransferEncoding = size, nil
	return nil
}

// parts reads all parts. The error is errBroken when they are the client's
// fault, and otherwise that of reading.
func parts(form *schema.Form, boundary string, r io.Reader) ([]Violation, error) {
	source := &failing{Reader: r}
	_, v, err := form.ReadMultipart(nil, multipart.NewReader(source, boundary), inMemory, nil)
	switch {
	case source.err != nil:
		return nil, source.err
	case errors.Is(err, schema.ErrTooLarge):
		return []Violation{{Keyword: schema.KeywordWork, Message: "has fields that are too large; send them as files"}}, nil
	case errors.Is(err, schema.ErrTooManyParts):
		return []Violation{{Keyword: schema.KeywordWork, Message: "has too many parts"}}, nil
	case err != nil:
		return nil, errBroken
	}
	return v, nil
}

// failing remembers what reading failed with: multipart hides it.
type failing struct {
	io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// spool keeps what is written to it, first in memory and then in a file.
type spool struct {
	buf  []byte
	file *os.File
	size int64
	err  error
}

func (s *spool) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if s.file == nil && len(s.buf)+len(p) <= inMemory {
		s.buf = append(s.buf, p...)
		return len(p), nil
	}
	if s.file == nil {
		if s.file, s.err = os.CreateTemp("", "banyan-body-*"); s.err != nil {
			return 0, s.err
		}
		_ = os.Remove(s.file.Name()) // it lives until it is closed
		if _, s.err = s.file.Write(s.buf); s.err != nil {
			return 0, s.err
		}
	}
	n, err := s.file.Write(p)
	s.err = err
	return n, err
}

// hand makes what was kept the body, from its start.
func (s *spool) hand(b *Body) (int64, error) {
	if s.file == nil {
		b.hold(s.buf)
		return s.size, nil
	}
	b.source = s.file
	_, err := s.file.Seek(0, io.SeekStart)
	return s.size, err
}

func (s *spool) drop() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
