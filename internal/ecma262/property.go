package ecma262

import (
	"slices"
	"strings"
	"unicode"
)

// properties are names that Java and PCRE have and Unicode has not, beside those
// of posix: the inside of a class, and of what is not in it.
var properties = map[string]sets{
	"LD": {`\p{L}\p{Nd}`, ""}, "Xan": {`\p{L}\p{N}`, ""}, "L&": {`\p{LC}`, `\P{LC}`}, "L1": {`\x00-\xff`, `\u0100-\u{10ffff}`},
	"all": {`\p{Any}`, `\P{Any}`}, "IsLetter": {`\p{L}`, `\P{L}`}, "IsDigit": {`\p{Nd}`, `\P{Nd}`},
	"IsPunctuation": {`\p{P}`, `\P{P}`}, "IsWhite_Space": {`\s`, `\S`}, "IsIdeographic": {`\p{Script=Han}`, `\P{Script=Han}`},
}

// ofUnicode are names in posix that Unicode has, too, with a wider meaning.
// ECMA-262 reads them, and so they stay.
var ofUnicode = map[string]bool{"Alpha": true, "Lower": true, "Upper": true, "ASCII": true, "digit": true, "punct": true, "cntrl": true, "space": true}

// property reads \p{...}, \P{...} and \pL.
func (t *translator) property(inClass bool) {
	rest := t.rest()
	negated := rest[1] == 'P'
	name, size := "", 3
	switch end := near(rest, '}'); {
	case strings.HasPrefix(rest[2:], "{") && end > 3:
		name, size = rest[3:end], end+1
	case len(rest) > 2 && strings.IndexByte("CLMNPSZ", rest[2]) >= 0:
		name = rest[2:3]
	default:
		t.copy(2)
		return
	}
	if strings.HasPrefix(name, "^") {
		name, negated = name[1:], !negated
	}
	plain := property(name, negated)
	set, not := setOf(name, negated), ""
	if set == "" && negated && !inClass { // where only the other one has a spelling
		set, not = setOf(name, false), "^"
	}
	escaped := strings.HasPrefix(strings.ToLower(set), `\p{`) && strings.IndexByte(set, '}') == len(set)-1
	switch {
	case set == "" && plain == rest[:size]: // ECMA-262's, or nobody's
		t.copy(size)
	case set == "":
		t.replace(size, plain)
	case inClass || escaped && not == "":
		t.replace(size, set)
	default:
		t.replace(size, "["+not+set+"]")
	}
}

// setOf is the inside of a class for a property that ECMA-262 does not know by
// that name, or "".
func setOf(name string, negated bool) string {
	if sets, ok := properties[name]; ok {
		return sets.of(negated)
	}
	bare := strings.TrimPrefix(name, "Is")
	if unicode.Scripts[bare] != nil { // a script is asked for by name and value
		return property("Script="+bare, negated)
	}
	switch {
	case bare != name && (unicode.Categories[bare] != nil || ofUnicode[bare] || slices.Contains([]string{"Alphabetic", "Lowercase", "Uppercase"}, bare)):
		return property(bare, negated)
	case ofUnicode[name]:
		return ""
	}
	return posix[strings.ToLower(name)].of(negated)
}

func property(name string, negated bool) string {
	if negated {
		return `\P{` + name + `}`
	}
	return `\p{` + name + `}`
}

func (s sets) of(negated bool) string {
	if negated {
		return s.out
	}
	return s.in
}
