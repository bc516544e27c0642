package schema

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/banyan-go/banyan/schema/bracket"
	"github.com/banyan-go/banyan/schema/jsonpointer"
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
	t := new(bracket.Tree)
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
func (f *Form) part(d *decoder, t *bracket.Tree, part *multipart.Part, limit *int64, file func(File) error) error {
	name := part.FormName()
	media := part.Header.Get("Content-Type")
	base, path := f.find(name)
	enc, known := f.fields[base]
	if is, ok := enc.takes(media); !ok {
		at := f.at + "/encoding/" + jsonpointer.Escape(base) + "/contentType"
		d.refuse("/"+jsonpointer.Escape(base), KeywordPartType, at, "must be "+listing(enc.media)+is)
		return nil // it is there, and what is in it says nothing
	}
	if enc.headers != nil {
		_, v := enc.headers.Read(nil, &http.Request{Header: http.Header(part.Header), URL: new(url.URL)})
		for _, one := range v {
			one.Pointer = "/" + jsonpointer.Escape(base) + one.Pointer
			d.style = append(d.style, one)
		}
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
	whole := path == "" || enc.list && bracket.Item(path)
	json := jsonMedia(media) || media == "" && enc.json && whole && len(text) > 0
	if json {
		start := len(d.buf)
		ok, why := d.raw(text)
		d.buf = d.buf[:start]
		if !ok {
			d.refuse("/"+jsonpointer.Escape(base), KeywordStyle, f.at, why)
			return nil
		}
	}
	f.field(d, t, name, string(text), json)
	return nil
}

// takes reports whether a part may have a Content-Type, and says otherwise what
// it is, for a message. A part that does not say what it is is taken for what
// the contract declares, and not for text/plain (RFC 7578, section 4.4): browsers
// send the JSON that a script appends to a form without a type, and widely used
// clients every file whose type they were not given.
func (e *fieldEncoding) takes(contentType string) (is string, ok bool) {
	if contentType == "" || e.media == nil {
		return "", true
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || len(media) > 80 {
		return "", false
	}
	for _, declared := range e.media {
		kind, within := strings.CutSuffix(declared, "/*")
		switch {
		case declared == media, declared == "*/*", jsonMedia(declared) && jsonMedia(media):
			return "", true
		case within && strings.HasPrefix(media, kind+"/"):
			return "", true
		}
	}
	return ", not " + media, false
}

// mediaRanges reads the contentType of an Encoding Object: media types and
// ranges, separated by commas (OpenAPI 3.0.3, section 4.7.15.1). It is nil where
// nothing in it is one.
func mediaRanges(list string) (out []string) {
	for one := range strings.SplitSeq(list, ",") {
		one, _, _ = strings.Cut(one, ";")
		if one = strings.ToLower(strings.TrimSpace(one)); strings.Contains(one, "/") {
			out = append(out, one)
		}
	}
	return out
}

// headers compiles what an Encoding Object says of a part's headers; nil where it
// says nothing. Content-Type is told by contentType.
func (c *compiler) headers(at string, e *element) (*Parameters, error) {
	p := &Parameters{doc: c.doc}
	if !e.is(kindObject) {
		return nil, nil
	}
	var faults Faults
	for _, name := range e.names {
		canonical := http.CanonicalHeaderKey(name)
		if canonical == "Content-Type" {
			continue
		}
		at, h, err := c.doc.follow(at + "/" + jsonpointer.Escape(name))
		if err != nil {
			faults = append(faults, c.doc.fault(at, "%v", err))
			continue
		}
		one := &parameter{name: name, canonical: canonical, in: inHeader, at: at, required: h.get("required").isTrue(), explode: h.get("explode").isTrue(), index: len(p.list)}
		switch content := h.get("content"); {
		case h.get("schema") != nil:
			one.schema, one.style = c.declare(at+"/schema"), defaultStyles[inHeader]
		case content.memberCount() > 0 && content.members[0].get("schema") != nil:
			one.json = jsonMedia(content.names[0])
			one.schema = c.declare(at + "/content/" + jsonpointer.Escape(content.names[0]) + "/schema")
		default:
			one.schema, one.style = c.synthetic(at), defaultStyles[inHeader]
		}
		p.list = append(p.list, one)
	}
	if len(p.list) > 0 && len(faults) == 0 {
		faults = c.parameters(p, at)
	}
	switch {
	case len(faults) > 0:
		return nil, faults
	case len(p.list) == 0:
		return nil, nil
	}
	return p, nil
}
