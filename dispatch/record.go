package dispatch

import (
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/banyan-go/banyan/conform"
)

// maxChecked is how large a message may be to be checked after it was served.
const maxChecked = 1 << 20

// recorder keeps a copy of an answer on its way out. It changes nothing and
// holds nothing back.
type recorder struct {
	http.ResponseWriter
	contract *conform.Operation
	method   string
	expected conform.Expected
	status   int // 0 before the head
	kept     []byte
	length   int64 // of the body, as announced; -1 otherwise
	written  int64
}

var recordings = sync.Pool{New: func() any { return new([]byte) }}

// Unwrap is for http.ResponseController: what this does not know, the writer
// below does.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(code int) {
	if w.status == 0 && (code >= 200 || code == http.StatusSwitchingProtocols) {
		w.head(code)
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.head(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	if w.expected.Body == conform.Checkable {
		if most := w.expected.Begin; most > 0 {
			w.kept = append(w.kept, p[:min(n, max(most-len(w.kept), 0))]...)
		} else if len(w.kept)+n > maxChecked {
			w.expected.Body = conform.TooLarge
		} else {
			w.kept = append(w.kept, p[:n]...)
		}
	}
	return n, err
}

// head finds out what is expected of the answer.
func (w *recorder) head(status int) {
	w.status, w.length = status, -1
	header := w.Header().Clone()
	w.expected = w.contract.Answer(w.method, status, header)
	if n, err := strconv.ParseInt(header.Get("Content-Length"), 10, 64); err == nil {
		w.length = n
	}
	if w.expected.Body != conform.Checkable {
		return
	}
	if w.length > maxChecked && w.expected.Begin == 0 {
		w.expected.Body = conform.TooLarge
		return
	}
	w.kept = (*recordings.Get().(*[]byte))[:0]
}

// finish is called when nothing more will be written.
func (w *recorder) finish(method string, aborted bool) {
	switch {
	case w.status == 0 && aborted: // nothing was said
	case w.status == 0:
		w.head(http.StatusOK) // as net/http does
	}
	if w.expected.Begin > 0 {
		return // what there is of it is checked
	}
	if aborted || method != http.MethodHead && w.length >= 0 && w.written < w.length {
		w.expected.Body = conform.Interrupted
	}
}

func (w *recorder) release() {
	kept := w.kept // not the field: the pool would hold the whole recorder
	w.kept = nil
	if kept != nil && cap(kept) <= maxChecked/4 {
		recordings.Put(&kept)
	}
}

// watched is a request that is looked at when it is over, and what was read of
// its body.
type watched struct {
	request *http.Request // a copy that nobody changes
	io.ReadCloser
	kept []byte
	end  bool
	over bool
}

// watch keeps a copy of what others read of a request's body.
func watch(r *http.Request) *watched {
	copied := *r
	u := *r.URL
	copied.URL, copied.Header = &u, r.Header.Clone()
	w := &watched{request: &copied, ReadCloser: r.Body}
	if r.Body == nil || r.Body == http.NoBody {
		w.end = true
		return w
	}
	r.Body = w
	return w
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if w.over = w.over || len(w.kept)+n > maxChecked; !w.over {
		w.kept = append(w.kept, p[:n]...)
	}
	w.end = w.end || err == io.EOF
	return n, err
}

func (w *watched) whole() bool {
	return !w.over && (w.end || w.request.ContentLength >= 0 && int64(len(w.kept)) == w.request.ContentLength)
}

// later runs checks behind the requests' backs, within a bound of memory.
type later struct {
	panicked func(p any)

	mu    sync.Mutex
	idle  sync.Cond
	count int
	bytes int
}

// maxPending bounds what waits to be checked, in bytes.
const maxPending = 16 << 20

// do calls check on a goroutine of its own, or at once and busy when too much
// is waiting.
func (l *later) do(size int, check func(busy bool)) {
	size += 4 << 10
	l.mu.Lock()
	busy := l.bytes+size > maxPending
	if !busy {
		l.count++
		l.bytes += size
	}
	l.mu.Unlock()
	if busy {
		check(true)
		return
	}
	go func() {
		defer func() {
			if p := recover(); p != nil { // nobody above would: the process would end
				l.panicked(p)
			}
			l.mu.Lock()
			l.count--
			l.bytes -= size
			if l.count == 0 {
				l.idle.Broadcast()
			}
			l.mu.Unlock()
		}()
		check(false)
	}()
}

func (l *later) wait() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.count > 0 {
		l.idle.Wait()
	}
}
