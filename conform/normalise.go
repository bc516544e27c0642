package conform

import "github.com/banyan-go/banyan/schema"

// JSON reports whether the body is JSON of which the contract has a schema.
func (e *Expected) JSON() bool {
	return e.Body == Checkable && e.content != nil && e.content.kind == jsonBody
}

// Normalise makes the body what the contract says, as schema.Normalise does;
// JSON must be true. What is wrong with the head is among the violations.
func (e *Expected) Normalise(buf, body []byte, n *schema.Normalisation) schema.Normalised {
	out := e.content.schema.strict.Normalise(buf, body, schema.Answer, n)
	if head := e.Head(); len(head) > 0 {
		out.Violations = append(head, out.Violations...)
	}
	return out
}

// HasJSON reports whether the contract has JSON among the answers of a status,
// whatever media type an answer claims to have.
func (o *Operation) HasJSON(status int) bool {
	a := o.answerOf(status)
	return a != nil && hasJSON(a.contents)
}

// NormaliseRequest makes a JSON request body what the contract says; ok is
// false when the contract has no such body.
func (o *Operation) NormaliseRequest(contentType string, buf, body []byte, n *schema.Normalisation) (out schema.Normalised, ok bool) {
	if len(o.bodies) == 0 {
		return out, false
	}
	chosen := &o.bodies[0]
	if contentType != "" {
		chosen = choose(o.bodies, contentType)
	}
	if chosen == nil || chosen.kind != jsonBody {
		return out, false
	}
	return chosen.schema.strict.Normalise(buf, body, schema.Request, n), true
}

// HasJSONAnswer reports whether the contract has JSON among the answers.
func (o *Operation) HasJSONAnswer() bool {
	for i := range o.answers {
		if hasJSON(o.answers[i].contents) {
			return true
		}
	}
	return false
}

// HasJSONRequest reports whether the contract has JSON among the requests.
func (o *Operation) HasJSONRequest() bool { return hasJSON(o.bodies) }

func hasJSON(contents []content) bool {
	for i := range contents {
		if contents[i].kind == jsonBody {
			return true
		}
	}
	return false
}
