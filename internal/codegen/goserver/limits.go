package goserver

import (
	"math"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// limits is what a schema says about its values beyond their form, with
// everything that its allOf adds. Only what a validate tag can say is in it.
type limits struct {
	minLength, minItems, minProps uint64
	maxLength, maxItems, maxProps *uint64
	low, high                     *bound
	unique, readOnly              bool
}

type bound struct {
	value     float64
	exclusive bool
}

// exactBound is up to where the library keeps the numbers of a contract as they
// were written. Tags say nothing about those beyond.
const exactBound = 1 << 53

// limitsOf collects the limits of a schema. What stands in a oneOf or anyOf may
// not hold for a value, and is left aside.
func limitsOf(s *openapi3.Schema) limits {
	var l limits
	seen := map[*openapi3.Schema]bool{}
	var visit func(s *openapi3.Schema)
	visit = func(s *openapi3.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		l.add(s)
		for _, m := range s.AllOf {
			if m != nil {
				visit(m.Value)
			}
		}
	}
	visit(s)
	return l
}

func (l *limits) add(s *openapi3.Schema) {
	l.minLength, l.maxLength = max(l.minLength, s.MinLength), lower(l.maxLength, s.MaxLength)
	l.minItems, l.maxItems = max(l.minItems, s.MinItems), lower(l.maxItems, s.MaxItems)
	l.minProps, l.maxProps = max(l.minProps, s.MinProps), lower(l.maxProps, s.MaxProps)
	l.unique = l.unique || s.UniqueItems
	l.readOnly = l.readOnly || s.ReadOnly
	if s.Min != nil {
		b := bound{*s.Min, s.ExclusiveMin.IsTrue()}
		if l.low == nil || b.value > l.low.value || b.value == l.low.value && b.exclusive {
			l.low = &b
		}
	}
	if s.Max != nil {
		b := bound{*s.Max, s.ExclusiveMax.IsTrue()}
		if l.high == nil || b.value < l.high.value || b.value == l.high.value && b.exclusive {
			l.high = &b
		}
	}
}

func lower(a, b *uint64) *uint64 {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}

// counts says how long a text, list or map may be.
func counts(least uint64, most *uint64) (out []string) {
	if least > 0 && least < exactBound {
		out = append(out, "min="+strconv.FormatUint(least, 10))
	}
	if most != nil && *most < exactBound {
		out = append(out, "max="+strconv.FormatUint(*most, 10))
	}
	return out
}

// floatTags says where a number may lie.
func (l *limits) floatTags() (out []string) {
	if l.low != nil {
		out = append(out, tag(l.low.exclusive, "gt=", "min=")+strconv.FormatFloat(l.low.value, 'g', -1, 64))
	}
	if l.high != nil {
		out = append(out, tag(l.high.exclusive, "lt=", "max=")+strconv.FormatFloat(l.high.value, 'g', -1, 64))
	}
	return out
}

// intTags says where an integer may lie, in whole numbers: validator panics at
// a fraction, and at a negative number for a type that has none.
func (l *limits) intTags(expr string) (out []string) {
	unsigned := strings.HasPrefix(expr, "uint")
	add := func(b *bound, whole float64, open, closed string) {
		if math.Abs(whole) < exactBound && !(unsigned && whole < 0) {
			out = append(out, tag(b.exclusive && whole == b.value, open, closed)+strconv.FormatInt(int64(whole), 10))
		}
	}
	if l.low != nil {
		add(l.low, math.Ceil(l.low.value), "gt=", "min=")
	}
	if l.high != nil {
		add(l.high, math.Floor(l.high.value), "lt=", "max=")
	}
	return out
}

func tag(exclusive bool, open, closed string) string {
	if exclusive {
		return open
	}
	return closed
}

// oneOf lists the values of an enum, unless there is one that validator would
// take for something else.
func oneOf(sh *shape) []string {
	var words []string
	for _, v := range sh.enum {
		switch sh.typ {
		case "string":
			text, isText := v.(string)
			if !isText {
				continue // no text is equal to it
			}
			word, ok := tagWord(text)
			if !ok {
				return nil
			}
			words = append(words, word)
		case "integer":
			if f, isFloat := v.(float64); isFloat && math.Abs(f) >= exactBound {
				return nil
			}
			if literal, fits := enumLiteral(v, integerType(sh.format)); fits {
				words = append(words, literal)
			}
		default:
			return nil
		}
	}
	if words == nil {
		return nil
	}
	return []string{"oneof=" + strings.Join(words, " ")}
}

// tagWord writes a text as one word of a tag's parameter.
func tagWord(text string) (string, bool) {
	if strings.ContainsAny(text, "'\"`\\") || strings.Contains(text, "0x2C") || strings.Contains(text, "0x7C") {
		return "", false
	}
	plain := text != ""
	for _, r := range text {
		if !strconv.IsPrint(r) {
			return "", false
		}
		plain = plain && r > ' ' && r < 0x7f
	}
	text = strings.NewReplacer(",", "0x2C", "|", "0x7C").Replace(text)
	if !plain {
		text = "'" + text + "'"
	}
	return text, true
}
