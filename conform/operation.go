package conform

import (
	"net/http"
	"slices"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/media"
)

// Operation is one operation of a contract. It is immutable and safe for
// concurrent use.
type Operation struct {
	key        string
	status     int // of a request that breaks the contract
	mode       schema.Mode
	countOnly  map[string]bool
	parameters twin[*schema.Parameters]

	at       string // the Operation Object
	bodyAt   string // the Request Body Object
	required bool   // the body
	bodies   []content
	consumes []string

	answers  []answer
	produces []media.Type // of success
	silent   bool         // there is a success without a body
}

// content is one Media Type Object.
type content struct {
	declared string // as the contract writes it
	media    media.Type
	at       string
	kind     bodyKind
	schema   twin[*schema.Schema] // of jsonBody and textBody
	form     twin[*schema.Form]   // of formBody and multipartBody
}

// answer is one Response Object.
type answer struct {
	status   string // "200", "4XX", "DEFAULT"
	at       string
	contents []content
	headers  twin[*schema.Parameters]
}

// Purpose says what a checked request is handed on for.
type Purpose uint8

const (
	// Fill is for handlers of the contract: what is handed on has the
	// contract's defaults.
	Fill Purpose = iota
	// Keep is for those who have defaults of their own: what is handed on is
	// what the client sent.
	Keep
	// look is for nobody: the body is known, and lines are checked here.
	look
	// send is for who gets the request over the network: lines are checked as they
	// are read, and nothing is filled in.
	send
)

// Checked is what came of checking a request.
type Checked struct {
	// Violations is empty when the request is as the contract says.
	Violations []Violation
	// Warnings are violations that are only counted.
	Warnings []Violation

	operation *Operation
	malformed bool
	body      *Body
}

// Request checks a request whose body nobody has read. Afterwards its Body is
// a *Body, to be handed on until Release. The error is that of reading the
// body, such as *http.MaxBytesError; the request cannot be used then.
func (o *Operation) Request(r *http.Request, purpose Purpose) (Checked, error) {
	found := Checked{operation: o}
	content, present, err := o.headers(r, &found)
	if err != nil || len(found.Violations) > 0 {
		return found, err
	}
	if o.parameters.strict == nil && !present {
		found.missing(o)
		return found, nil
	}
	found.body = newBody(r.Body, o)
	if o.parameters.strict != nil {
		o.check(r, &found)
	}
	if !present {
		found.missing(o)
	} else if err := o.readBody(r, &found, content, purpose); err != nil {
		found.Release()
		return found, err
	}
	r.Body = found.body
	return found, nil
}

// missing notes that there is no body where there must be one.
func (c *Checked) missing(o *Operation) {
	if o.required {
		c.Violations = append(c.Violations, Violation{
			Keyword: KeywordRequired, Message: "is required: the request has no body", Schema: o.bodyAt + "/required",
		})
	}
}

// headers checks what can be told before anything is read: whether there is a
// body, and the media types of request and answer.
func (o *Operation) headers(r *http.Request, found *Checked) (chosen *content, present bool, err error) {
	if len(o.bodies) > 0 {
		if present, err = hasBody(r); err != nil {
			return nil, false, err
		}
	}
	if present {
		chosen = &o.bodies[0] // of a body that does not say what it is
		if contentType := first(r.Header, "Content-Type"); contentType != "" {
			chosen = choose(o.bodies, contentType)
		}
		if chosen == nil {
			found.Violations = []Violation{{
				Pointer: "/header/Content-Type", Keyword: KeywordContentType, Message: "must be " + alternatives(o.consumes),
				Schema: o.bodyAt + "/content",
			}}
			return nil, present, nil
		}
		if encoding := first(r.Header, "Content-Encoding"); encoding != "" && encoding != "identity" && chosen.kind != streamBody && chosen.kind != eventsBody {
			found.Violations = []Violation{{
				Pointer: "/header/Content-Encoding", Keyword: KeywordEncoding, Message: "must be absent: bodies are taken as they are",
				Schema: o.bodyAt,
			}}
			return nil, present, nil
		}
	}
	if !o.silent && !accepts(r.Header["Accept"], o.produces) {
		found.Violations = []Violation{{
			Pointer: "/header/Accept", Keyword: KeywordAccept, Message: "must take " + alternatives(spelled(o.produces)),
			Schema: o.at + "/responses",
		}}
	}
	return chosen, present, nil
}

// check checks the parameters.
func (o *Operation) check(r *http.Request, found *Checked) {
	values := &found.body.buffers.parameters
	v := o.parameters.strict.Decode(values, r)
	if len(v) > 0 && o.parameters.lenient != nil {
		found.Warnings = append(found.Warnings, o.warned(v)...)
		v = o.parameters.lenient.Decode(values, r)
	}
	for _, one := range v {
		found.malformed = found.malformed || unreadable(one)
	}
	found.Violations = append(found.Violations, v...)
}

// unreadable reports whether a parameter cannot even be read as what it should
// be, as opposed to being out of bounds.
func unreadable(v Violation) bool {
	switch v.Keyword {
	case "type", schema.KeywordStyle, schema.KeywordSyntax, schema.KeywordRange, schema.KeywordDepth:
		return true
	}
	return false
}

// Problem is the answer to a request that is refused; nil when it is fine.
func (c *Checked) Problem() *problem.Error {
	if len(c.Violations) == 0 {
		return nil
	}
	first := c.Violations[0]
	var p *problem.Error
	switch first.Keyword {
	case KeywordContentType:
		p = problem.UnsupportedMedia.New("the body must be " + alternatives(c.operation.consumes))
		p.Header = http.Header{"Accept": c.operation.consumes}
		return p
	case KeywordEncoding:
		p = problem.UnsupportedMedia.New("the body must not be compressed")
		p.Header = http.Header{"Accept-Encoding": {"identity"}}
		return p
	case KeywordAccept:
		return problem.NotAcceptable.New("the answer can be " + alternatives(spelled(c.operation.produces)))
	}
	faults := make([]problem.Fault, len(c.Violations))
	for i, v := range c.Violations {
		faults[i] = problem.Fault{Pointer: v.Pointer, Message: v.Message, Code: v.Keyword}
	}
	switch {
	case c.malformed:
		p = problem.Malformed.New("the request cannot be read")
	case slices.ContainsFunc(c.Violations, func(v Violation) bool { return v.Keyword == schema.KeywordPartType }):
		p = problem.UnsupportedMedia.New("a part of the body has another media type than the contract has there")
	default:
		return c.operation.invalid(faults)
	}
	p.Errors = faults
	return p
}

// invalid is the answer to a request that could be read and is not as the
// contract says.
func (o *Operation) invalid(faults []problem.Fault) *problem.Error {
	p := problem.InvalidRequest.New("the request does not match the contract")
	p.Status, p.Errors = o.status, faults
	return p
}

// Broken returns the rules between values that the request breaks, once those
// who decoded it have refused it because of them.
func (c *Checked) Broken() []Violation {
	if c.body == nil {
		return nil
	}
	return c.body.broken
}

// Release gives back what the request was held in. Nobody may read its body
// any more.
func (c *Checked) Release() {
	if c.body != nil {
		c.body.release()
		c.body = nil
	}
}
