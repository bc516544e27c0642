//go:build unix

package trips

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/contract/contracttest"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"github.com/banyan-go/banyan/wire"
)

// deliver sends a request through the port, so that it is read twice and written
// once by generated code, and reports whether both handlers got what was sent.
func (p *plan) deliver(m *message, answer trip, pointers map[string]string) bool {
	p.T.Helper()
	answer.Through, answer.Credentials = true, m.credentials
	got := p.send(m, answer)
	if len(got.at) == 0 {
		p.fail("%s: %d, and no handler was called: %s", m, got.status, shortened(got.body))
		return false
	}
	for i, hop := range got.at {
		who := []string{"the handler", "the handler behind the port"}[min(i, 1)]
		if hop.Operation != "it."+m.op.ID {
			p.fail("%s: %s is that of %s", m, who, hop.Operation)
			return false
		}
		if diff := p.compare(m, hop, pointers); diff != "" {
			p.fail("%s: %s got %s", m, who, diff)
			return false
		}
	}
	if len(got.at) != 2 {
		p.fail("%s: the port could not: %d %s", m, got.status, shortened(got.body))
		return false
	}
	if got.status >= 500 && got.status != answer.Status {
		p.fail("%s: %d %s", m, got.status, shortened(got.body))
		return false
	}
	p.arrived++
	return true
}

func shortened(text []byte) string { return string(text[:min(len(text), 500)]) }

// compare says what of a request did not arrive, or nothing.
func (p *plan) compare(m *message, got seen, pointers map[string]string) string {
	if got.Fault != "" {
		return got.Fault
	}
	for _, key := range slices.Sorted(maps.Keys(m.model)) {
		want, sent := m.params[key]
		if !sent && slices.ContainsFunc(m.credentials, func(c credential) bool { return c.In+" "+c.Name == key }) {
			continue
		}
		text, known := got.Params[key]
		if !known {
			return "no " + key
		}
		ref, at := m.model[key].Schema, pointers[key]+"/schema"
		for media, content := range m.model[key].Content {
			ref, at = content.Schema, pointers[key]+"/content/"+jsonpointer.Escape(media)+"/schema"
		}
		if !sent {
			if ref == nil || ref.Value == nil || ref.Value.Default == nil {
				if diff := same(nil, decoded(text), key); diff != "" {
					return diff
				}
			}
			continue // a default, which the engine may have reasons to leave out
		}
		p.values++
		if diff := same(p.filled(want, at), decoded(text), key); diff != "" {
			return diff
		}
	}
	if m.media == "" {
		return ""
	}
	p.values++
	want := m.body
	if kind := kindOf(m.media); kind == jsonBody || kind == formBody {
		at, _ := p.bundle.Follow(p.at[m.op.ID] + "/requestBody")
		want = p.filled(m.body, at+"/content/"+jsonpointer.Escape(m.media)+"/schema")
	}
	if got.Body < 0 {
		if want == nil {
			return ""
		}
		return "no body"
	}
	if kindOf(m.media) == partsBody {
		return samePart(want, decoded(got.Value))
	}
	return same(want, decoded(got.Value), "the body")
}

// samePart compares the parts that were sent; others may be defaults.
func samePart(want, got any) string {
	if got == nil {
		return "" // it is not decoded, which is said
	}
	sent, _ := want.(map[string]any)
	had, _ := got.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if diff := same(sent[name], had[name], "the part "+name); diff != "" {
			return diff
		}
	}
	return ""
}

// filled is a value with the defaults that its schema has.
func (p *plan) filled(v any, at string) any {
	compiled := p.schema(at)
	if compiled == nil {
		return v
	}
	text, err := json.Marshal(v)
	if err != nil {
		return v
	}
	out, _ := compiled.WithDefaults(nil, text, schema.Request)
	return decoded(out)
}

// anyAnswer is an answer of an operation that is easily made.
func (p *plan) anyAnswer(op *contract.Operation) (trip, bool) {
	known := p.shapes[op.ID].Answers
	for _, kind := range []wire.Kind{wire.NoBody, wire.TextBody, wire.StreamBody, wire.JSONBody, wire.FormBody} {
		for i := range known {
			if known[i].Kind != kind || !sendable(known[i]) {
				continue
			}
			for _, what := range p.trips(op, i) {
				return what, true
			}
		}
	}
	return trip{}, false
}

// sendable leaves out what is no whole answer, and problems: those come out of a
// port as errors.
func sendable(a answer) bool {
	return !strings.HasPrefix(a.Status, "1") && !strings.HasPrefix(a.Media, "application/problem+json")
}

