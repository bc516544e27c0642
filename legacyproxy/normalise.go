package legacyproxy

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/legacyproxy/internal/phptext"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema"
)

// normaliser makes the JSON of one operation what the contract says. A nil
// normaliser does nothing.
type normaliser struct {
	*normaliseSettings
	contract *conform.Operation
	awake    atomic.Bool // answers are normalised
}

func newNormaliser(s *normaliseSettings, contract *conform.Operation) *normaliser {
	n := &normaliser{normaliseSettings: s, contract: contract}
	n.awake.Store(s.when == always)
	return n
}

func (n *normaliser) active() bool { return n != nil && n.awake.Load() }

// wake is called after a violation.
func (n *normaliser) wake() {
	if n != nil {
		n.awake.Store(true)
	}
}

// String is what legacy.yaml says.
func (w normaliseWhen) String() string { return [...]string{"", "always", "auto"}[w] }

// Keywords of violations that the schema engine has no word for.
const (
	keywordEmpty    = "empty"    // there is no body where the contract has one
	keywordMessages = "messages" // PHP's warnings or a fatal error are in it
)

// The causes of problems that stand for such answers.
var (
	errEmpty    = errors.New("the answer has no body though the contract has one: json_encode may have failed")
	errMessages = errors.New("PHP printed warnings into the answer")
	errFatal    = errors.New("PHP broke off with a fatal error in the middle of the answer")
)

// normalise makes an answer what the contract says, in place. What it does not
// touch stays as it came, unread where possible. An error is the problem that
// the answer is.
func (x *exchange) normalise(res *http.Response) error {
	n := x.rt.normaliser
	if !n.active() {
		return nil
	}
	header := decoded(res.Header)
	said := n.contract.Answer(res.Request.Method, res.StatusCode, header)
	expected, guessed := said, false
	if !expected.JSON() {
		if expected, guessed = n.guess(res, header); !guessed {
			x.rt.judged(verdict{violations: said.Head(), skipped: skipped(said.Body)})
			if res.Request.Method == http.MethodHead {
				describeNot(res.Header) // it would be that of another body
			}
			return nil
		}
	}
	body, whole, err := x.hold(res)
	switch {
	case err != nil:
		return err
	case !whole:
		x.rt.judged(verdict{skipped: conform.TooLarge})
		return nil
	case body.err != nil:
		x.rt.judged(verdict{skipped: conform.Encoded})
		return nil
	}
	out := n.mend(&expected, body, res, guessed)
	if guessed && out.err == nil && out.malformed { // then it is what it says it is
		x.rt.judged(verdict{violations: said.Head()})
		return nil
	}
	x.rt.judged(verdict{coercions: out.coercions, violations: out.violations})
	if out.err != nil {
		return problem.LegacyInvalid.Wrap(out.err, "")
	}
	out.replace(res, guessed)
	return nil
}

// decoded is the header that an answer has once its body is decompressed, as
// it is where PHP compresses though nobody asked it to.
func decoded(h http.Header) http.Header {
	if h["Content-Encoding"] == nil {
		return h
	}
	h = h.Clone()
	delete(h, "Content-Encoding")
	return h
}

// skipped is why a body that is not JSON is not checked: that there is none is
// no reason.
func skipped(s conform.Skip) conform.Skip {
	if s == conform.NoBody {
		return conform.Checkable
	}
	return s
}

// judged counts what came of an answer.
func (rt *route) judged(v verdict) {
	v.shape = rt.names.shape
	rt.conformance.judge(v)
}

// guess takes an answer that calls itself HTML, text or JavaScript for JSON where
// the contract has JSON.
func (n *normaliser) guess(res *http.Response, header http.Header) (e conform.Expected, ok bool) {
	if !mayBeJSON(res.Header) || isJSON(mediaType(res.Header)) {
		return e, false
	}
	if !n.text.mediaType || !n.contract.HasJSON(res.StatusCode) {
		return e, false
	}
	header = header.Clone()
	header["Content-Type"] = []string{typeJSON}
	e = n.contract.Answer(res.Request.Method, res.StatusCode, header)
	return e, e.JSON()
}

