package legacyproxy

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/banyan-go/banyan/problem"
)

// peekBytes is how much of a body rules look at.
const peekBytes = 64 << 10

// read is what is known of an answer's body. The zero value is a body that
// nobody has touched.
type read struct {
	raw  []byte // as it came; nil when it was not read to its end
	doc  []byte // decoded, without a byte order mark: all of it, or its beginning
	done bool   // there is a doc
	err  error  // why a body that was read could not be decoded
}

// readAnswer reads the whole body, within the operation's bound, which counts
// for what a compressed body holds as well.
func (x *exchange) readAnswer(res *http.Response) (read, error) {
	limit := x.rt.maxResponse
	if res.ContentLength > limit {
		return read{}, problem.LegacyTooLarge.New("")
	}
	buf := bytes.NewBuffer(make([]byte, 0, max(res.ContentLength+1, 512)))
	n, err := buf.ReadFrom(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return read{}, failure(err, x.clock, x.body)
	case n > limit:
		return read{}, problem.LegacyTooLarge.New("")
	}
	out := read{raw: buf.Bytes(), done: true}
	out.doc, out.err = decodeBody(res.Header, out.raw, limit)
	if errors.Is(out.err, errDecodedTooLarge) {
		return read{}, problem.LegacyTooLarge.Wrap(out.err, "")
	}
	out.doc = bytes.TrimPrefix(out.doc, utf8BOM)
	return out, nil
}

// peek reads the beginning of a body and puts it back: the body can be read
// from the start as before.
func (x *exchange) peek(res *http.Response, most int64) (read, error) {
	var head bytes.Buffer
	_, err := head.ReadFrom(io.LimitReader(res.Body, most))
	if err != nil {
		return read{}, failure(err, x.clock, x.body)
	}
	rest := res.Body
	res.Body = &rejoined{Reader: io.MultiReader(bytes.NewReader(head.Bytes()), rest), Closer: rest}
	out := read{done: true}
	// What was cut off in the middle decodes to its beginning.
	out.doc, _ = decodeBody(res.Header, head.Bytes(), most)
	out.doc = bytes.TrimPrefix(out.doc, utf8BOM)
	return out, nil
}

type rejoined struct {
	io.Reader
	io.Closer
}

var errDecodedTooLarge = errors.New("the answer is larger than allowed once it is decoded")

// decodeBody undoes the content codings that PHP has by itself (zlib and
// ob_gzhandler) and returns what it could decode even beside an error.
func decodeBody(h http.Header, raw []byte, limit int64) ([]byte, error) {
	codings := strings.Split(strings.Join(h["Content-Encoding"], ","), ",")
	if len(codings) > maxCodings {
		return nil, errors.New("the answer has too many content codings")
	}
	doc := raw
	for i := len(codings) - 1; i >= 0; i-- {
		coding := strings.ToLower(strings.Trim(codings[i], " \t"))
		r, err := decoder(coding, doc)
		if err != nil {
			return nil, err
		}
		if r == nil {
			continue
		}
		if doc, err = io.ReadAll(io.LimitReader(r, limit+1)); int64(len(doc)) > limit {
			return doc[:limit], errDecodedTooLarge
		} else if err != nil {
			return doc, errors.New("the answer's " + coding + " coding is broken: " + err.Error())
		}
	}
	return doc, nil
}

const maxCodings = 4

// decoder is nil for what is not coded.
func decoder(coding string, doc []byte) (io.Reader, error) {
	switch coding {
	case "", "identity", "none", "utf-8", "utf8", "iso-8859-1", "binary", "8bit": // what PHP's authors take it for
		return nil, nil
	case "gzip", "x-gzip":
		return gzip.NewReader(bytes.NewReader(doc))
	case "deflate": // zlib's format (RFC 9110, section 8.4.1.2), or without its frame
		if r, err := zlib.NewReader(bytes.NewReader(doc)); err == nil {
			return r, nil
		}
		return flate.NewReader(bufio.NewReader(bytes.NewReader(doc))), nil
	}
	return nil, errors.New("the answer is compressed though it was not to be")
}
