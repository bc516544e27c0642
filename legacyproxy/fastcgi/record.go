package fastcgi

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The protocol is that of https://fastcgi-archives.github.io/FastCGI_Specification.html;
// numbers in comments are its sections.

// Types of records (8).
const (
	typeBegin         = 1
	typeEnd           = 3
	typeParams        = 4
	typeStdin         = 5
	typeStdout        = 6
	typeStderr        = 7
	typeValuesResult  = 10
	typeUnknown       = 11
	version           = 1
	requestID         = 1 // one request per connection at a time: php-fpm cannot do more
	headerSize        = 8
	maxContent        = 65535
	roleResponder     = 1
	flagKeepConn      = 1
	statusComplete    = 0
	statusCantMpx     = 1
	statusOverloaded  = 2
	statusUnknownRole = 3
)

// errProtocol is the error of a server that does not speak FastCGI.
var errProtocol = errors.New("fastcgi: the server does not keep to the protocol")

// appendHeader appends the header of a record (3.3).
func appendHeader(b []byte, kind byte, length int) []byte {
	return append(b, version, kind, 0, requestID, byte(length>>8), byte(length), 0, 0)
}

// appendBegin appends the record that begins a request (5.1).
func appendBegin(b []byte, keep bool) []byte {
	b = appendHeader(b, typeBegin, 8)
	var flags byte
	if keep {
		flags = flagKeepConn
	}
	return append(b, 0, roleResponder, flags, 0, 0, 0, 0, 0)
}

// appendStream appends data as records of a stream, without the empty one
// that ends it.
func appendStream(b []byte, kind byte, data []byte) []byte {
	for len(data) > 0 {
		n := min(len(data), maxContent)
		b = append(appendHeader(b, kind, n), data[:n]...)
		data = data[n:]
	}
	return b
}

// appendPair appends one parameter (3.4).
func appendPair(b []byte, name, value string) []byte {
	b = appendLength(appendLength(b, len(name)), len(value))
	return append(append(b, name...), value...)
}

func appendLength(b []byte, n int) []byte {
	if n < 128 {
		return append(b, byte(n))
	}
	return binary.BigEndian.AppendUint32(b, uint32(n)|1<<31)
}

// records reads what a server sends for one request. It holds no more than
// its buffer, whatever the server says.
type records struct {
	in   *bufio.Reader
	kind byte
	left int // of the record's content
	pad  int
}

// next goes on to the next record, skipping what is left of this one.
func (r *records) next() error {
	if _, err := r.in.Discard(r.left + r.pad); err != nil {
		return broken(err)
	}
	r.left, r.pad = 0, 0
	head, err := r.in.Peek(headerSize)
	if err != nil {
		return broken(err)
	}
	kind, id := head[1], int(head[2])<<8|int(head[3])
	switch {
	case head[0] != version:
		return fmt.Errorf("%w: version %d", errProtocol, head[0])
	case id == 0 && (kind == typeValuesResult || kind == typeUnknown): // about the connection (3.3)
	case id != requestID:
		return fmt.Errorf("%w: an answer to a request that was not sent", errProtocol)
	case kind != typeStdout && kind != typeStderr && kind != typeEnd:
		return fmt.Errorf("%w: a record of type %d", errProtocol, kind)
	}
	r.kind, r.left, r.pad = kind, int(head[4])<<8|int(head[5]), int(head[6])
	_, _ = r.in.Discard(headerSize) // it is there
	return nil
}

// Read reads the content of the record, and io.EOF at its end.
func (r *records) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n, err := r.in.Read(p[:min(len(p), r.left)])
	r.left -= n
	if err != nil {
		err = broken(err)
	}
	return n, err
}

// peek is what of the record's content is in the buffer already.
func (r *records) peek() []byte {
	here, _ := r.in.Peek(min(r.left, r.in.Buffered())) // it is there
	return here
}

// skip passes over bytes that peek has returned.
func (r *records) skip(n int) {
	_, _ = r.in.Discard(n) // they are there
	r.left -= n
}

// complete reports whether the record after this one is in the buffer already
// and brings no output, so that it can be dealt with without waiting.
func (r *records) complete() bool {
	if r.left > 0 || r.in.Buffered() < r.pad+headerSize {
		return false
	}
	peeked, _ := r.in.Peek(r.pad + headerSize)
	head := peeked[r.pad:]
	length := int(head[4])<<8 | int(head[5])
	if head[1] == typeStdout && length > 0 {
		return false
	}
	return r.in.Buffered() >= r.pad+headerSize+length
}

// end reads the content of the record that ends a request (5.5).
func (r *records) end() (app uint32, status byte, err error) {
	if r.left != 8 {
		return 0, 0, fmt.Errorf("%w: an end of %d bytes", errProtocol, r.left)
	}
	var body [8]byte
	if _, err := io.ReadFull(r.in, body[:]); err != nil {
		return 0, 0, broken(err)
	}
	r.left = 0
	return binary.BigEndian.Uint32(body[:4]), body[4], nil
}

// broken is the error of a connection that ends in the middle.
func broken(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
