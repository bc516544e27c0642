package legacyproxy

import (
	"bytes"
	"io"
	"net/http"
	"net/url"

	"github.com/banyan-go/banyan/problem"
)

// finish gives an answer that is no error what the contract has otherwise
// than PHP: status, headers, and links to the server that the client knows.
func (x *exchange) finish(res *http.Response) error {
	rt := x.rt
	if rt.links != "" && rt.links != linksKeep {
		if err := x.relocate(res); err != nil {
			return err
		}
	}
	for _, s := range rt.status {
		if s.from == res.StatusCode {
			changeStatus(res, s.to)
			break
		}
	}
	if rt.answerHeaders != nil {
		rt.answerHeaders.apply(res.Header)
	}
	return nil
}

// requestPath is the path that a request to PHP was sent to.
func requestPath(u *url.URL) string {
	if u.Opaque != "" {
		return u.Opaque
	}
	return u.EscapedPath()
}

// changeStatus gives an answer another status. With 204 and 205 there is no
// body (RFC 9110, section 15.3.5).
func changeStatus(res *http.Response, status int) {
	res.StatusCode = status
	if status != http.StatusNoContent && status != http.StatusResetContent {
		return
	}
	res.Body.Close()
	res.Body, res.ContentLength, res.Trailer = http.NoBody, 0, nil
	describeNot(res.Header)
	for _, name := range []string{"Content-Type", "Content-Encoding"} {
		delete(res.Header, name)
	}
}

// relocates reports whether links in an answer's body are turned.
func (rt *route) relocates(res *http.Response) bool {
	return rt.links == linksAll && isJSON(mediaType(res.Header)) && res.Request.Method != http.MethodHead &&
		res.StatusCode != http.StatusNoContent && res.StatusCode != http.StatusNotModified && res.StatusCode != http.StatusPartialContent
}

// relocate turns PHP's links to itself into links to the public server. Go
// code that calls an operation has no public server and gets them as they are.
func (x *exchange) relocate(res *http.Response) error {
	r := newRelocation(x.rt.upstreams(), res.Request.Header)
	if r == nil {
		return nil
	}
	if x.rt.path != nil {
		r.at, _ = url.Parse(requestPath(res.Request.URL))
	}
	r.header(res.Header)
	if !x.rt.relocates(res) {
		return nil
	}
	body, err := x.readAnswer(res)
	switch {
	case err != nil:
		return err
	case body.err != nil:
		return problem.LegacyInvalid.Wrap(body.err, "")
	}
	if doc := r.body(body.doc); !bytes.Equal(doc, body.doc) {
		replaceBody(res, doc)
		delete(res.Header, "Content-Encoding")
		return nil
	}
	res.Body.Close()
	res.Body, res.ContentLength, res.Trailer = io.NopCloser(bytes.NewReader(body.raw)), int64(len(body.raw)), nil
	return nil
}
