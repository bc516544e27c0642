package review

import (
	"maps"
	"slices"

	"github.com/banyan-go/banyan/internal/openapi"
)

// reach tells which operations hold a component schema, and who sends it. Only
// operations that both contracts have count: what is new or gone is reported as
// such. It follows references backwards from the few components that changed, so
// that it costs no more than one walk through the documents.
type reach struct {
	// uses goes from component names to the operations whose messages name them,
	// with their senders as a set of bits.
	uses map[string]map[string]uint8
	// holders and held go from components to those that name them, and back.
	holders, held map[string]map[string]bool
	// blurred are the components below a oneOf whose branches overlap, or below
	// not and if.
	blurred map[string]bool
	known   map[string]map[string]uint8 // see operationsOf
}

func newReach(c *comparison) *reach {
	r := &reach{uses: map[string]map[string]uint8{}, holders: map[string]map[string]bool{}, held: map[string]map[string]bool{}, blurred: map[string]bool{}, known: map[string]map[string]uint8{}}
	for _, side := range []struct {
		flat *flattener
		doc  *openapi.Document
		op   func(*operationPair) located
	}{
		{c.schemas.base, c.base, func(p *operationPair) located { return p.base }},
		{c.schemas.head, c.head, func(p *operationPair) located { return p.head }},
	} {
		for name, ref := range side.doc.Components.Schemas {
			r.walk(side.flat, ref, func(to string) {
				put(r.holders, to, name, true)
				put(r.held, name, to, true)
			})
		}
		for _, pair := range c.pairs {
			messages(side.op(pair), pair.caller, func(ref *openapi.SchemaRef, from sender) {
				r.walk(side.flat, ref, func(name string) {
					put(r.uses, name, pair.key, r.uses[name][pair.key]|1<<from)
				})
			})
		}
	}
	// What a blurred component holds is blurred too.
	queue := slices.Collect(maps.Keys(r.blurred))
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		for below := range r.held[name] {
			if !r.blurred[below] {
				r.blurred[below] = true
				queue = append(queue, below)
			}
		}
	}
	return r
}

func put[V any](m map[string]map[string]V, a, b string, v V) {
	if m[a] == nil {
		m[a] = map[string]V{}
	}
	m[a][b] = v
}

// walk visits the names in a schema, without following them, and notes those that
// are blurred.
func (r *reach) walk(f *flattener, ref *openapi.SchemaRef, visit func(name string)) {
	if ref == nil || ref.Value == nil {
		return
	}
	if name := refName(ref); name != "" {
		visit(name)
		return
	}
	s := ref.Value
	blur := func(ref *openapi.SchemaRef) {
		r.walk(f, ref, func(name string) { r.blurred[name] = true })
	}
	if len(s.OneOf) > 1 {
		whole := f.of(ref)
		for _, branch := range s.OneOf {
			if whole.ambiguous(f, choice{true, s.OneOf}, branch) {
				blur(branch)
			}
		}
	}
	for _, ref := range []*openapi.SchemaRef{s.Not, s.If, s.Then, s.Else, s.Contains, s.PropertyNames, s.UnevaluatedItems, s.UnevaluatedProperties} {
		blur(ref)
	}
	for _, ref := range s.DependentSchemas {
		blur(ref)
	}
	for child := range children(s) {
		r.walk(f, child, visit)
	}
}

// messages visits the schemas of an operation's messages with who sends them.
func messages(l located, caller sender, visit func(*openapi.SchemaRef, sender)) {
	content := func(content map[string]*openapi.MediaType, from sender) {
		for _, m := range content {
			visit(m.Schema, from)
			for _, e := range m.Encoding {
				for _, h := range e.Headers {
					visit(h.Value.Schema, from)
				}
			}
		}
	}
	op := l.op
	for _, p := range slices.Concat(l.item.Parameters, op.Parameters) {
		visit(p.Value.Schema, caller)
		content(p.Value.Content, caller)
	}
	if op.RequestBody != nil {
		content(op.RequestBody.Value.Content, caller)
	}
	for _, res := range op.Responses {
		content(res.Value.Content, caller.other())
		for _, h := range res.Value.Headers {
			visit(h.Value.Schema, caller.other())
			content(h.Value.Content, caller.other())
		}
	}
}

// children are the schemas in a schema.
func children(s *openapi.Schema) func(yield func(*openapi.SchemaRef) bool) {
	return func(yield func(*openapi.SchemaRef) bool) {
		for _, list := range [][]*openapi.SchemaRef{s.AllOf, s.OneOf, s.AnyOf, s.PrefixItems, {
			s.Not, s.If, s.Then, s.Else, s.Items, s.Contains, s.PropertyNames, s.AdditionalProperties.Schema, s.ContentSchema, s.UnevaluatedItems, s.UnevaluatedProperties,
		}} {
			for _, ref := range list {
				if ref != nil && !yield(ref) {
					return
				}
			}
		}
		for _, m := range []map[string]*openapi.SchemaRef{s.Properties, s.PatternProperties, s.DependentSchemas} {
			for _, ref := range m {
				if ref != nil && !yield(ref) {
					return
				}
			}
		}
	}
}

// operationsOf goes from the operations that hold a component, at whatever depth,
// to its senders.
func (r *reach) operationsOf(name string) map[string]uint8 {
	if out, known := r.known[name]; known {
		return out
	}
	out, seen, queue := map[string]uint8{}, map[string]bool{name: true}, []string{name}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for op, senders := range r.uses[at] {
			out[op] |= senders
		}
		for holder := range r.holders[at] {
			if !seen[holder] {
				seen[holder] = true
				queue = append(queue, holder)
			}
		}
	}
	r.known[name] = out
	return out
}

// operations are those that hold one of the components, sorted.
func (r *reach) operations(names ...string) []string {
	set := map[string]bool{}
	for _, name := range names {
		for op := range r.operationsOf(name) {
			set[op] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// sentBy are the operations in which somebody sends one of the components, in no
// order.
func (r *reach) sentBy(s sender, names ...string) []string {
	var out []string
	for _, name := range names {
		for op, senders := range r.operationsOf(name) {
			if senders&(1<<s) != 0 {
				out = append(out, op)
			}
		}
	}
	return out
}

// sends reports whether somebody sends one of the components.
func (r *reach) sends(s sender, names ...string) bool {
	for _, name := range names {
		for _, senders := range r.operationsOf(name) {
			if senders&(1<<s) != 0 {
				return true
			}
		}
	}
	return false
}
