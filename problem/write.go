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
	e := From(err)
	if e == nil {
		e = Internal.New("")
	}
	doc := *e
	if doc.Status < 400 || doc.Status > 599 {
		doc.Status = http.StatusInternalServerError
	}
	if doc.Title == "" {
		doc.Title = http.StatusText(doc.Status)
	}
	body, merr := json.Marshal(&doc)
	if merr != nil { // only strings and numbers: cannot happen
		body = []byte(`{"title":"Internal error","status":500,"code":"internal"}`)
		doc.Status = http.StatusInternalServerError
	}
	body = append(body, '\n')

	h := w.Header()
	for _, name := range stale {
		delete(h, name)
	}
	h.Set("Cache-Control", "no-store")
	for name, values := range doc.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	h.Set("Content-Type", ContentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(doc.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone; nobody is left to tell
	}
}
