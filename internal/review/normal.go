package review

import (
	"math/big"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// trivial reports whether every text fits a pattern, because it finds nothing anywhere,
// which is everywhere: [a-z]* does, and ^[a-z]* and [a-z]+ do not.
func trivial(pattern string) bool {
	switch pattern {
	case "", "^", "$", "^.*", ".*$":
		return true
	}
	if len(pattern) > maxTrivial || strings.Contains(pattern, "(?") || strings.Contains(pattern, "[]") || strings.Contains(pattern, "[^]") || foreign.MatchString(pattern) {
		return false // or another thing to Go than in ECMA 262
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil || anchored(tree) {
		return false
	}
	compiled, err := regexp.Compile(pattern)
	return err == nil && compiled.MatchString("")
}

// maxTrivial bounds the length of a pattern that is looked into.
const maxTrivial = 500

// foreign are escapes that mean one thing in Go and another in ECMA 262.
var foreign = regexp.MustCompile(`\\[A-CE-RT-VX-Zac-ce-mo-qu-vx-z0-9]`)

// anchored reports whether a pattern asks where in a text it is.
func anchored(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(tree.Sub, anchored)
}

// ofStrings are the formats that say something about texts (OpenAPI's registry, and
// JSON Schema Validation 2020-12, section 7.3).
var ofStrings = map[string]bool{
	"date": true, "date-time": true, "time": true, "duration": true, "email": true, "idn-email": true, "hostname": true, "idn-hostname": true, "ipv4": true, "ipv6": true,
	"uri": true, "uri-reference": true, "uri-template": true, "iri": true, "iri-reference": true, "uuid": true, "byte": true, "binary": true, "base64url": true, "regex": true, "json-pointer": true,
	"relative-json-pointer": true, "password": true,
}

// ofNumbers are those that say something about numbers.
var ofNumbers = map[string]bool{
	"int8": true, "int16": true, "int32": true, "int64": true, "uint8": true, "uint16": true, "uint32": true, "uint64": true, "float": true, "double": true,
}

// normalise writes in one way what can be said in several: bounds of whole numbers,
// limits that enum values keep anyway, formats of other types.
func (f *flat) normalise() {
	if f.types&numberTypes == integerType {
		f.min, f.max = f.min.whole(higherWhole), f.max.whole(lowerWhole)
	}
	for fact := range f.facts {
		if pattern, ok := strings.CutPrefix(fact, "pattern "); ok && trivial(pattern) {
			delete(f.facts, fact)
		}
		if factor, ok := strings.CutPrefix(fact, "multipleOf "); ok {
			r := openapi.Rational(openapi.Number(factor))
			if r == nil || r.Sign() == 0 {
				continue
			}
			if r.Cmp(big.NewRat(1, 1)) == 0 {
				f.types &^= fractionType
			}
			if f.types&fractionType == 0 && new(big.Rat).Inv(r).IsInt() {
				delete(f.facts, fact)
			}
		}
	}
	f.formats = slices.DeleteFunc(slices.Clone(f.formats), func(format string) bool {
		return ofStrings[format] && f.types&stringType == 0
	})
	if n, has := f.counts["minProperties"]; has && n <= uint64(len(f.required)) {
		delete(f.counts, "minProperties")
	}
	f.list()
}

// list takes the values out of an enum that the limits beside it refuse, and then
// the limits.
func (f *flat) list() {
	if f.enum == nil {
		return
	}
	for text := range f.enum {
		if !f.admits(text) {
			delete(f.enum, text)
		}
	}
	delete(f.counts, "minLength")
	delete(f.counts, "maxLength")
	f.min, f.max = limit{}, limit{}
	for fact := range f.facts {
		if strings.HasPrefix(fact, "multipleOf ") {
			delete(f.facts, fact)
		}
	}
}

// admits holds a value of an enum against lengths, bounds and factors.
func (f *flat) admits(text string) bool {
	switch t := typeOf(text); {
	case t == stringType:
		n := uint64(len([]rune(unquoted(text))))
		shortest, longest := f.counts["minLength"], f.counts["maxLength"]
		_, bounded := f.counts["maxLength"]
		return n >= shortest && (!bounded || n <= longest)
	case t&numberTypes != 0:
		r := openapi.Rational(openapi.Number(text))
		if r == nil {
			return true
		}
		at := limit{at: r}
		if higher(f.min, at) || lower(f.max, at) {
			return false
		}
		for _, factor := range withPrefix(f.facts, "multipleOf ") {
			if by, ok := new(big.Rat).SetString(factor); ok && by.Sign() != 0 && !new(big.Rat).Quo(r, by).IsInt() {
				return false
			}
		}
	}
	return true
}

// irrelevant drops what not excludes where it could not be anyway.
func (f *flattener) irrelevant(out *flat) {
	if len(out.nots) == 0 {
		return
	}
	out.nots = slices.DeleteFunc(slices.Clone(out.nots), func(ref *openapi.SchemaRef) bool {
		return ref.Value != nil && f.exclusive(out, f.of(ref), 0)
	})
}

// listed is the enum that branches which only list values are together, or nil.
// A value that two branches of a oneOf list fits none.
func (f *flattener) listed(branches []*openapi.SchemaRef, exclusive bool) map[string]bool {
	out, twice := map[string]bool{}, map[string]bool{}
	for _, b := range branches {
		one := f.of(b)
		scalars := nullType | boolType | numberTypes | stringType
		if b.Ref != "" || one.enum == nil || one.types&^scalars != 0 || len(one.facts)+len(one.formats)+len(one.nots)+len(one.conditions)+len(one.choices) > 0 {
			return nil
		}
		for text := range one.enum {
			twice[text] = out[text]
			out[text] = true
		}
	}
	for text := range twice {
		if twice[text] && exclusive {
			delete(out, text)
		}
	}
	return out
}

// plainTypes are the types of a choice whose branches say nothing but their types.
func (f *flattener) plainTypes(of choice) (types, bool) {
	var union, twice types
	for _, b := range of.branches {
		one := f.of(b)
		if !one.untold() || len(one.choices) > 0 {
			return 0, false
		}
		twice |= union & one.types
		union |= one.types
	}
	if of.exclusive {
		union &^= twice
	}
	return union, union != 0
}
