package schema

import (
	"errors"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
)

// File is a part of a multipart body that is streamed. It is valid until the
// function that receives it returns.
type File struct {
	Field  string
	Name   string // as the client says; not a path to trust
	Header textproto.MIMEHeader
	io.Reader
}

// maxParts bounds the number of parts of a multipart body.
const maxParts = 1000

// ErrTooManyParts is returned by ReadMultipart for more than a thousand parts.
var ErrTooManyParts = errors.New("the body has too many parts")

// ReadMultipart decodes a multipart/form-data body and checks it as Read does.
// Files are handed to file while they arrive and are not held; in the JSON a
// file is a string, the name the client gave it. All other fields together may
// have limit bytes, or the error is ErrTooLarge. The error is otherwise that
// of reading, or what file returned; the fields are checked when all parts
// have been read, so that what file stores is provisional until then.
func (f *Form) ReadMultipart(dst []byte, r *multipart.Reader, limit int64, file func(File) error) ([]byte, Violations, error) {
	d := newDecoder(f.doc, dst)
	t := new(tree)
	for n := 0; ; n++ {
		part, err := r.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			dst, v := f.finish(d, t)
			return dst, v, nil
		case err != nil:
			return dst, nil, err
		case n == maxParts:
			return dst, nil, ErrTooManyParts
		}
		if err := f.part(d, t, part, &limit, file); err != nil {
			return dst, nil, err
		}
	}
}

// part reads one part, a file or a field.
func (f *Form) part(d *decoder, t *tree, part *multipart.Part, limit *int64, file func(File) error) error {
	name := part.FormName()
	media := part.Header.Get("Content-Type")
	base, _, _ := strings.Cut(name, "[")
	enc, known := f.fields[name]
	if !known {
		enc = f.fields[base]
	}
	if enc.file || part.FileName() != "" && !enc.json && !known {
		if file == nil {
			file = func(p File) error { _, err := io.Copy(io.Discard, p); return err }
		}
		if err := file(File{Field: name, Name: part.FileName(), Header: part.Header, Reader: part}); err != nil {
			return err
		}
		f.field(d, t, name, part.FileName(), false)
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(part, *limit+1))
	if err != nil {
		return err
	}
	if *limit -= int64(len(text)) + int64(len(name)); *limit < 0 {
		return ErrTooLarge
	}
	json := jsonMedia(media) || enc.json && media == ""
	if json {
		start := len(d.buf)
		ok, why := d.raw(text)
		d.buf = d.buf[:start]
		if !ok {
			d.refuse("/"+escapeToken(base), KeywordStyle, f.at, why)
			return nil
		}
	}
	f.field(d, t, name, string(text), json)
	return nil
}
