//go:build unix

package trips

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/conform/bundle"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/sample"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// How many of each are tried: samples vary one thing after the other.
const (
	mostValues  = 12 // of a parameter
	mostBodies  = 24
	mostAnswers = 8 // bodies of one
	mostFaults  = 120
)

// plan is what is tried out of one contract.
type plan struct {
	*testing.T
	*server
	contract *contract.Contract
	model    *openapi.Document
	engine   *schema.Document
	bundle   bundle.Document
	at       map[string]string // where operations stand in the bundle
	compiled map[string]*schema.Schema

	operations, arrived, values, answered, refused, unmadeRequests, unmadeAnswers, failures int
}

func newPlan(t *testing.T, c *contract.Contract) *plan {
	t.Helper()
	p := &plan{T: t, contract: c, compiled: map[string]*schema.Schema{}}
	text, err := c.Bundle()
	if err == nil {
		p.model, err = c.Spec()
	}
	if err == nil {
		p.engine, err = schema.Load(text, schema.Options{})
	}
	if err == nil {
		p.bundle, err = bundle.Read(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.at = p.bundle.Operations()
	return p
}

// fail notes a failure; of many, the first are shown.
func (p *plan) fail(format string, args ...any) {
	p.T.Helper()
	if p.failures++; p.failures <= 25 {
		p.T.Errorf(format, args...)
	}
}

func (p *plan) run() {
	for _, op := range p.contract.Operations {
		p.operations++
		if !p.collides(op) {
			p.operation(op)
		}
	}
}

// collides reports whether another operation has the same method and path, which is
// said: one of them takes the requests of both.
func (p *plan) collides(op *contract.Operation) bool {
	return slices.ContainsFunc(p.contract.Operations, func(other *contract.Operation) bool {
		return other != op && other.Method == op.Method && names.ReplaceAllString(other.Path, "{}") == names.ReplaceAllString(op.Path, "{}")
	})
}

var names = regexp.MustCompile(`\{[^{}]*\}`)

// operation tries out one operation.
func (p *plan) operation(op *contract.Operation) {
	item := p.model.Paths[op.Template]
	if item == nil || item.Operations[op.Method] == nil {
		p.fail("%s is not in the model", op.Key)
		return
	}
	model := item.Operations[op.Method]
	least := &message{op: op, params: map[string]any{}, model: map[string]*openapi.Parameter{}, credentials: p.credentials(model)}
	allowed := map[string][]any{}
	pointers := map[string]string{}
	for at, object := range p.bundle.Parameters(p.at[op.ID]) {
		pointers[bundle.Member[string](object, "in")+" "+bundle.Member[string](object, "name")] = at
	}
	for _, ref := range slices.Concat(item.Parameters, model.Parameters) { // the operation's own come last
		if v := ref.Value; v != nil && !ignored(v) {
			least.model[v.In+" "+v.Name] = v
		}
	}
	for _, key := range slices.Sorted(maps.Keys(least.model)) {
		v := least.model[key]
		allowed[key] = p.valuesOf(v, pointers[key])
		if v.Required || v.In == "path" {
			if len(allowed[key]) == 0 {
				p.unmadeRequests++
				return // nobody here knows how to call it
			}
			least.params[key] = allowed[key][0]
		}
	}
	bodies := p.bodies(least, model)
	if len(bodies) > 0 {
		least = bodies[0]
	} else if model.RequestBody != nil && model.RequestBody.Value != nil && model.RequestBody.Value.Required {
		p.unmadeRequests++
		return
	}
	answer, quick := p.anyAnswer(op)
	if !quick {
		p.unmadeAnswers++
		return
	}
	requests := append([]*message{least}, bodies...)
	for _, key := range slices.Sorted(maps.Keys(allowed)) {
		for _, v := range allowed[key] {
			requests = append(requests, least.with(key, v))
		}
	}
	if all := p.everything(least, allowed); all != nil {
		requests = append(requests, all)
	}
	for _, m := range requests {
		if !p.deliver(m, answer, pointers) {
			if m == least {
				return // the rest would say the same
			}
		}
	}
	p.answers(least, model)
	p.broken(least, bodies, pointers)
}

// ignored reports the headers that OpenAPI does not take for parameters, and those
// that HTTP itself reads: any text in them is another message.
func ignored(v *openapi.Parameter) bool {
	return v.In == "header" && slices.Contains([]string{"accept", "content-type", "authorization", "connection", "content-encoding", "content-length", "expect", "host", "te",
		"trailer", "transfer-encoding", "upgrade"}, strings.ToLower(v.Name))
}

// everything is a request with all of its parameters.
func (p *plan) everything(least *message, allowed map[string][]any) *message {
	out := *least
	out.params = maps.Clone(least.params)
	for key, list := range allowed {
		if len(list) > 0 {
			out.params[key] = list[len(list)/2]
		}
	}
	return &out
}

// valuesOf are values that a parameter takes and that can be written.
func (p *plan) valuesOf(v *openapi.Parameter, at string) []any {
	ref, where := v.Schema, at+"/schema"
	for media, content := range v.Content {
		ref, where = content.Schema, at+"/content/"+jsonpointer.Escape(media)+"/schema"
	}
	var out []any
	for _, one := range p.samples(ref, where, schema.Request) {
		if pieces, ok := written(v, one); ok && (v.In != "path" || p.leadsHere(v, pieces[0])) {
			out = append(out, one)
		}
	}
	return out[:min(len(out), mostValues)]
}

// leadsHere reports whether no other path has the text of a parameter for a name of
// its own.
func (p *plan) leadsHere(v *openapi.Parameter, text string) bool {
	for _, op := range p.contract.Operations {
		if slices.Contains(strings.FieldsFunc(op.Path, func(r rune) bool { return r == '/' || r == ':' }), text) {
			return false
		}
		if strings.Count(op.Path, "}{") > 0 || mixed.MatchString(op.Path) {
			if !word.MatchString(text) {
				return false // where a literal begins is anybody's guess
			}
		}
	}
	return true
}

var (
	mixed = regexp.MustCompile(`[^/]\{|\}[^/]`)
	word  = regexp.MustCompile(`^[A-Za-z0-9]+$`)
)

// samples are values that a schema takes; without a schema, some text.
func (p *plan) samples(ref *openapi.SchemaRef, at string, mode schema.Mode) []any {
	if ref == nil || ref.Value == nil {
		return []any{"text"}
	}
	compiled := p.schema(at)
	if compiled == nil {
		return nil
	}
	var out []any
	for _, s := range sample.Of(ref, nil) {
		if len(compiled.Validate(s.JSON, mode)) > 0 {
			continue
		}
		if v := decoded(s.JSON); !unkept([]*openapi.SchemaRef{ref}, v, 0) {
			out = append(out, v)
		}
	}
	return out
}

// unkept reports whether a value has something that Go does not keep: members that
// its schema does not name where it names others, and null for a member of any type
// that need not be there.
func unkept(refs []*openapi.SchemaRef, v any, depth int) bool {
	if depth > 20 {
		return false
	}
	known := &members{properties: map[string][]*openapi.SchemaRef{}, seen: map[*openapi.Schema]bool{}}
	for _, ref := range refs {
		known.add(ref)
	}
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			below, declared := known.properties[name]
			switch {
			case !declared && len(known.properties) > 0 && len(known.rest) == 0 && !known.open:
				return true
			case !declared:
				below = known.rest
			case value == nil && !slices.ContainsFunc(below, nullable):
				return true
			}
			if unkept(below, value, depth+1) {
				return true
			}
		}
	case []any:
		for _, item := range v {
			if unkept(known.items, item, depth+1) {
				return true
			}
		}
	}
	return false
}

