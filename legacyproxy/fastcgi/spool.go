package fastcgi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// ErrBodyTooLarge is the error of a request whose body is larger than the
// application takes. Nothing was sent.
var ErrBodyTooLarge = errors.New("fastcgi: the request's body is larger than allowed")

// A SpoolError says that a request's body could not be put aside: the disk
// is full, or the folder for temporary files cannot be written to.
type SpoolError struct{ Err error }

func (e *SpoolError) Error() string {
	return "fastcgi: the request's body cannot be put aside: " + e.Err.Error()
}
func (e *SpoolError) Unwrap() error { return e.Err }

// spooled is a body that was read to its end, in memory or, from a size on,
// in a file that has no name any more and so goes away with the process.
type spooled struct {
	mem  *bytes.Buffer
	file *os.File // nil when all is in memory
	size int64
}

// memorySize is how much of a body stays in memory.
const memorySize = 256 << 10

var bodyBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// spool reads a body of the given length, -1 when it is not known, and at
// most limit bytes.
func spool(body io.Reader, length, limit int64) (s *spooled, err error) {
	if body == nil {
		return &spooled{}, nil
	}
	if length > limit {
		return nil, ErrBodyTooLarge
	}
	s = &spooled{mem: bodyBuffers.Get().(*bytes.Buffer)}
	s.mem.Reset()
	if length > 0 {
		s.mem.Grow(int(min(length, memorySize)) + bytes.MinRead)
	}
	defer func() {
		if err != nil {
			s.close()
			s = nil
		}
	}()
	in := io.LimitReader(body, limit+1)
	s.size, err = io.CopyN(s.mem, in, memorySize)
	if err == nil {
		err = s.spill(in)
	}
	switch {
	case err != nil && err != io.EOF:
		return s, err
	case s.size > limit:
		return s, ErrBodyTooLarge
	case length >= 0 && s.size != length:
		return s, fmt.Errorf("fastcgi: the request's body has %d bytes, not %d as announced: %w", s.size, length, io.ErrUnexpectedEOF)
	}
	return s, nil
}

// spill puts the rest of a body into a file.
func (s *spooled) spill(in io.Reader) error {
	f, err := os.CreateTemp("", "banyan-body-")
	if err != nil {
		return &SpoolError{err}
	}
	s.file = f
	if err := os.Remove(f.Name()); err != nil {
		return &SpoolError{err}
	}
	n, err := io.Copy(spoolWriter{f}, in)
	s.size += n
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	return err
}

// spoolWriter marks errors of the file, to tell them from the client's.
type spoolWriter struct{ f *os.File }

func (w spoolWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if err != nil {
		err = &SpoolError{err}
	}
	return n, err
}

// rest is the body after the part that is in memory.
func (s *spooled) rest() io.Reader {
	if s.file == nil {
		return nil
	}
	return s.file
}

func (s *spooled) bytes() []byte {
	if s.mem == nil {
		return nil
	}
	return s.mem.Bytes()
}

func (s *spooled) close() {
	if s.file != nil {
		_ = s.file.Close() // nothing in it is wanted any more
		s.file = nil
	}
	if s.mem != nil {
		bodyBuffers.Put(s.mem)
		s.mem = nil
	}
}
