package sample

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// stepKind is how one schema holds another.
type stepKind uint8

const (
	member stepKind = iota
	item
	part   // of allOf
	branch // of oneOf or anyOf
)

// step leads from a schema to one that it holds.
type step struct {
	kind   stepKind
	name   string // of a member
	index  int    // of an item
	ref    *openapi.SchemaRef
	schema *openapi.Schema
}

// maxLooked bounds how many schemas are looked at for one.
const maxLooked = 20_000

// search goes through what a schema holds, the nearest first, no further than it is
// asked to.
type search struct {
	queue []reached
	seen  map[*openapi.Schema]int // indexes in queue
	next  int                     // the first of the queue that was not looked into
}

type reached struct {
	schema *openapi.Schema
	before int // index of what leads here
	by     step
}

func newSearch(root *openapi.Schema) *search {
	return &search{queue: []reached{{schema: root, before: -1}}, seen: map[*openapi.Schema]int{root: 0}}
}

// find returns the shortest way from the root to another schema.
func (s *search) find(to *openapi.Schema) ([]step, bool) {
	at, known := s.seen[to]
	for ; !known && s.next < len(s.queue) && s.next < maxLooked; s.next++ {
		for _, st := range steps(s.queue[s.next].schema) {
			if _, before := s.seen[st.schema]; !before {
				s.seen[st.schema] = len(s.queue)
				s.queue = append(s.queue, reached{st.schema, s.next, st})
			}
		}
		at, known = s.seen[to]
	}
	if !known {
		return nil, false
	}
	var way []step
	for ; s.queue[at].before >= 0; at = s.queue[at].before {
		way = append(way, s.queue[at].by)
	}
	slices.Reverse(way)
	return way, true
}

// steps are all schemas that values of a schema go through, in order.
func steps(s *openapi.Schema) []step {
	var out []step
	add := func(kind stepKind, name string, index int, ref *openapi.SchemaRef) {
		if ref != nil && ref.Value != nil {
			out = append(out, step{kind, name, index, ref, ref.Value})
		}
	}
	for _, name := range sorted(s.Properties) {
		add(member, name, 0, s.Properties[name])
	}
	for i, ref := range s.PrefixItems {
		add(item, "", i, ref)
	}
	add(item, "", len(s.PrefixItems), s.Items)
	add(member, spare(s), 0, s.AdditionalProperties.Schema)
	for _, pattern := range sorted(s.PatternProperties) {
		add(member, strings.Trim(pattern, "^$"), 0, s.PatternProperties[pattern])
	}
	for _, ref := range s.AllOf {
		add(part, "", 0, ref)
	}
	for _, ref := range slices.Concat(s.OneOf, s.AnyOf) {
		add(branch, "", 0, ref)
	}
	return out
}

// spare is a name that no declared property has.
func spare(s *openapi.Schema) string {
	name := "key"
	for s.Properties[name] != nil {
		name += "y"
	}
	return name
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
