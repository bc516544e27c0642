package goserver

import (
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

const (
	parameterPrefix = "#/components/parameters/"
	headerPrefix    = "#/components/headers/"
	bodyPrefix      = "#/components/requestBodies/"
	responsePrefix  = "#/components/responses/"
)

// sharedNames are what is made of the components that are no schemas is called.
// All components have a say in them, those that nobody refers to as well: who else
// refers to one of them renames none.
type sharedNames struct {
	// responses are the names of components, ranged those that they have as an answer
	// for several statuses, and answers the types that stand for them.
	responses, ranged map[string]string
	answers           map[answerKey]string
	// hints are what the types within others are called, by reference and, of bodies,
	// media type.
	hints map[hintKey]string
}

type answerKey struct {
	component string
	ranged    bool
	media     string
}

type hintKey struct{ ref, media string }

// nameShared decides all of them.
func (p *prep) nameShared() {
	s := sharedNames{ranged: map[string]string{}, answers: map[answerKey]string{}, hints: map[hintKey]string{}}
	c := p.doc.Components
	bases := newScope()
	s.responses = nameSection(p, bases, c.Responses, "the response ", func(r *openapi.ResponseRef) (config.Pos, bool) { return r.Value.Pos, true })
	for _, key := range sortedKeys(s.responses) {
		s.ranged[key] = bases.take(s.responses[key] + "Default")
	}
	types := newScope()
	for _, ranged := range []bool{false, true} {
		for _, key := range sortedKeys(s.responses) {
			base := s.responses[key]
			if ranged {
				base = s.ranged[key]
			}
			media, _ := toldApart(c.Responses[key].Value.Content)
			if len(media) == 0 {
				media = []mediaType{{}}
			}
			for _, m := range media {
				tag := ""
				if m.Declared != "" {
					tag = m.tag()
				}
				s.answers[answerKey{key, ranged, m.Declared}] = types.take(base + tag + "Response")
			}
		}
	}
	p.shared = s
	// Answers come first, as they do in most contracts: getX is before postX.
	hints := newScope()
	for _, key := range sortedKeys(s.responses) {
		p.hintBodies(hints, responsePrefix+key, s.responses[key], c.Responses[key].Value.Content)
	}
	bodies := nameSection(p, newScope(), c.RequestBodies, "the request body ", func(r *openapi.RequestBodyRef) (config.Pos, bool) { return r.Value.Pos, true })
	for _, key := range sortedKeys(bodies) {
		p.hintBodies(hints, bodyPrefix+key, bodies[key], c.RequestBodies[key].Value.Content)
	}
	for _, key := range sortedKeys(c.Parameters) {
		schema, _ := p.heldAs(c.Parameters[key].Value)
		p.hintWithin(hints, hintKey{ref: parameterPrefix + key}, p.words.goName(key), schema)
	}
	for _, key := range sortedKeys(c.Headers) {
		schema, _ := p.heldAs(asParameter(c.Headers[key].Value))
		p.hintWithin(hints, hintKey{ref: headerPrefix + key}, p.words.goName(key), schema)
	}
}

// nameSection names the components of a section that need a name.
func nameSection[T any](p *prep, taken scope, section map[string]T, what string, needs func(T) (config.Pos, bool)) map[string]string {
	var keys []string
	var wishes []wish
	for _, key := range sortedKeys(section) {
		if pos, ok := needs(section[key]); ok {
			keys = append(keys, key)
			wishes = append(wishes, wish{text: key, what: what + key, pos: pos})
		}
	}
	out := make(map[string]string, len(keys))
	for i, name := range p.nameAll(taken, wishes) {
		out[keys[i]] = name
	}
	return out
}

func (p *prep) hintBodies(taken scope, ref, base string, content map[string]*openapi.MediaType) {
	media, _ := toldApart(content)
	for _, m := range media {
		schema := content[m.Declared].Schema
		if kind := kindOfMedia(m.Name); kind == eventsBody || kind == linesBody {
			schema = p.streamed(schema)
		}
		p.hintWithin(taken, hintKey{ref, m.Declared}, base+m.tag()+"Body", schema)
	}
}

// hintWithin decides what the type in a component is called, if there is one: no two
// components may have one of the same name.
func (p *prep) hintWithin(taken scope, key hintKey, name string, schema *openapi.SchemaRef) {
	end, declares := p.declares(schema)
	hint := name
	for i := 2; declares && taken[hint+end]; i++ {
		hint = name + strconv.Itoa(i)
	}
	if declares {
		taken[hint+end] = true
	}
	p.shared.hints[key] = hint
}

// hintFor is what a type within a component is called.
func (p *prep) hintFor(ref, media string) string {
	return p.shared.hints[hintKey{ref, media}]
}

// declares reports whether a schema makes a type that has no name of its own, and how
// that ends: one of the items of a list is called after them.
func (p *prep) declares(ref *openapi.SchemaRef) (end string, ok bool) {
	for range mostAliases {
		if ref == nil || ref.Value == nil || ref.Ref != "" {
			return "", false
		}
		sh := p.shapeOf(ref.Value)
		switch {
		case sh.ref != nil:
			ref = sh.ref
		case p.needsName(sh):
			return end, true
		case sh.typ == "array":
			ref, end = sh.items, end+"Item"
		default:
			ref, end = sh.rest, end+"Value"
		}
	}
	return "", false
}

// ownOperation is an operation that stands in a component, as one of those who refer
// to it has it: with types of its own.
func ownOperation(node *openapi.Operation) *openapi.Operation {
	own := *node
	own.Parameters = ownParameters(node.Parameters)
	if b := node.RequestBody; b != nil && b.Value != nil && b.Ref == "" {
		v := *b.Value
		v.Content = ownContent(v.Content)
		own.RequestBody = &openapi.RequestBodyRef{Value: &v}
	}
	own.Responses = make(map[string]*openapi.ResponseRef, len(node.Responses))
	for status, ref := range node.Responses {
		own.Responses[status] = ref
		if ref == nil || ref.Value == nil || ref.Ref != "" {
			continue
		}
		v := *ref.Value
		v.Content, v.Headers = ownContent(v.Content), make(map[string]*openapi.HeaderRef, len(v.Headers))
		for name, h := range ref.Value.Headers {
			v.Headers[name] = h
			if h != nil && h.Value != nil && h.Ref == "" {
				one := *h.Value
				one.Schema, one.Content = copied(one.Schema), ownContent(one.Content)
				v.Headers[name] = &openapi.HeaderRef{Value: &one}
			}
		}
		own.Responses[status] = &openapi.ResponseRef{Value: &v}
	}
	return &own
}

// ownItem is a path as one of its operations has it: what stands in the parameters
// that they share is copied, so that each has types of its own, and none is called
// after another one that comes first in the alphabet.
func ownItem(item *openapi.PathItem) *openapi.PathItem {
	own := *item
	own.Parameters = ownParameters(item.Parameters)
	return &own
}

func ownParameters(shared []*openapi.ParameterRef) []*openapi.ParameterRef {
	own := slices.Clone(shared)
	for i, ref := range own {
		if ref == nil || ref.Value == nil || ref.Ref != "" {
			continue
		}
		v := *ref.Value
		v.Schema, v.Content = copied(v.Schema), ownContent(v.Content)
		own[i] = &openapi.ParameterRef{Value: &v}
	}
	return own
}

func ownContent(shared map[string]*openapi.MediaType) map[string]*openapi.MediaType {
	own := make(map[string]*openapi.MediaType, len(shared))
	for media, of := range shared {
		one := *of
		one.Schema = copied(of.Schema)
		own[media] = &one
	}
	return own
}

// componentIn is the name of the component that a reference leads to.
func componentIn(prefix, ref string) string {
	name, _ := strings.CutPrefix(ref, prefix)
	return name
}
