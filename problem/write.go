package problem

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Write answers with err as a problem document. It must be called before
// anything else was written. HEAD gets the headers alone. A status outside
// 400-599 is sent as 500, and a 500's causes never reach the client.
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
	for name, values := range doc.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	// What a half-prepared answer may have left behind does not describe ours.
	for _, name := range []string{"Content-Encoding", "Etag", "Last-Modified", "Cache-Control", "Transfer-Encoding"} {
		if _, ours := doc.Header[name]; !ours {
			h.Del(name)
		}
	}
	h.Set("Content-Type", ContentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(doc.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone; nobody is left to tell
	}
}
