package review

import (
	"maps"
	"slices"

	"github.com/banyan-go/banyan/internal/openapi"
)

// reach tells which operations hold a component schema, and who sends it. Only
// operations that both contracts have count: what is new or gone is reported as
// such.
type reach struct {
	// holds goes from component names to operations to senders, as a set of bits.
	holds map[string]map[string]uint8
	// inside are the components that a schema holds, itself included.
	inside map[*openapi.Schema]map[string]bool
	// blurred are the components below a oneOf whose branches overlap, or below
	// not and if.
	blurred map[string]bool
}

func newReach(c *comparison) *reach {
	r := &reach{holds: map[string]map[string]uint8{}, inside: map[*openapi.Schema]map[string]bool{}, blurred: map[string]bool{}}
	for _, pair := range c.pairs {
		for _, op := range []*openapi.Operation{pair.base, pair.head} {
			r.operation(pair.key, op, pair.caller)
		}
	}
	seen := map[*openapi.Schema]bool{}
	for _, side := range []struct {
		flat *flattener
		doc  *openapi.Document
	}{{c.schemas.base, c.base}, {c.schemas.head, c.head}} {
		for _, ref := range side.doc.Components.Schemas {
			r.blur(side.flat, ref, seen)
		}
	}
	return r
}

// blur looks for choices whose branches overlap. Those that stand in operations
// hold components as those of components do, which are compared in place.
func (r *reach) blur(f *flattener, ref *openapi.SchemaRef, seen map[*openapi.Schema]bool) {
	s := ref.Value
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	inner := []*openapi.SchemaRef{s.Not, s.If, s.Then, s.Else}
	if len(s.OneOf) > 1 {
		whole := f.of(ref)
		for _, branch := range s.OneOf {
			if whole.ambiguous(f, choice{true, s.OneOf}, branch) {
				inner = append(inner, branch)
			}
		}
	}
	for _, below := range inner {
		if below != nil {
			for name := range r.names(below) {
				r.blurred[name] = true
			}
		}
	}
	for child := range children(s) {
		r.blur(f, child, seen)
	}
}

func (r *reach) operation(key string, op *openapi.Operation, caller sender) {
	for _, p := range op.Parameters {
		r.note(key, p.Value.Schema, caller)
		r.content(key, p.Value.Content, caller)
	}
	if op.RequestBody != nil {
		r.content(key, op.RequestBody.Value.Content, caller)
	}
	for _, res := range op.Responses {
		r.content(key, res.Value.Content, caller.other())
		for _, h := range res.Value.Headers {
			r.note(key, h.Value.Schema, caller.other())
			r.content(key, h.Value.Content, caller.other())
		}
	}
}

func (r *reach) content(key string, content map[string]*openapi.MediaType, from sender) {
	for _, m := range content {
		r.note(key, m.Schema, from)
		for _, e := range m.Encoding {
			for _, h := range e.Headers {
				r.note(key, h.Value.Schema, from)
			}
		}
	}
}

func (r *reach) note(key string, ref *openapi.SchemaRef, from sender) {
	if ref == nil {
		return
	}
	for name := range r.names(ref) {
		if r.holds[name] == nil {
			r.holds[name] = map[string]uint8{}
		}
		r.holds[name][key] |= 1 << from
	}
}

// names are the components that a schema leads to.
func (r *reach) names(ref *openapi.SchemaRef) map[string]bool {
	out, known := r.inside[ref.Value]
	if !known {
		out = map[string]bool{}
		r.walk(ref.Value, out, map[*openapi.Schema]bool{})
		r.inside[ref.Value] = out
	}
	if name := refName(ref); name != "" && !out[name] {
		out = maps.Clone(out)
		out[name] = true
	}
	return out
}

func (r *reach) walk(s *openapi.Schema, out map[string]bool, seen map[*openapi.Schema]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	for child := range children(s) {
		if name := refName(child); name != "" {
			out[name] = true
		}
		if known, ok := r.inside[child.Value]; ok {
			maps.Copy(out, known)
			continue
		}
		r.walk(child.Value, out, seen)
	}
}

// children are the schemas in a schema.
func children(s *openapi.Schema) func(yield func(*openapi.SchemaRef) bool) {
	return func(yield func(*openapi.SchemaRef) bool) {
		for _, list := range [][]*openapi.SchemaRef{s.AllOf, s.OneOf, s.AnyOf, s.PrefixItems, {s.Not, s.If, s.Then, s.Else, s.Items, s.Contains, s.PropertyNames, s.AdditionalProperties.Schema}} {
			for _, ref := range list {
				if ref != nil && !yield(ref) {
					return
				}
			}
		}
		for _, m := range []map[string]*openapi.SchemaRef{s.Properties, s.PatternProperties} {
			for _, ref := range m {
				if ref != nil && !yield(ref) {
					return
				}
			}
		}
	}
}

// operations are those that hold one of the components, sorted.
func (r *reach) operations(names ...string) []string {
	set := map[string]bool{}
	for _, name := range names {
		for op := range r.holds[name] {
			set[op] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// sends reports whether somebody sends one of the components.
func (r *reach) sends(s sender, names ...string) bool {
	for _, name := range names {
		for _, senders := range r.holds[name] {
			if senders&(1<<s) != 0 {
				return true
			}
		}
	}
	return false
}
