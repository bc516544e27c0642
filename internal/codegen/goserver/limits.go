package goserver

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// limits is what a schema says about its values beyond their form, with
// everything that its allOf adds. Only what a validate tag can say is in it.
type limits struct {
	minLength, minItems, minProps uint64
	maxLength, maxItems, maxProps *uint64
	low, high                     *bound
	unique, readOnly, writeOnly   bool
}

type bound struct {
	value     *big.Rat
	exclusive bool
}

// exactBound is up to where the library keeps the numbers of a contract as they
// were written. Tags say nothing about those beyond.
const exactBound = 1 << 53

// limitsOf collects the limits of a schema. What stands in a oneOf or anyOf may
// not hold for a value, and is left aside.
func limitsOf(s *openapi.Schema) limits {
	var l limits
	seen := map[*openapi.Schema]bool{}
	var visit func(s *openapi.Schema)
	visit = func(s *openapi.Schema) {
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

func (l *limits) add(s *openapi.Schema) {
	l.minLength, l.maxLength = higher(l.minLength, s.MinLength), lower(l.maxLength, s.MaxLength)
	l.minItems, l.maxItems = higher(l.minItems, s.MinItems), lower(l.maxItems, s.MaxItems)
	l.minProps, l.maxProps = higher(l.minProps, s.MinProperties), lower(l.maxProps, s.MaxProperties)
	l.unique = l.unique || s.UniqueItems
	l.readOnly, l.writeOnly = l.readOnly || s.ReadOnly, l.writeOnly || s.WriteOnly
	for _, b := range []bound{{rational(s.Minimum), false}, {rational(s.ExclusiveMinimum), true}} {
		if b.value != nil && (l.low == nil || b.tighter(b.value.Cmp(l.low.value))) {
			l.low = &b
		}
	}
	for _, b := range []bound{{rational(s.Maximum), false}, {rational(s.ExclusiveMaximum), true}} {
		if b.value != nil && (l.high == nil || b.tighter(l.high.value.Cmp(b.value))) {
			l.high = &b
		}
	}
}

// tighter reports whether a bound says more than another one, which it is
// compared with: 1 when it alone decides, 0 when both have the same value.
func (b bound) tighter(than int) bool { return than > 0 || than == 0 && b.exclusive }

// rational returns a number of the contract as it is written there, or nil when
// there is none, or one that no type of Go's has room for.
func rational(n openapi.Number) *big.Rat {
	if n == "" {
		return nil
	}
	if f, err := n.Float64(); err != nil || f != 0 && math.Abs(f) < 1e-300 {
		return nil
	}
	return openapi.Rational(n)
}

func higher(a uint64, b *uint64) uint64 {
	if b != nil && *b > a {
		return *b
	}
	return a
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
		out = append(out, tag(l.low.exclusive, "gt=", "min=")+floatText(l.low.value))
	}
	if l.high != nil {
		out = append(out, tag(l.high.exclusive, "lt=", "max=")+floatText(l.high.value))
	}
	return out
}

// intTags says where an integer may lie, in whole numbers: validator panics at
// a fraction, and at a negative number for a type that has none.
func (l *limits) intTags(expr string) (out []string) {
	unsigned := strings.HasPrefix(expr, "uint")
	add := func(b *bound, whole *big.Int, open, closed string) {
		if whole.IsInt64() && !(unsigned && whole.Sign() < 0) {
			out = append(out, tag(b.exclusive && b.value.IsInt(), open, closed)+whole.String())
		}
	}
	if l.low != nil {
		up := floor(new(big.Rat).Neg(l.low.value))
		add(l.low, up.Neg(up), "gt=", "min=")
	}
	if l.high != nil {
		add(l.high, floor(l.high.value), "lt=", "max=")
	}
	return out
}

// floor is the greatest integer that is no greater than a number.
func floor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) }

func floatText(r *big.Rat) string {
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
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

// tagEscapes are validator's own for what separates rules and alternatives.
var tagEscapes = strings.NewReplacer(",", "0x2C", "|", "0x7C")

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
	text = tagEscapes.Replace(text)
	if !plain {
		text = "'" + text + "'"
	}
	return text, true
}