// trips make the answers of an operation that fit one that it declares.
func (p *plan) trips(op *contract.Operation, i int) []trip {
	a := p.shapes[op.ID].Answers[i]
	what := trip{Answer: i, Status: statusOf(a.Status, p.shapes[op.ID].Answers), Media: strings.ReplaceAll(a.Media, "*", "x"), Body: json.RawMessage("null")}
	model := p.model.Paths[op.Template].Operations[op.Method].Responses[a.Status]
	if model == nil || model.Value == nil {
		return nil
	}
	at, _ := p.bundle.Follow(p.at[op.ID] + "/responses/" + jsonpointer.Escape(a.Status))
	for _, name := range a.Headers {
		if strings.EqualFold(name, "Content-Length") { // which has to be true
			what.Headers = append(what.Headers, json.RawMessage("null"))
			continue
		}
		what.Headers = append(what.Headers, p.header(model.Value.Headers[name], at+"/headers/"+jsonpointer.Escape(name)))
	}
	content := model.Value.Content[a.Media]
	where := at + "/content/" + jsonpointer.Escape(a.Media) + "/schema"
	var out []trip
	with := func(v any) {
		text, err := json.Marshal(v)
		if err == nil {
			one := what
			one.Body = text
			out = append(out, one)
		}
	}
	switch {
	case a.Kind == wire.NoBody:
		return []trip{what}
	case a.Kind == wire.StreamBody:
		with("a stream\x00of bytes")
	case content == nil:
		return nil
	case a.Kind == wire.TextBody, a.Kind == wire.JSONBody, a.Kind == wire.FormBody:
		for _, v := range p.samples(content.Schema, where, schema.Answer) {
			_, isText := v.(string)
			_, isForm := formPairs(v)
			if (a.Kind != wire.TextBody || isText) && (a.Kind != wire.FormBody || isForm) && len(out) < mostAnswers {
				with(v)
			}
		}
	}
	return out
}

// header is the first value of a header that can be written.
func (p *plan) header(ref *openapi.HeaderRef, at string) json.RawMessage {
	if ref == nil || ref.Value == nil || ref.Value.Schema == nil {
		return json.RawMessage("null")
	}
	at, _ = p.bundle.Follow(at)
	for _, v := range p.samples(ref.Value.Schema, at+"/schema", schema.Answer) {
		if text, ok := scalar(v); ok && text != "" && plain(text) && text == strings.TrimSpace(text) {
			out, _ := json.Marshal(v)
			return out
		}
	}
	return json.RawMessage("null")
}

// answers has a handler give each answer that an operation declares.
func (p *plan) answers(least *message, model *openapi.Operation) {
	known := p.shapes[least.op.ID].Answers
	for i := range known {
		a := known[i]
		if strings.HasPrefix(a.Status, "1") {
			continue
		}
		made := p.trips(least.op, i)
		if len(made) == 0 {
			p.unmadeAnswers++
		}
		for _, what := range made {
			if !p.required(what, a, model) {
				p.unmadeAnswers++
				continue
			}
			what.Through, what.Credentials = sendable(a), least.credentials
			got := p.send(least, what)
			if diff := p.came(least, a, what, got); diff != "" {
				p.fail("%s: the answer %s %s %s: %s", least, a.Status, a.Media, shortened(what.Body), diff)
			} else {
				p.answered++
			}
		}
	}
}

// required reports whether a value was found for every header that an answer must
// have.
func (p *plan) required(what trip, a answer, model *openapi.Operation) bool {
	for i, name := range a.Headers {
		h := model.Responses[a.Status].Value.Headers[name]
		if string(what.Headers[i]) == "null" && h != nil && h.Value != nil && h.Value.Required {
			return false
		}
	}
	return true
}

// came says how an answer differs from the one that the handler gave.
func (p *plan) came(m *message, a answer, what trip, got came) string {
	if got.status != what.Status {
		return fmt.Sprintf("it came as %d %s", got.status, shortened(got.body))
	}
	for i, name := range a.Headers {
		var v any
		if v = decoded(what.Headers[i]); v == nil {
			continue
		}
		text, _ := scalar(v)
		if values := got.header.Values(name); len(values) != 1 || !sameText(text, values[0]) {
			return fmt.Sprintf("the header %s is %q and not %q", name, values, text)
		}
	}
	if a.Kind == wire.NoBody || m.op.Method == http.MethodHead || slices.Contains([]int{204, 205, 304}, got.status) {
		if len(got.body) > 0 {
			return "it has a body: " + shortened(got.body)
		}
		return ""
	}
	if media, _, err := mime.ParseMediaType(got.header.Get("Content-Type")); err != nil || !strings.EqualFold(media, baseOf(what.Media)) {
		return fmt.Sprintf("its type is %q", got.header.Get("Content-Type"))
	}
	switch a.Kind {
	case wire.JSONBody:
		if !json.Valid(got.body) {
			return "it is no JSON: " + shortened(got.body)
		}
		return same(decoded(what.Body), decoded(got.body), "")
	case wire.TextBody, wire.StreamBody:
		return same(decoded(what.Body), string(got.body), "")
	}
	pairs, _ := formPairs(decoded(what.Body))
	return same(strings.Join(pairs, "&"), string(bytes.TrimSpace(got.body)), "")
}

func baseOf(media string) string {
	base, _, _ := strings.Cut(media, ";")
	return strings.ToLower(strings.TrimSpace(base))
}

// sameText compares texts, of numbers their values.
func sameText(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return a == b || errX == nil && errY == nil && x == y
}

// same says where two values differ, or nothing. A number is a float64 in Go.
func same(a, b any, at string) string {
	return contracttest.Difference(a, b, at, func(a, b json.Number) bool {
		return contracttest.Equal(a, b) || sameText(a.String(), b.String())
	})
}
