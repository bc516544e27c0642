package dispatch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/banyan-go/banyan/rollout"
)

// StatusClientClosed is the Status of an Event whose client went away before
// there was an answer. It is never sent.
const StatusClientClosed = 499

// Reasons that dispatch itself gives, for requests that no plan decides.
const (
	// Unmatched: the request is outside the contracts.
	Unmatched rollout.Reason = "unmatched"
	// NotStarted: the server is not ready yet.
	NotStarted rollout.Reason = "not-started"
	// Refused: something in front of dispatch answered with an error.
	Refused rollout.Reason = "refused"
)

// Event is what became of one request.
type Event struct {
	// Operation is the catalog key, empty for a request outside the contracts.
	Operation string
	Method    string
	// Path is the operation's template. For a request outside the contracts
	// it is the path that was asked for, shortened, without the query: clients
	// choose it, so it must not become the label of a metric.
	Path   string
	Target rollout.Target
	Reason rollout.Reason
	Status int
	// Bytes is the length of the answer's body as it was written.
	Bytes    int64
	Duration time.Duration
	// TraceID is the request's, or the one that was made up for a problem.
	TraceID string
	// Err is the cause of a problem or of a broken answer, which may be that the
	// client left; clients never see it.
	Err error

	start time.Time
}

// Observers calls several observers in turn, of Events or of Checks.
func Observers[T any](observers ...func(*T)) func(*T) {
	return func(v *T) {
		for _, observe := range observers {
			observe(v)
		}
	}
}

// LogObserver writes one line per request: level Error for a status from 500,
// else Info. No header, query or body is in it.
func LogObserver(log *slog.Logger) func(*Event) {
	return func(e *Event) {
		level := slog.LevelInfo
		if e.Status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		ctx := context.Background()
		if !log.Enabled(ctx, level) {
			return
		}
		attrs := [...]slog.Attr{
			slog.String("operation", e.Operation),
			slog.String("target", e.Target.String()),
			slog.String("reason", string(e.Reason)),
			slog.Int("status", e.Status),
			slog.Int64("bytes", e.Bytes),
			slog.Duration("duration", e.Duration),
			slog.String("trace", e.TraceID),
			slog.String("method", e.Method),
			slog.String("path", e.Path),
			{},
		}
		n := len(attrs) - 1
		if e.Err != nil {
			attrs[n] = slog.String("error", e.Err.Error())
			n++
		}
		log.LogAttrs(ctx, level, "request", attrs[:n]...)
	}
}

// traceID returns the trace ID of a valid traceparent header (W3C Trace
// Context, section 3.2), or "".
func traceID(h http.Header) string {
	v := h["Traceparent"]
	if len(v) != 1 {
		return ""
	}
	s := v[0]
	const length = 55 // 00-<32>-<16>-<2>
	switch {
	case len(s) < length || s[2] != '-' || s[35] != '-' || s[52] != '-':
		return ""
	case s[:2] == "ff" || (s[:2] == "00" && len(s) != length) || (len(s) > length && s[length] != '-'):
		return ""
	case !lowerHex(s[:2]) || !lowerHex(s[3:35]) || !lowerHex(s[36:52]) || !lowerHex(s[53:55]):
		return ""
	case strings.Trim(s[3:35], "0") == "" || strings.Trim(s[36:52], "0") == "":
		return ""
	}
	return s[3:35]
}

func lowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// randomTrace makes a trace ID in W3C form.
func randomTrace() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