func nullable(ref *openapi.SchemaRef) bool {
	if ref == nil || ref.Value == nil {
		return false
	}
	s := ref.Value
	return s.Nullable || slices.Contains(s.Enum, nil) || slices.ContainsFunc(s.AllOf, nullable) || slices.ContainsFunc(s.OneOf, nullable) || slices.ContainsFunc(s.AnyOf, nullable)
}

// members are what all schemas of a value say of what is in it.
type members struct {
	properties  map[string][]*openapi.SchemaRef
	rest, items []*openapi.SchemaRef
	open        bool // to any other member
	seen        map[*openapi.Schema]bool
}

func (m *members) add(ref *openapi.SchemaRef) {
	if ref == nil || ref.Value == nil || m.seen[ref.Value] {
		return
	}
	s := ref.Value
	m.seen[s] = true
	for name, below := range s.Properties {
		m.properties[name] = append(m.properties[name], below)
	}
	if s.Items != nil {
		m.items = append(m.items, s.Items)
	}
	extra := s.AdditionalProperties
	if extra.Schema != nil {
		m.rest = append(m.rest, extra.Schema)
	}
	for _, below := range s.PatternProperties {
		m.rest = append(m.rest, below)
	}
	m.open = m.open || extra.Allowed != nil && *extra.Allowed
	for _, list := range [][]*openapi.SchemaRef{s.AllOf, s.OneOf, s.AnyOf} {
		for _, below := range list {
			m.add(below)
		}
	}
}

