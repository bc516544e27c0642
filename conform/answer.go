package conform

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/media"
)

// Skip is why the body of an answer is not checked.
type Skip string

// The reasons.
const (
	Checkable   Skip = ""           // it is
	NoBody      Skip = "no-body"    // there is none to check
	Encoded     Skip = "encoded"    // it is compressed
	Stream      Skip = "media-type" // it has a media type that says nothing about its content
	Partial     Skip = "partial"    // it is a part of a larger one
	TooLarge    Skip = "large"
	Busy        Skip = "busy" // too many others are being checked
	Interrupted Skip = "interrupted"
)

// Expected is what the contract says about one answer.
type Expected struct {
	// Body is why its body need not be collected, or Checkable.
	Body Skip
	// Begin is how much of the body is enough, from its start, also where it does
	// not come to its end; 0: all of it, or none.
	Begin int

	answer     *answer
	content    *content
	mode       schema.Mode
	header     http.Header
	violations []Violation
}

// Answer says what the contract expects of an answer whose head is known. The
// header is kept and must not change any more.
func (o *Operation) Answer(method string, status int, header http.Header) Expected {
	e := Expected{header: header, answer: o.answerOf(status), mode: schema.Answer}
	if o.mode == schema.Answer { // of a webhook or callback: the owner of the data has sent the request
		e.mode = schema.Request
	}
	contentType := header.Get("Content-Type")
	switch {
	case status == http.StatusNotModified || status == http.StatusSwitchingProtocols:
		e.Body, e.answer = NoBody, nil // about the exchange, not the operation
		return e
	case status == http.StatusPartialContent || status == http.StatusRequestedRangeNotSatisfiable:
		e.Body, e.answer = Partial, nil
		return e
	case status >= 400 && media.Parse(contentType).Name == problem.ContentType && !e.declares(problem.ContentType):
		e.Body, e.answer = NoBody, nil // a problem of Banyan's own: no contract need declare it
		return e
	case e.answer == nil:
		e.Body = NoBody
		e.violate(KeywordStatus, o.at+"/responses", "has the status "+strconv.Itoa(status)+", which the contract does not have here")
		return e
	}
	if method == http.MethodHead || status == http.StatusNoContent || header.Get("Content-Length") == "0" && len(e.answer.contents) == 0 {
		e.Body = NoBody
		return e
	}
	e.body(contentType)
	return e
}

// declares reports whether the answer has a media type of that name, and not
// only one that is JSON as well.
func (e *Expected) declares(name string) bool {
	return e.answer != nil && slices.ContainsFunc(e.answer.contents, func(c content) bool { return c.media.Name == name })
}

// body finds out what is expected of the body.
func (e *Expected) body(contentType string) {
	if len(e.answer.contents) == 0 {
		e.Body = NoBody
		if contentType != "" {
			e.violate(KeywordContentType, e.answer.at, "has a body, for which the contract has no media type")
		}
		return
	}
	if contentType != "" {
		e.content = choose(e.answer.contents, contentType)
	}
	switch {
	case e.content == nil:
		e.Body = NoBody
		var declared []media.Type
		for _, c := range e.answer.contents {
			declared = append(declared, c.media)
		}
		e.violate(KeywordContentType, e.answer.at+"/content", "must be "+alternatives(spelled(declared)))
		e.violations[0].Pointer = "/header/Content-Type"
	case e.content.kind == linesBody || e.content.kind == eventsBody:
		e.Begin = beginning
		fallthrough
	case e.content.kind == jsonBody || e.content.kind == textBody:
		e.encoded()
	default:
		e.Body = Stream
	}
}

// encoded leaves out a body that is compressed.
func (e *Expected) encoded() {
	if encoding := e.header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		e.Body = Encoded
	}
}

func (e *Expected) violate(keyword, at, message string) {
	e.violations = append(e.violations, Violation{Keyword: keyword, Message: message, Schema: at})
}

// answerOf returns what the contract has for a status: itself, its class, or
// the default.
func (o *Operation) answerOf(status int) *answer {
	exact := strconv.Itoa(status)
	class := exact[:1] + "XX"
	best, found := 0, -1
	for i := range o.answers {
		fits := 0
		switch o.answers[i].status {
		case exact:
			fits = 3
		case class:
			fits = 2
		case "DEFAULT":
			fits = 1
		}
		if fits > best {
			best, found = fits, i
		}
	}
	if found < 0 {
		return nil
	}
	return &o.answers[found]
}

// Check returns everything about the answer that is not as the contract says.
// The body is looked at only when Body is Checkable. Violations that are only
// counted are among them.
func (e *Expected) Check(body []byte) []Violation {
	v := e.Head()
	if e.Body != Checkable || e.content == nil {
		return v
	}
	switch e.content.kind {
	case linesBody:
		return append(v, e.content.all(body, false, e.mode)...)
	case eventsBody:
		return append(v, e.content.all(data(body), true, e.mode)...)
	case textBody:
		body = quote(nil, body)
	}
	return append(v, e.content.schema.strict.Validate(body, e.mode)...)
}

// Head returns what is not as the contract says before the body: the status,
// the media type and the declared headers.
func (e *Expected) Head() []Violation {
	v := e.violations
	if e.answer != nil && e.answer.headers.strict != nil {
		_, found := e.answer.headers.strict.Read(nil, &http.Request{URL: &url.URL{Path: "/get"}, Header: e.header})
		v = append(v, found...)
	}
	return v
}

// Observed checks a request that has been served already: its head, and its
// body if it is known in full. Defaults and the order of decoding do not
// matter, so that nothing is changed.
func (o *Operation) Observed(r *http.Request, body []byte, whole bool) []Violation {
	copied := *r
	copied.Body = http.NoBody
	copied.ContentLength = 0
	if len(body) > 0 && whole {
		copied.Body = readCloser{strings.NewReader(string(body))}
		copied.ContentLength = int64(len(body))
	}
	found, err := o.Request(&copied, look)
	defer found.Release()
	if err != nil {
		return nil
	}
	out := append(found.Violations, found.Warnings...)
	if whole {
		return out
	}
	// Without its body, what is said about the body means nothing.
	kept := out[:0]
	for _, v := range out {
		if v.Pointer != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
