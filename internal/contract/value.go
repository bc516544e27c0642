package contract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// value is a part of the bundled document: what the source files say, checked
// against the grammar, with references leading to targets.
type value struct {
	kind   valueKind
	object *object // of objectValue and refValue
	pos    config.Pos
	// fields of an objectValue or mapValue, sorted by name; beside a refValue
	// its extensions.
	fields []valueField
	items  []*value // of a listValue
	text   string   // of a textValue; of a broken objectValue the reference that leads nowhere
	raw    *node    // of a rawValue: copied as it is; of an objectValue: where it was read from, or nil; of a refValue: the text
	ref    *target  // of a refValue and a uriValue
	// broken stands for something that was reported already; checks that would
	// only repeat it look at it.
	broken bool
	// never marks a schema that nothing fits: false (OpenAPI 3.1).
	never bool
}

type valueKind uint8

const (
	objectValue valueKind = iota
	mapValue
	listValue
	textValue
	rawValue
	refValue // {"$ref": ...}
	uriValue // the reference as text, in a discriminator's mapping
)

type valueField struct {
	name  string
	pos   config.Pos // of the name
	value *value
}

// target is something that references lead to, and therefore a component of
// the bundled document.
type target struct {
	object *object
	node   *node
	value  *value
	// name is the component's name. A component of the root document has it
	// from the start, all others get it when everything is read.
	name string
	// pointer is how the node was first reached, for naming.
	pointer []string
	// aliases are root components that are nothing but a reference to this.
	aliases []*target
	root    bool
	// holder and key are where a root component has its name; uses are the
	// references to it, collected where the name has to change.
	holder *node
	key    *member
	uses   []*node
}

func (v *value) get(name string) *value {
	if f := v.field(name); f != nil {
		return f.value
	}
	return nil
}

func (v *value) field(name string) *valueField {
	if v == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(v.fields, name, func(f valueField, name string) int { return strings.Compare(f.name, name) })
	if !ok {
		return nil
	}
	return &v.fields[i]
}

func (v *value) set(name string, pos config.Pos, child *value) {
	i, ok := slices.BinarySearchFunc(v.fields, name, func(f valueField, name string) int { return strings.Compare(f.name, name) })
	if ok {
		v.fields[i].value = child
		return
	}
	v.fields = slices.Insert(v.fields, i, valueField{name, pos, child})
}

// sort puts fields that were appended into order; of two of one name the first
// stays.
func (v *value) sort() {
	byName := func(a, b valueField) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(v.fields, byName) {
		slices.SortStableFunc(v.fields, byName)
	}
	v.fields = slices.CompactFunc(v.fields, func(a, b valueField) bool { return a.name == b.name })
}

// drop removes a field.
func (v *value) drop(name string) {
	v.fields = slices.DeleteFunc(v.fields, func(f valueField) bool { return f.name == name })
}

// resolved follows references to what they name; nil when that is broken.
func (v *value) resolved() *value {
	for hops := 0; v != nil && v.kind == refValue; hops++ {
		if hops > 64 {
			return nil
		}
		v = v.ref.value
	}
	if v == nil || v.broken {
		return nil
	}
	return v
}

// told is what resolved finds, or what is broken there and yet says something.
func (v *value) told() *value {
	if end := v.resolved(); end != nil {
		return end
	}
	for hops := 0; v != nil && v.kind == refValue; hops++ {
		if hops > 64 {
			return nil
		}
		v = v.ref.value
	}
	if v == nil || len(v.fields) == 0 {
		return nil
	}
	return v
}

// str is the text of a field, or "".
func (v *value) str(name string) string {
	if c := v.get(name); c != nil && c.kind == textValue {
		return c.text
	}
	return ""
}

// flag reports whether a field is true.
func (v *value) flag(name string) bool {
	c := v.get(name)
	return c != nil && c.raw != nil && c.raw.kind == boolNode && c.raw.text == "true"
}

// given is what JSON holds, or nil.
func (v *value) given() any {
	if v == nil || v.raw == nil {
		return nil
	}
	return v.raw.plain()
}

// strs are the texts of a list field.
func (v *value) strs(name string) []string {
	var out []string
	if c := v.get(name); c != nil {
		for _, item := range c.items {
			if item.kind == textValue {
				out = append(out, item.text)
			}
		}
	}
	return out
}

// At implements openapi.Source: the place of a field, or of an item.
func (v *value) At(path ...string) (pos config.Pos, ok bool) {
	for _, token := range path {
		if token == "$ref" && v != nil && v.kind == refValue && v.raw != nil {
			return v.raw.pos(), true
		}
		if f := v.field(token); f != nil {
			v, pos, ok = f.value, f.pos, true
			continue
		}
		i, err := strconv.Atoi(token)
		if err != nil || v == nil || i < 0 {
			return pos, ok
		}
		switch {
		case i < len(v.items):
			v = v.items[i]
			pos, ok = v.pos, true
			if v.raw != nil {
				pos = v.raw.pos()
			}
		case v.raw != nil && i < len(v.raw.items):
			return v.raw.items[i].pos(), true
		default:
			return pos, ok
		}
	}
	return pos, ok
}