func (p *plan) schema(at string) *schema.Schema {
	at, _ = p.bundle.Follow(at)
	if known, ok := p.compiled[at]; ok {
		return known
	}
	compiled, err := p.engine.Compile(at)
	if err != nil {
		p.Logf("%s: %v", at, err)
	}
	p.compiled[at] = compiled
	return compiled
}

func decoded(text []byte) any {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return err.Error()
	}
	return v
}

// bodies are the message with bodies of all media types that it may have.
func (p *plan) bodies(least *message, model *openapi.Operation) []*message {
	if model.RequestBody == nil || model.RequestBody.Value == nil {
		return nil
	}
	at, _ := p.bundle.Follow(p.at[least.op.ID] + "/requestBody")
	var out []*message
	for _, media := range slices.Sorted(maps.Keys(model.RequestBody.Value.Content)) {
		content := model.RequestBody.Value.Content[media]
		where := at + "/content/" + jsonpointer.Escape(media) + "/schema"
		made := 0
		for _, v := range p.bodyValues(media, content, where) {
			m := least.sending(media, content, v)
			if _, err := m.request("http://x"); err != nil || made == mostBodies {
				continue
			}
			made++
			out = append(out, m)
		}
		if made == 0 {
			p.unmadeRequests++
		}
	}
	return out
}

func (p *plan) bodyValues(media string, content *openapi.MediaType, at string) []any {
	switch kindOf(media) {
	case textBody:
		var out []any
		for _, v := range p.samples(content.Schema, at, schema.Request) {
			if text, ok := v.(string); ok && text != "" { // which is no body
				out = append(out, text)
			}
		}
		return out
	case otherBody:
		if strings.HasPrefix(media, "multipart/") {
			return nil
		}
		return []any{"some \x00 bytes"}
	case partsBody, formBody:
		var out []any
		for _, v := range p.samples(content.Schema, at, schema.Request) {
			if object, ok := v.(map[string]any); ok && len(object) > 0 { // an empty form is no body
				out = append(out, v)
			}
		}
		return out
	}
	return p.samples(content.Schema, at, schema.Request)
}

// credentials are those that the first way to be let in asks for.
func (p *plan) credentials(model *openapi.Operation) (out []credential) {
	ways := model.Security
	if ways == nil {
		ways = p.model.Security
	}
	if len(ways) == 0 {
		return nil
	}
	defer func() { // one value for a place: two schemes in Authorization are both content with a Basic
		known := map[string]bool{}
		out = slices.DeleteFunc(out, func(c credential) bool {
			twice := known[c.In+c.Name]
			known[c.In+c.Name] = true
			return twice
		})
	}()
	for _, name := range slices.Sorted(maps.Keys(ways[0])) {
		s := p.model.Components.SecuritySchemes[name]
		switch {
		case s == nil:
		case s.Type == "apiKey":
			out = append(out, credential{s.In, s.Name, "let-me-in"})
		case s.Type == "http" && s.Scheme == "basic":
			out = append(out, credential{"header", "Authorization", "Basic bWU6bGV0LW1lLWlu"})
		case s.Type == "http" && s.Scheme != "bearer":
			out = append(out, credential{"header", "Authorization", s.Scheme + " let-me-in"})
		case s.Type != "mutualTLS":
			out = append(out, credential{"header", "Authorization", "Bearer let-me-in"})
		}
	}
	return out
}

// statusOf is a status of an answer's class that no other answer has.
func statusOf(declared string, all []answer) int {
	if n, err := strconv.Atoi(declared); err == nil {
		return n
	}
	first := map[byte]int{'1': 199, '2': 290, '3': 390, '4': 418, '5': 590}[declared[0]]
	if first == 0 { // default
		first = 590
	}
	for slices.ContainsFunc(all, func(a answer) bool { return a.Status == strconv.Itoa(first) }) {
		first++
	}
	return first
}
