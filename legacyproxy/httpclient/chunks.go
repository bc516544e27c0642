package httpclient

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/banyan-go/banyan/legacyproxy/internal/fields"
)

// maxChunkLine bounds the line before a chunk, with its extensions.
const maxChunkLine = 4 << 10

// endOfChunks is what most bodies end with.
const endOfChunks = "\r\n0\r\n\r\n"

// The field left counts the bytes of a chunk and then the CRLF behind it, as
// these negative numbers.
const (
	beforeSize = 0
	beforeCRLF = -1
)

// readChunk reads a body in chunks (RFC 9112, section 7.1). Extensions are
// ignored, line ends must be CRLF.
func (x *exchange) readChunk(p []byte) (total int, err error) {
	for {
		n, err := x.readOneChunk(p[total:])
		total += n
		if err != nil || total == len(p) || !x.chunkAhead() {
			return total, err
		}
	}
}

// chunkAhead reports whether more of the body can be read without waiting:
// then several chunks become one piece.
func (x *exchange) chunkAhead() bool {
	if x.left > 0 {
		return false
	}
	ahead := x.conn.buffered()
	if x.left == beforeCRLF {
		if len(ahead) < 2 {
			return false
		}
		ahead = ahead[2:]
	}
	i := bytes.IndexByte(ahead, '\n')
	if i < 0 || ahead[0] == '0' { // the last one, whose trailers may take their time
		return bytes.HasPrefix(ahead, []byte(endOfChunks[2:]))
	}
	return i+1 < len(ahead)
}

func (x *exchange) readOneChunk(p []byte) (int, error) {
	for x.left <= 0 {
		size, err := x.nextChunk()
		if err != nil {
			return 0, err
		}
		if size == 0 {
			return 0, x.trailers()
		}
		x.left = size
	}
	if int64(len(p)) > x.left {
		p = p[:x.left]
	}
	n, err := x.conn.Read(p)
	if x.left -= int64(n); x.left > 0 {
		return n, cut(err)
	}
	x.left = beforeCRLF
	if ready := x.conn.buffered(); strings.HasPrefix(string(ready[:min(len(ready), len(endOfChunks))]), endOfChunks) {
		x.conn.r += len(endOfChunks)
		return n, io.EOF
	}
	return n, nil
}

// nextChunk reads the line with a chunk's size.
func (x *exchange) nextChunk() (int64, error) {
	if x.left == beforeCRLF {
		line, err := x.conn.line(maxChunkLine)
		if err != nil {
			return 0, err
		}
		if len(line) > 0 {
			return 0, fields.SyntaxError("a chunk is longer than it says")
		}
		x.left = beforeSize
	}
	line, err := x.conn.line(maxChunkLine)
	if err != nil {
		return 0, err
	}
	size, digits := int64(0), 0
	for ; digits < len(line); digits++ {
		value := hexValue(line[digits])
		if value < 0 {
			break
		}
		if digits >= 15 {
			return 0, fields.SyntaxError("a chunk is too long")
		}
		size = size<<4 | int64(value)
	}
	extension := strings.TrimLeft(string(line[digits:]), " \t")
	if digits == 0 || extension != "" && extension[0] != ';' || !fields.Value(extension) {
		return 0, fields.SyntaxError("a chunk has no size")
	}
	return size, nil
}

func hexValue(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// trailers reads what follows the last chunk, and returns io.EOF after it.
func (x *exchange) trailers() error {
	var lines strings.Builder
	for {
		line, err := x.conn.line(x.client.config.MaxHeader)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			break
		}
		if lines.Len()+len(line) > x.client.config.MaxHeader {
			return ErrHeaderTooLarge
		}
		lines.Write(line)
		lines.WriteByte('\n')
	}
	if lines.Len() == 0 {
		return io.EOF
	}
	h := http.Header{}
	if err := fields.Parse(h, lines.String()); err != nil {
		return err
	}
	for name, values := range h {
		if !mayTrail(name) {
			continue
		}
		if x.response.Trailer == nil {
			x.response.Trailer = http.Header{}
		}
		x.response.Trailer[name] = values
	}
	return io.EOF
}
