package contract

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// validator holds the schemas of a bundle against the engine that checks
// messages at run time, and examples and defaults against their schemas: what
// the engine cannot compile would keep a server from starting.
type validator struct {
	bundle *bundle
	list   *diag.List
	doc    *schema.Document
	// known has what was compiled, by pointer; nil where that failed.
	known   map[string]*schema.Schema
	told    map[string]bool // faults that were reported
	text    []byte          // of the example at hand
	circles *circles
}

func (v *validator) validate() {
	v.known, v.told, v.circles = map[string]*schema.Schema{}, map[string]bool{}, newCircles(v.list)
	doc, err := schema.Load(v.bundle.text(""), schema.Options{MaxViolations: 2})
	if err != nil {
		v.faults(err)
		return
	}
	v.doc = doc
	v.walk(v.bundle.whole(), "")
}

// walk visits everything that can hold a schema.
func (v *validator) walk(at *value, pointer string) {
	if at.broken {
		return
	}
	switch at.object {
	case schemaObject:
		if at.kind == objectValue {
			v.schema(at, pointer)
		}
	case parameterObject, headerObject:
		if at.kind == objectValue && at.field("schema") != nil {
			v.examples(at, pointer)
		}
	}
	if at.kind == refValue {
		return
	}
	for i := range at.fields {
		f := &at.fields[i]
		if f.value.kind == rawValue || f.value.kind == textValue || f.value.kind == uriValue {
			continue
		}
		below := pointer + "/" + jsonpointer.Escape(f.name)
		v.walk(f.value, below)
		if f.value.object == mediaTypeObject && isJSON(f.name) && f.value.field("schema") != nil {
			v.examples(f.value, below)
		}
	}
	for i, item := range at.items {
		if item.kind == objectValue {
			v.walk(item, pointer+"/"+strconv.Itoa(i))
		}
	}
}

func isJSON(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// schema compiles a schema, and checks what it says of itself.
func (v *validator) schema(at *value, pointer string) {
	v.circles.visit(at)
	v.check(pointer, "default", at.get("default"))
	v.check(pointer, "example", at.get("example"))
	for _, item := range at.get("examples").list() {
		v.check(pointer, "example", item)
	}
	if strings.Count(pointer, "/") == 3 && strings.HasPrefix(pointer, "/components/") {
		v.compile(pointer)
	}
}

// examples checks those of an object that has a schema.
func (v *validator) examples(at *value, pointer string) {
	s := at.get("schema")
	below := pointer + "/schema"
	if s.kind == refValue {
		below = s.ref.path()[1:]
	}
	v.compile(below)
	v.check(below, "example", at.get("example"))
	examples := at.get("examples")
	if examples == nil || examples.kind != mapValue {
		return
	}
	for i := range examples.fields {
		if e := examples.fields[i].value.resolved(); e != nil {
			v.check(below, "example", e.get("value"))
		}
	}
}

// compile returns the schema at a pointer, or nil after its faults are reported.
func (v *validator) compile(pointer string) *schema.Schema {
	s, ok := v.known[pointer]
	if !ok {
		var err error
		if s, err = v.doc.Compile(pointer); err != nil {
			s = nil
			v.faults(err)
		}
		v.known[pointer] = s
	}
	return s
}

// modes are the directions that a message can have: an example for either is
// fine.
var modes = []schema.Mode{schema.Answer, schema.Request, schema.Plain}

// check holds a value of the contract against a schema.
func (v *validator) check(pointer, what string, example *value) {
	if example == nil || example.raw == nil || example.broken {
		return
	}
	if _, link := example.raw.ref(); link {
		return // to a file, as no specification has it
	}
	s := v.compile(pointer)
	if s == nil {
		return
	}
	v.text = example.raw.appendJSON(v.text[:0])
	var first schema.Violations
	for _, mode := range modes {
		found := s.Validate(v.text, mode)
		if len(found) == 0 {
			return
		}
		if first == nil {
			first = found
		}
	}
	one := first[0]
	if one.Keyword == schema.KeywordWork || one.Keyword == schema.KeywordDepth {
		return
	}
	where := example.raw.below(one.Pointer)
	message := "the " + what + " does not fit its schema: "
	if one.Pointer != "" {
		message += "at " + plainText(one.Pointer) + ": "
	}
	v.list.Warn(ruleExample, where.pos(), message+plainText(one.Message), "")
}

// below is the value at a JSON pointer, or the nearest around it.
func (n *node) below(pointer string) *node {
	tokens, ok := splitPointer(pointer)
	for i := 0; ok && i < len(tokens); i++ {
		c, found := child(n, tokens[i])
		if !found {
			break
		}
		n = c
	}
	return n
}

// faults reports what the engine has against schemas, at its place.
func (v *validator) faults(err error) {
	var faults schema.Faults
	if !errors.As(err, &faults) {
		v.list.Add(ruleInvalid, v.bundle.root.pos, plainText(err.Error()), "")
		return
	}
	for _, f := range faults {
		key := f.Pointer + " " + f.Message
		if v.told[key] || strings.HasSuffix(f.Pointer, "/pattern") || strings.Contains(f.Pointer, "/patternProperties") && strings.Contains(f.Message, "regular expression") {
			continue // patterns are checked elsewhere
		}
		v.told[key] = true
		if strings.Contains(f.Message, "applies itself") {
			v.list.Add(ruleCircle, v.bundle.place(f.Pointer), "the schema is a choice of itself: whether a value fits depends on whether it fits",
				"take the $ref out that leads back; where a part of the value is meant, put it under properties or items")
			continue
		}
		keyword := f.Pointer[strings.LastIndexByte(f.Pointer, '/')+1:]
		v.list.Add(ruleInvalid, v.bundle.place(f.Pointer), plainText(fmt.Sprintf("%s %s", keyword, f.Message)), "")
	}
}

// place is where the thing at a pointer of the bundle stands, or what is around
// it.
func (b *bundle) place(pointer string) config.Pos {
	at := b.whole()
	pos := at.pos
	tokens, _ := splitPointer(pointer)
	for i, token := range tokens {
		if at == nil {
			break
		}
		if f := at.field(token); f != nil {
			at, pos = f.value, f.pos
		} else if n, err := strconv.Atoi(token); err == nil && n >= 0 && n < len(at.items) {
			at = at.items[n]
			pos = at.pos
		} else if at.raw != nil {
			return at.raw.below("/" + joinPointer(tokens[i:])).pos()
		}
	}
	return pos
}

var manySpaces = regexp.MustCompile(`\s+`)

// plainText is a message on one line of bearable length.
func plainText(s string) string {
	s = manySpaces.ReplaceAllString(strings.TrimSpace(s), " ")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "..."
	}
	return s
}
