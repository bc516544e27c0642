package pattern

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// property reads \p{...} or \P{...} and returns it as the inside of a class in
// Go's spelling: "" for what holds nothing.
func (t *translator) property() (string, error) {
	letter := t.src[t.pos+1 : t.pos+2]
	rest := t.src[t.pos+2:]
	end := strings.IndexByte(rest, '}')
	if !strings.HasPrefix(rest, "{") || end < 2 {
		return "", t.errorf(`a name in braces must follow \%s`, letter)
	}
	name := rest[1:end]
	if key, value, ok := strings.Cut(name, "="); ok {
		switch key {
		case "gc", "General_Category", "sc", "Script", "scx", "Script_Extensions":
			name = value
		default:
			return "", t.errorf("unknown Unicode property %q", name)
		}
	}
	if short, ok := categories[name]; ok {
		name = short
	}
	inside := `\` + letter + `{` + name + `}`
	if tables := binary[name]; tables != nil {
		inside = ranges(letter == "P", tables...)
	} else if unicode.Categories[name] == nil && unicode.Scripts[name] == nil {
		return "", t.errorf("unknown Unicode property %q", name)
	}
	t.pos += 2 + end + 1
	return inside, nil
}

// nothing is the inside of a class that no character is in.
const nothing = `^\x00-\x{10ffff}`

// binary are properties that a character has or has not, and that Go's engine
// does not know by name.
var binary = func() map[string][]*unicode.RangeTable {
	table := func(low, high rune) []*unicode.RangeTable {
		return []*unicode.RangeTable{{R32: []unicode.Range32{{Lo: uint32(low), Hi: uint32(high), Stride: 1}}}}
	}
	out := map[string][]*unicode.RangeTable{
		"Any":             table(0, unicode.MaxRune),
		"ASCII":           table(0, unicode.MaxASCII),
		"Alphabetic":      {unicode.L, unicode.Nl, unicode.Other_Alphabetic},
		"Lowercase":       {unicode.Ll, unicode.Other_Lowercase},
		"Uppercase":       {unicode.Lu, unicode.Other_Uppercase},
		"White_Space":     {unicode.White_Space},
		"Hex_Digit":       {unicode.Hex_Digit},
		"ASCII_Hex_Digit": {unicode.ASCII_Hex_Digit},
		"Ideographic":     {unicode.Ideographic},
	}
	for short, long := range map[string]string{"Alpha": "Alphabetic", "Lower": "Lowercase", "Upper": "Uppercase", "space": "White_Space",
		"Hex": "Hex_Digit", "AHex": "ASCII_Hex_Digit", "Ideo": "Ideographic"} {
		out[short] = out[long]
	}
	return out
}()

// ranges writes the characters of some tables, or all others, as the inside of a
// class.
func ranges(negated bool, tables ...*unicode.RangeTable) string {
	var all []unicode.Range32
	add := func(low, high, stride uint32) {
		if stride == 1 {
			all = append(all, unicode.Range32{Lo: low, Hi: high})
			return
		}
		for c := low; c <= high; c += stride {
			all = append(all, unicode.Range32{Lo: c, Hi: c})
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(uint32(r.Lo), uint32(r.Hi), uint32(r.Stride))
		}
		for _, r := range t.R32 {
			add(r.Lo, r.Hi, r.Stride)
		}
	}
	slices.SortFunc(all, func(a, b unicode.Range32) int { return cmp.Compare(a.Lo, b.Lo) })
	var out strings.Builder
	write := func(low, high uint32) {
		if low <= high {
			out.WriteString(hexRune(rune(low)) + "-" + hexRune(rune(high)))
		}
	}
	next := uint32(0) // the first character that nothing has been decided about
	for i := 0; i < len(all); i++ {
		low, high := all[i].Lo, all[i].Hi
		for ; i+1 < len(all) && all[i+1].Lo <= high+1; i++ {
			high = max(high, all[i+1].Hi)
		}
		if negated {
			if low > next {
				write(next, low-1)
			}
		} else {
			write(low, high)
		}
		next = high + 1
	}
	if negated {
		write(next, unicode.MaxRune)
	}
	return out.String()
}

// categories maps the long names of general categories to those Go knows.
var categories = map[string]string{
	"Letter": "L", "Cased_Letter": "LC", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
	"Modifier_Letter": "Lm", "Other_Letter": "Lo",
	"Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc", "Enclosing_Mark": "Me",
	"Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Letter_Number": "Nl", "Other_Number": "No",
	"Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps",
	"Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf", "Other_Punctuation": "Po",
	"Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk", "Other_Symbol": "So",
	"Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp",
	"Other": "C", "Control": "Cc", "cntrl": "Cc", "Format": "Cf", "Private_Use": "Co", "Surrogate": "Cs",
}