// hold reads the whole body and leaves it to be read again. It is not whole
// when it is larger than the operation's bound.
func (x *exchange) hold(res *http.Response) (body read, whole bool, err error) {
	if held, ok := res.Body.(*heldBody); ok {
		body = read{raw: held.data, doc: held.data, done: true}
		if res.Header["Content-Encoding"] != nil {
			body.doc, body.err = decodeBody(res.Header, body.raw, x.rt.maxResponse)
		}
		return body, true, nil
	}
	limit := x.rt.maxResponse
	if res.ContentLength > limit {
		return read{}, false, nil
	}
	buf := bytes.NewBuffer(make([]byte, 0, max(res.ContentLength, 0)+bytes.MinRead))
	size, err := buf.ReadFrom(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		res.Body = &rejoined{Reader: failing{err}, Closer: res.Body} // whoever reads on must not take this for the end
		return read{}, false, failure(err, x.clock, x.body)
	case size > limit:
		res.Body = &rejoined{Reader: io.MultiReader(buf, res.Body), Closer: res.Body}
		return read{}, false, nil
	}
	body = read{raw: buf.Bytes(), done: true}
	body.doc, body.err = decodeBody(res.Header, body.raw, limit)
	res.Body = &heldBody{Reader: bytes.NewReader(body.raw), Closer: res.Body, data: body.raw}
	return body, true, nil
}

// failing is what is left of a body that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// heldBody is a body that is in memory.
type heldBody struct {
	*bytes.Reader
	io.Closer
	data []byte
}

// mended is what becomes of a body.
type mended struct {
	body       []byte
	coercions  []coercion
	violations []conform.Violation
	transcoded bool
	malformed  bool
	err        error // the answer is no answer
}

func (m *mended) coerce(rule string, count int) {
	m.coercions = append(m.coercions, coercion{"", rule, count})
}

// malformed reports whether a body is no JSON. What is wrong with the head
// comes first.
func malformed(n schema.Normalised) bool {
	last := len(n.Violations) - 1
	return last >= 0 && n.Violations[last].Keyword == schema.KeywordSyntax
}

// mend normalises a body that has to be JSON.
func (n *normaliser) mend(e *conform.Expected, body read, res *http.Response, guessed bool) (out mended) {
	text := body.doc
	if len(bytes.TrimSpace(text)) == 0 {
		out.violations = append(e.Head(), conform.Violation{Keyword: keywordEmpty, Message: errEmpty.Error()})
		if res.StatusCode < 300 {
			out.err = errEmpty
		}
		return out
	}
	if n.text.bom {
		var had bool
		if text, had = phptext.TrimBOM(text); had {
			out.coerce(ruleBOM, 1)
		}
	}
	charset := n.text.charset
	if charset == "" {
		charset = phptext.Charset(res.Header.Get("Content-Type"))
	}
	if text, out.transcoded = phptext.ToUTF8(text, charset); out.transcoded {
		out.coerce(ruleCharset, 1)
	}
	found := e.Normalise(nil, text, &n.how)
	if malformed(found) {
		if noise := phptext.Separate(text); noise.Messages > 0 {
			if noise.Fatal || !n.text.warnings {
				out.err = errMessages
				if noise.Fatal {
					out.err = errFatal
				}
				out.violations = append(e.Head(), conform.Violation{Keyword: keywordMessages, Message: out.err.Error()})
				return out
			}
			out.coerce(ruleWarnings, noise.Messages)
			found = e.Normalise(nil, noise.JSON, &n.how)
			if malformed(found) { // nothing is left, or nothing that anybody can read
				out.err = errMessages
			}
		}
	}
	if guessed && !malformed(found) {
		out.coerce(ruleMediaType, 1)
	}
	out.body, out.violations, out.malformed = found.Body, found.Violations, malformed(found)
	for _, c := range found.Coercions {
		out.coercions = append(out.coercions, coercion{c.Pointer, c.Rule.String(), c.Count})
	}
	return out
}

// replace puts what was mended into the answer. What needed no mending stays
// as it came.
func (m *mended) replace(res *http.Response, guessed bool) {
	if len(m.coercions) > 0 {
		replaceBody(res, m.body)
		delete(res.Header, "Content-Encoding")
	}
	contentType := res.Header.Get("Content-Type")
	if guessed || m.transcoded || len(m.coercions) > 0 && phptext.Known(phptext.Charset(contentType)) {
		media, _, _ := strings.Cut(contentType, ";")
		if guessed {
			media = typeJSON
		}
		res.Header["Content-Type"] = []string{strings.TrimSpace(media)}
	}
}
