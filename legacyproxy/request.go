package legacyproxy

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/banyan-go/banyan/problem"
)

// message is a request for PHP without the context that it is sent in.
type message struct {
	method string
	url    *url.URL
	host   string
	header http.Header
	// What url and host were made of, for a request that goes to another
	// upstream.
	path, query string
	forceQuery  bool
	ownHost     bool // host is the upstream's own

	// Of the two at most one is set.
	stream io.Reader // the client's body, as it comes
	body   []byte    // a body that was converted

	length    int64       // -1: not known
	announced http.Header // the client's trailers, filled in when its body ends
	trailer   http.Header // those of them that go to PHP
}

// message maps a request of the contract to PHP's. The header has been copied
// from the request already and becomes the message's. It reads the body only
// where that has to be converted.
func (rt *route) message(r *http.Request, header http.Header, host string) (*message, error) {
	path := rawPath(r)
	if (rt.declared != nil || rt.upstream.base != "") && hasDotSegment(path) {
		return nil, problem.Malformed.New("the path has a . or .. segment")
	}
	query, forceQuery := r.URL.RawQuery, r.URL.ForceQuery
	var ps params
	if rt.contract != nil {
		var ok bool
		if ps, ok = rt.contract.match(path); !ok {
			return nil, problem.NotFound.New("")
		}
	}
	if rt.queryValues != nil {
		query = rt.queryValues.apply(query, r)
	}
	if rt.path != nil {
		path = rt.path.expand(ps.raw)
	}
	if rt.query != nil {
		query = rt.query.apply(query, ps)
	}
	method, overridden := rt.methodFor(r.Method)
	if overridden != "" && rt.override == overrideQuery {
		query = setMethod.apply(query, params{{name: methodField, raw: overridden}})
	}
	forceQuery = forceQuery && query == r.URL.RawQuery
	m := &message{method: method, header: header, host: host, url: rt.upstream.urlFor(path, query, forceQuery),
		path: path, query: query, forceQuery: forceQuery}
	if overridden != "" && rt.override == overrideHeader {
		m.header["X-Http-Method-Override"] = []string{overridden}
	}
	if rt.upstreamHost {
		m.host, m.ownHost = rt.upstream.name, true
	}
	var c *conversion // nil: the body passes as it comes
	if rt.body.form != bodyPass {
		c = &conversion{bodyMapping: &rt.body, values: rt.values, schema: rt.bodySchema, params: ps}
		if rt.override == overrideForm {
			c.method = overridden
		}
	}
	if err := rt.attachBody(m, r, c); err != nil {
		return nil, err
	}
	rt.adjustHeader(m)
	if err := rt.hold(m); err != nil {
		return nil, err
	}
	return m, nil
}

// setMethod adds a method override to a query.
var setMethod = &queryMapping{set: []querySet{{parseQueryName(methodField), &template{parts: []part{{name: methodField}}}}}}

// methodFor is the method that PHP gets, and the one that it is told beside.
func (rt *route) methodFor(method string) (sent, overridden string) {
	if rt.method != "" {
		method = rt.method
	}
	if rt.override == overrideNone || method == http.MethodGet || method == http.MethodHead || method == http.MethodPost {
		return method, ""
	}
	return http.MethodPost, method
}

func (rt *route) attachBody(m *message, r *http.Request, c *conversion) error {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 && r.RequestURI != "" {
		return rt.makeBody(m, r, c)
	}
	var limit int64
	if rt.declared != nil {
		limit = rt.declared.BodyLimit
	}
	if limit > 0 && r.ContentLength > limit {
		return problem.BodyTooLarge.New("")
	}
	mended, err := rt.normaliser.request(r, limit)
	if err != nil {
		return err
	}
	if mended != r {
		describeNot(m.header)
		r = mended
	}
	converted, contentType, err := c.convert(r, limit)
	if err != nil {
		return err
	}
	if converted != nil {
		m.convertedBody(converted, contentType)
		return nil
	}
	m.stream, m.length, m.trailer = r.Body, r.ContentLength, trailers(r.Trailer)
	m.announced = r.Trailer
	if m.length == 0 { // in a request made by Go code: not known
		m.length = -1
	}
	return nil
}

// makeBody gives a request without a body the one that PHP expects of it.
func (rt *route) makeBody(m *message, r *http.Request, c *conversion) error {
	if m.method == http.MethodGet || m.method == http.MethodHead {
		return nil
	}
	bare := *r
	bare.Body = nil
	made, contentType, err := c.convert(&bare, 0)
	if err == nil && made != nil {
		m.convertedBody(made, contentType)
	}
	return err
}

func (m *message) convertedBody(body []byte, contentType string) {
	m.body, m.length = body, int64(len(body))
	describeNot(m.header)
	delete(m.header, "Expect") // the body is here already
	m.header["Content-Type"] = []string{contentType}
}

func (rt *route) adjustHeader(m *message) {
	if rt.envelope != nil || rt.looksAtBodies() || rt.links == linksAll {
		// The answer has to be read: in full, and not compressed.
		m.header["Accept-Encoding"] = identity
		if rt.envelope != nil && rt.envelope.wraps() {
			delete(m.header, "Range")
			delete(m.header, "If-Range")
		}
	}
	if rt.cookies != nil {
		rt.cookies.request(m.header)
	}
	switch authorization := rt.authorization; {
	case !authorization.Set() || authorization.V == authorizationPass:
	case authorization.V == authorizationDrop:
		delete(m.header, "Authorization")
	default:
		m.header["Authorization"] = []string{authorization.V}
	}
	if rt.normaliser.active() { // as with an envelope that wraps the contract's data
		m.header["Accept-Encoding"] = identity
		delete(m.header, "Range")
		delete(m.header, "If-Range")
	}
	if rt.headers != nil {
		rt.headers.apply(m.header)
	}
	for i, name := range idempotencyKeys {
		if values, ok := m.header[name]; ok {
			// Under its canonical name net/http would take it for a permission
			// to send a POST without a body again.
			delete(m.header, name)
			m.header[loweredKeys[i]] = values
		}
	}
}

var (
	identity        = []string{"identity"}
	idempotencyKeys = [...]string{"Idempotency-Key", "X-Idempotency-Key"}
	loweredKeys     = [...]string{"idempotency-key", "x-idempotency-key"}
)

// request is the message as net/http sends it. It never has GetBody: without
// it net/http cannot send a body again.
func (m *message) request(ctx context.Context, c *clock) (*http.Request, *requestBody) {
	var stream *requestBody
	var body io.ReadCloser
	switch {
	case m.stream != nil:
		stream = &requestBody{src: m.stream, clock: c, trailer: m.trailer, announced: m.announced}
		body = stream
	case len(m.body) > 0:
		body = io.NopCloser(bytes.NewReader(m.body))
	}
	r := &http.Request{
		Method: m.method, URL: m.url, Host: m.host, Header: m.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: body, ContentLength: m.length, Trailer: m.trailer,
	}
	return r.WithContext(ctx), stream
}
