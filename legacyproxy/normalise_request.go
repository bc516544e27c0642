package legacyproxy

import (
	"bytes"
	"io"
	"net/http"

	"github.com/banyan-go/banyan/problem"
)

// request mends the JSON body of a request where legacy.yaml says so: clients
// that are PHP write as PHP does. It returns r itself when there is nothing to
// do, and otherwise a copy with another body. limit 0 means that the operation
// has none.
func (n *normaliser) request(r *http.Request, limit int64) (*http.Request, error) {
	if n == nil || !n.requests || r.Body == nil || r.Body == http.NoBody || r.Header.Get("Content-Encoding") != "" {
		return r, nil
	}
	contentType := r.Header.Get("Content-Type")
	if !n.contract.HasJSONRequest() || contentType != "" && !isJSON(mediaType(r.Header)) {
		return r, nil
	}
	if limit <= 0 {
		limit = int64(defaultMaxResponse)
	}
	if r.ContentLength > limit {
		return nil, problem.BodyTooLarge.New("")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	switch {
	case err != nil:
		return nil, clientFailure(err)
	case int64(len(body)) > limit:
		return nil, problem.BodyTooLarge.New("")
	}
	out := *r
	if found, ok := n.contract.NormaliseRequest(contentType, nil, body, &n.how); ok && len(found.Coercions) > 0 {
		body = found.Body
	}
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return &out, nil
}
