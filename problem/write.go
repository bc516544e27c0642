package problem

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// stale are the headers that a half-prepared answer may have left behind and
// that describe that answer, not the problem.
var stale = []string{
	"Accept-Ranges", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Range",
	"Etag", "Expires", "Last-Modified", "Location", "Pragma", "Trailer", "Transfer-Encoding",
}

// Write answers with err as a problem document. It must be called before
// anything else was written. HEAD gets the headers alone. A status outside
// 400-599 is sent as 500. The causes of an error never reach the client: an
// error that is no problem is sent as Internal and nothing else. Headers that
// are set already stay, except those that describe another body; those of the
// Error come on top. err is not modified, so one Error may answer many
// requests at once.
func Write(w http.ResponseWriter, r *http.Request, err error) {
	write(w, r, err, ContentType, func(dst []byte, e *Error, title string, status int) []byte { return e.append(dst, title, status) })
}

// write answers with err in the form that appended gives it.
func write(w http.ResponseWriter, r *http.Request, err error, contentType string, appended func(dst []byte, e *Error, title string, status int) []byte) {
	e := From(err)
	if e == nil {
		e = Internal.New("")
	}
	status, title := e.Status, e.Title
	if status < 400 || status > 599 {
		status = http.StatusInternalServerError
	}
	if title == "" {
		title = http.StatusText(status)
	}
	body := append(appended(make([]byte, 0, 512), e, title, status), '\n')

	h := w.Header()
	if len(h) > 0 {
		for _, name := range stale {
			delete(h, name)
		}
	}
	// The names are canonical, and one array holds the values: refusals are what
	// a server under attack is busy with.
	values := [...]string{"no-store", contentType, strconv.Itoa(len(body)), "nosniff"}
	h["Cache-Control"] = values[0:1:1]
	for name, values := range e.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	h["Content-Type"] = values[1:2:2]
	h["Content-Length"] = values[2:3:3]
	h["X-Content-Type-Options"] = values[3:4:4]
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone; nobody is left to tell
	}
}

// append appends the document as encoding/json writes it, without looking for
// the members again at every refusal.
func (e *Error) append(dst []byte, title string, status int) []byte {
	dst = append(dst, '{')
	if e.Type != "" {
		dst = append(quote(append(dst, `"type":`...), e.Type), ',')
	}
	dst = quote(append(dst, `"title":`...), title)
	dst = strconv.AppendInt(append(dst, `,"status":`...), int64(status), 10)
	if e.Detail != "" {
		dst = quote(append(dst, `,"detail":`...), e.Detail)
	}
	if e.Instance != "" {
		dst = quote(append(dst, `,"instance":`...), e.Instance)
	}
	dst = quote(append(dst, `,"code":`...), e.Code)
	for i, f := range e.Errors {
		if i == 0 {
			dst = append(dst, `,"errors":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = quote(append(dst, `{"pointer":`...), f.Pointer)
		dst = quote(append(dst, `,"message":`...), f.Message)
		if f.Code != "" {
			dst = quote(append(dst, `,"code":`...), f.Code)
		}
		dst = append(dst, '}')
	}
	if len(e.Errors) > 0 {
		dst = append(dst, ']')
	}
	if e.TraceID != "" {
		dst = quote(append(dst, `,"traceId":`...), e.TraceID)
	}
	if e.LegacyCode != "" {
		dst = quote(append(dst, `,"legacyCode":`...), e.LegacyCode)
	}
	if e.Retryable {
		dst = append(dst, `,"retryable":true`...)
	}
	return append(dst, '}')
}

// quote appends s as a JSON string.
func quote(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x80 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string always can be
			return append(dst, quoted...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}
