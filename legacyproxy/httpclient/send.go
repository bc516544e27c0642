package httpclient

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/banyan-go/banyan/legacyproxy/internal/fields"
)

// sender sends a long body beside the answer.
type sender struct {
	conn    io.Writer
	body    io.Reader
	length  int64
	trailer http.Header
}

// sendRoom leaves room in front of the data for a chunk's size.
const (
	sendRoom = 10
	sendSize = 32 << 10
)

var sendBuffers = sync.Pool{New: func() any { b := make([]byte, sendRoom+sendSize+2); return &b }}

// run sends the body to its end. A *BodyError is about the body, any other
// about the connection.
func (s *sender) run() error {
	p := sendBuffers.Get().(*[]byte)
	defer sendBuffers.Put(p)
	if s.length < 0 {
		return s.chunks(*p)
	}
	data := (*p)[sendRoom:]
	for left := s.length; left > 0; {
		n, err := s.body.Read(data[:min(int64(len(data)), left)])
		if n > 0 {
			if _, err := s.conn.Write(data[:n]); err != nil {
				return err
			}
			left -= int64(n)
		}
		if err != nil && left > 0 {
			return bodyError(cut(err))
		}
	}
	// The end has to be seen, if only by whoever wraps the body.
	switch n, err := s.body.Read(data[:1]); {
	case n > 0:
		return bodyError(errors.New("it is longer than announced"))
	case err != nil && err != io.EOF:
		return bodyError(err)
	}
	return nil
}

// chunks sends a body whose length is not known (RFC 9112, section 7.1).
func (s *sender) chunks(buf []byte) error {
	for {
		n, err := s.body.Read(buf[sendRoom : sendRoom+sendSize])
		if n > 0 {
			var size [sendRoom]byte
			line := append(strconv.AppendInt(size[:0], int64(n), 16), '\r', '\n')
			start := sendRoom - len(line)
			copy(buf[start:], line)
			buf[sendRoom+n], buf[sendRoom+n+1] = '\r', '\n'
			if _, err := s.conn.Write(buf[start : sendRoom+n+2]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return s.end(buf[:0])
		case err != nil:
			return bodyError(err)
		}
	}
}

// end sends the last chunk and the trailers.
func (s *sender) end(b []byte) error {
	b = append(b, "0\r\n"...)
	for name, values := range s.trailer {
		for _, v := range values {
			if !fields.Token(name) || !fields.Value(v) {
				return bodyError(errors.New("a trailer has a control character"))
			}
			b = append(append(append(append(b, name...), ": "...), v...), "\r\n"...)
		}
	}
	_, err := s.conn.Write(append(b, "\r\n"...))
	return err
}
