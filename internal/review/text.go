package review

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// maxTextDepth bounds how deep a schema is written out to be compared as text.
const maxTextDepth = 24

// maxHash bounds a text of a schema; longer ones are told apart by a digest.
const maxHash = 200

// hash is a text that equal schemas share; references stand for themselves. The
// order of branches plays no part in it.
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
	if f.depth > maxSchemaDepth {
		return "..."
	}
	f.hashes[ref.Value] = "{...}" // an inline schema cannot contain itself, joined ones can
	f.depth++
	var b strings.Builder
	f.write(&b, f.of(ref))
	f.depth--
	text := b.String()
	if len(text) > maxHash {
		sum := sha256.Sum256([]byte(text))
		text = "{" + hex.EncodeToString(sum[:8]) + "}"
	}
	f.hashes[ref.Value] = text
	return text
}

func (f *flattener) write(b *strings.Builder, s *flat) {
	sub := func(name string, ref *openapi.SchemaRef) {
		if ref != nil {
			b.WriteString(name + "{" + f.hash(ref) + "}")
		}
	}
	all := func(name string, refs []*openapi.SchemaRef) {
		var texts []string
		for _, ref := range refs {
			texts = append(texts, f.hash(ref))
		}
		slices.Sort(texts)
		b.WriteString(name + "{" + strings.Join(texts, "}{") + "}")
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
	if len(s.unknown) > 0 {
		b.WriteString("unknown" + strings.Join(s.unknown, ",") + ";")
	}
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
		all(fmt.Sprintf("choice%t", c.exclusive), c.branches)
	}
	if len(s.nots) > 0 {
		all("not", s.nots)
	}
	b.WriteString(strings.Join(s.conditions, ";"))
}

// outline is a text that schemas of the same meaning share, and few others.
func (f *flattener) outline(ref *openapi.SchemaRef) string {
	s := f.of(ref)
	var b strings.Builder
	fmt.Fprintf(&b, "%d %t %s %s", s.types, s.closed, strings.Join(slices.Sorted(maps.Keys(s.required)), ","), strings.Join(slices.Sorted(maps.Keys(s.props)), ","))
	if s.enum != nil {
		b.WriteString(" " + enumText(s.enum))
	}
	return b.String()
}

// sketch is an outline with what the properties say for themselves. It tells more
// schemas apart, and takes longer to compare.
func (f *flattener) sketch(ref *openapi.SchemaRef) string {
	if known, ok := f.sketches[ref.Value]; ok {
		return known
	}
	s := f.of(ref)
	var b strings.Builder
	b.WriteString(f.outline(ref))
	values := func(s *flat) {
		fmt.Fprintf(&b, ";%d%s,%s,%s", s.types, s.min, s.max, strings.Join(s.formats, ","))
		for _, name := range slices.Sorted(maps.Keys(s.counts)) {
			fmt.Fprintf(&b, ",%s%d", name, s.counts[name])
		}
		if s.enum != nil {
			b.WriteString(enumText(s.enum))
		}
	}
	values(s)
	for _, name := range slices.Sorted(maps.Keys(s.props)) {
		values(f.of(s.props[name]))
	}
	sum := sha256.Sum256([]byte(b.String()))
	f.sketches[ref.Value] = string(sum[:])
	return f.sketches[ref.Value]
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
