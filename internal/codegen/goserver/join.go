package goserver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// Schemas that hold each other can be joined in as many ways as there are sets of
// them. Contracts that people wrote join a few at a time; each set is a Go type, and
// nobody reads thousands of those.
const (
	// mostJoined bounds the sets that one contract joins, beside so many for each of its
	// operations and components, which join their own; mostParts the schemas of one set.
	mostJoined = 1024
	mostOfEach = 4
	mostParts  = 16
)

// joints are the schemas that allOf makes of others. What is joined is a set: one
// that holds itself at a place where another member speaks, too, is joined with the
// same member again and again, and is still the same set.
type joints struct {
	numbers map[schemaKey]int // tell schemas apart in the names of sets
	joined  map[string]*openapi.SchemaRef
	parts   map[schemaKey][]*openapi.SchemaRef // of what was joined
	beyond  map[config.Pos]*openapi.SchemaRef  // what was not, by where it stands
	most    int
}

// newJoints are those of a contract with so many operations and components.
func newJoints(things int) *joints {
	return &joints{most: mostJoined + mostOfEach*things, numbers: map[schemaKey]int{}, joined: map[string]*openapi.SchemaRef{}, parts: map[schemaKey][]*openapi.SchemaRef{}, beyond: map[config.Pos]*openapi.SchemaRef{}}
}

// of is the schema that demands what two others do; the same for the same two in
// either order.
func (j *joints) of(a, b *openapi.SchemaRef) *openapi.SchemaRef {
	parts := slices.Clone(j.partsOf(a))
	for _, part := range j.partsOf(b) {
		if !slices.ContainsFunc(parts, func(known *openapi.SchemaRef) bool { return known.Value == part.Value }) {
			parts = append(parts, part)
		}
	}
	numbers := make([]int, len(parts))
	for i, part := range parts {
		n, known := j.numbers[part.Value]
		if !known {
			n = len(j.numbers)
			j.numbers[part.Value] = n
		}
		numbers[i] = n
	}
	slices.Sort(numbers)
	key := fmt.Sprint(numbers)
	if known := j.joined[key]; known != nil {
		return known
	}
	if len(j.joined) >= j.most || len(parts) > mostParts || j.isBeyond(a) || j.isBeyond(b) {
		return j.leave(b.Value.Pos)
	}
	out := &openapi.SchemaRef{Value: &openapi.Schema{
		AllOf: parts, Description: b.Value.Description, Pos: b.Value.Pos,
		ReadOnly: a.Value.ReadOnly || b.Value.ReadOnly, WriteOnly: a.Value.WriteOnly || b.Value.WriteOnly,
	}}
	j.joined[key], j.parts[out.Value] = out, parts
	return out
}

func (j *joints) partsOf(ref *openapi.SchemaRef) []*openapi.SchemaRef {
	if parts := j.parts[ref.Value]; parts != nil {
		return parts
	}
	return []*openapi.SchemaRef{ref}
}

// called names what was joined after its parts, in words.
func (j *joints) called(ref *openapi.SchemaRef) string {
	var words []string
	for _, part := range j.partsOf(ref) {
		words = append(words, calledFor(part))
	}
	return strings.Join(words, " ")
}

// leave stands for what is not joined any more.
func (j *joints) leave(pos config.Pos) *openapi.SchemaRef {
	if j.beyond[pos] == nil {
		j.beyond[pos] = &openapi.SchemaRef{Value: &openapi.Schema{Pos: pos}}
	}
	return j.beyond[pos]
}

func (j *joints) isBeyond(ref *openapi.SchemaRef) bool {
	known := j.beyond[ref.Value.Pos]
	return known != nil && known.Value == ref.Value
}
