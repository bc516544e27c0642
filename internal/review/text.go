package review

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// maxTextDepth bounds how deep a schema is written out to be compared as text.
const maxTextDepth = 24

// hash is a text that equal schemas share; references stand for themselves.
func (f *flattener) hash(ref *openapi.SchemaRef) string {
	if ref == nil || ref.Value == nil {
		return "{}"
	}
	if ref.Ref != "" {
		return ref.Ref
	}
	if known, ok := f.hashes[ref.Value]; ok {
		return known
	}
	f.hashes[ref.Value] = "{...}" // an inline schema cannot contain itself, a damaged one could
	var b strings.Builder
	f.write(&b, f.of(ref), 0)
	f.hashes[ref.Value] = b.String()
	return b.String()
}

func (f *flattener) write(b *strings.Builder, s *flat, depth int) {
	if depth > maxTextDepth {
		b.WriteString("...")
		return
	}
	sub := func(name string, ref *openapi.SchemaRef) {
		if ref == nil {
			return
		}
		b.WriteString(name)
		if ref.Ref != "" {
			b.WriteString("=" + ref.Ref + ";")
			return
		}
		b.WriteByte('{')
		f.write(b, f.of(ref), depth+1)
		b.WriteByte('}')
	}
	fmt.Fprintf(b, "%d;", s.types)
	if s.enum != nil {
		b.WriteString("enum" + strings.Join(slices.Sorted(maps.Keys(s.enum)), ",") + ";")
	}
	b.WriteString(s.min.String() + ";" + s.max.String() + ";" + strings.Join(s.formats, ",") + ";")
	for _, name := range slices.Sorted(maps.Keys(s.counts)) {
		b.WriteString(name + strconv.FormatUint(s.counts[name], 10) + ";")
	}
	b.WriteString(strings.Join(slices.Sorted(maps.Keys(s.facts)), ";") + ";")
	fmt.Fprintf(b, "%t%t;", s.unique, s.closed)
	sub("items", s.items)
	for _, p := range s.prefix {
		sub("prefix", p)
	}
	sub("rest", s.rest)
	for _, m := range []map[string]*openapi.SchemaRef{s.props, s.patterns} {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			sub(strconv.Quote(name), m[name])
		}
		b.WriteByte(';')
	}
	b.WriteString(strings.Join(slices.Sorted(maps.Keys(s.required)), ",") + ";")
	for _, c := range s.choices {
		fmt.Fprintf(b, "choice%t", c.exclusive)
		for _, branch := range c.branches {
			sub("", branch)
		}
	}
	for _, n := range s.nots {
		sub("not", n)
	}
	b.WriteString(strings.Join(s.conditions, ";"))
}

// maxShown bounds the values that a sentence repeats.
const maxShown = 60

func shown(text string) string {
	if r := []rune(text); len(r) > maxShown {
		return string(r[:maxShown]) + "..."
	}
	return text
}

// briefly names a schema in a sentence.
func (f *flattener) briefly(ref *openapi.SchemaRef) string {
	if ref == nil {
		return "anything"
	}
	if name, ok := strings.CutPrefix(ref.Ref, schemaPrefix); ok {
		return name
	}
	s := f.of(ref)
	if s.enum != nil {
		return shown("one of " + strings.Join(slices.Sorted(maps.Keys(s.enum)), ", "))
	}
	out := s.types.String()
	if len(s.formats) > 0 {
		out += " (" + strings.Join(s.formats, ", ") + ")"
	}
	return out
}

const schemaPrefix = "#/components/schemas/"
