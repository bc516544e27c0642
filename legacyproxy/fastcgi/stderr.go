package fastcgi

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
)

// maxStderr is how much of a request's error stream is logged.
const maxStderr = 4 << 10

// errorStream is what a script wrote to its error stream: PHP's log, unless
// that goes elsewhere.
type errorStream struct {
	text []byte
	more bool // there was more than is kept
}

// read takes the content of a record.
func (e *errorStream) read(r *records) error {
	for r.left > 0 {
		room := min(r.left, maxStderr-len(e.text))
		if room <= 0 {
			e.more = true
			n, err := r.in.Discard(r.left)
			r.left -= n
			if err != nil {
				return broken(err)
			}
			return nil
		}
		start := len(e.text)
		e.text = append(e.text, make([]byte, room)...)
		n, err := io.ReadFull(r, e.text[start:])
		e.text = e.text[:start+n]
		if err != nil {
			return broken(err)
		}
	}
	return nil
}

// log writes it all as one record.
func (e *errorStream) log(l *slog.Logger, r *http.Request, complete bool) {
	text := strings.ToValidUTF8(strings.TrimSpace(string(e.text)), "\uFFFD")
	if text == "" {
		return
	}
	l.WarnContext(r.Context(), "PHP wrote to its error stream",
		"method", method(r), "path", rawPath(r), "text", text, "truncated", e.more, "ended", complete)
}

func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(requestURI(r), "?")
	return path
}
