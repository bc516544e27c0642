package pcre

import (
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// translator writes what PCRE and RE2 spell differently as RE2 has it, and
// refuses what RE2 does not have. The rest is copied, and syntax.Parse says what
// is wrong with it.
type translator struct {
	src      string
	pos      int
	out      strings.Builder
	ascii    string // the first construct that means more under PHP's flag u
	repeated bool   // a quantifier has just been written

	finalLine bool // there is \Z
}

func (t *translator) translate() (string, error) {
	for t.pos < len(t.src) {
		if err := t.step(); err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

func (t *translator) rest() string { return t.src[t.pos:] }

func (t *translator) copy(n int) {
	t.out.WriteString(t.src[t.pos : t.pos+n])
	t.pos += n
}

func (t *translator) replace(n int, text string) {
	t.out.WriteString(text)
	t.pos += n
}

// step reads one character, escape, class, quantifier or opening of a group.
func (t *translator) step() error {
	repeated := t.repeated
	t.repeated = false
	switch c := t.src[t.pos]; c {
	case '\\':
		return t.escape(false)
	case '[':
		return t.class()
	case '(':
		return t.group()
	case '*', '+', '?':
		if repeated && c == '+' {
			return t.possessive()
		}
		t.repeated = !repeated // a ? behind a quantifier makes it lazy
		t.copy(1)
	case '{':
		n := quantifier(t.rest())
		if strings.HasPrefix(t.rest(), "{,") && quantifier("{0"+t.rest()[1:]) > 0 {
			return &Refused{Reason: "{,n} is text to PHP before 8.4, and at most n since", Repair: `write {0,n} for at most, and \{,n} for the text`}
		}
		t.repeated = n > 0
		t.copy(max(n, 1))
	default:
		t.copy(1)
	}
	return nil
}

// quantifier is the length of the {n}, {n,} or {n,m} that s begins with, or 0.
func quantifier(s string) int {
	end := strings.IndexByte(s[:min(len(s), 16)], '}')
	if end < 2 {
		return 0
	}
	low, high, _ := strings.Cut(s[1:end], ",")
	if low == "" || strings.Trim(low, "0123456789") != "" || strings.Trim(high, "0123456789") != "" {
		return 0
	}
	return end + 1
}

func (t *translator) possessive() error {
	return &Refused{
		Reason: fmt.Sprintf("possessive quantifiers such as %q are not known", t.src[max(0, t.pos-1):t.pos+1]),
		Repair: fmt.Sprintf("write `%s`: patterns are run in linear time, and never track back", t.src[:t.pos]+t.src[t.pos+1:]),
	}
}

// escapes are sequences that RE2 lacks, or has with another meaning: what they
// are outside a class, and inside one, where "" means that there is none.
var escapes = map[byte]struct{ outside, inside string }{
	'Z': {`(?-m:$)`, ""}, // what that is, atEnd says
	'h': {`[[:blank:]]`, `[:blank:]`},
	'H': {`[[:^blank:]]`, `[:^blank:]`},
	'v': {`[\n-\r]`, `\n-\r`},
	'V': {`[^\n-\r]`, ""},
	's': {`[[:space:]]`, `[:space:]`}, // with \v, which RE2's \s lacks
	'S': {`[[:^space:]]`, `[:^space:]`},
	'N': {`[^\n]`, ""},
	'e': {`\x1b`, `\x1b`},
	'b': {`\b`, `\x08`},
}

// kinds are the escapes that stand for a kind of characters or places, which are
// more under PHP's flag u.
const kinds = "dDwWsSbBhHvV"

// escape reads a backslash and what belongs to it.
func (t *translator) escape(inClass bool) error {
	rest := t.rest()
	if len(rest) < 2 {
		return &Refused{Reason: "the pattern ends in a backslash", Repair: `write \\ for a backslash of the text`}
	}
	c := rest[1]
	if strings.IndexByte(kinds, c) >= 0 && t.ascii == "" {
		t.ascii = rest[:2]
	}
	switch c {
	case 'Q':
		t.quotation()
		return nil
	case '1', '2', '3', '4', '5', '6', '7', '8', '9', 'g', 'k':
		if !inClass {
			return notLinear("references back to a group such as "+rest[:2], "write out what the group may hold")
		}
	case 'Z':
		t.finalLine = true
	case 'R':
		return &Refused{Reason: `\R is not known`, Repair: `write \r?\n`}
	case 'G', 'K', 'X', 'C':
		return &Refused{Reason: rest[:2] + " is not known", Repair: "leave it out: a pattern here only says whether a text matches"}
	case 'x', 'p', 'P':
		if strings.HasPrefix(rest[2:], "{") {
			if end := strings.IndexByte(rest, '}'); end > 0 {
				t.copy(end + 1)
				return nil
			}
		}
	}
	if e, ok := escapes[c]; ok {
		text := e.outside
		if inClass {
			text = e.inside
		}
		if text == "" {
			return &Refused{Reason: rest[:2] + " in a class is not known", Repair: "write what the class is to hold"}
		}
		t.replace(2, text)
		return nil
	}
	_, size := utf8.DecodeRuneInString(rest[1:])
	t.copy(1 + size)
	return nil
}

// quotation writes the text between \Q and \E, or up to the end.
func (t *translator) quotation() {
	text, after, _ := strings.Cut(t.rest()[len(`\Q`):], `\E`)
	for i := range len(text) {
		if strings.IndexByte(`\.+*?()|[]{}^$-`, text[i]) >= 0 {
			t.out.WriteByte('\\')
		}
		t.out.WriteByte(text[i])
	}
	t.pos = len(t.src) - len(after)
}

// class reads [...].
func (t *translator) class() error {
	if rest := t.rest(); strings.HasPrefix(rest, "[:") {
		if end := strings.Index(rest, ":]"); end > 2 && strings.IndexByte(rest, ']') == end+1 {
			return &Refused{Reason: rest[:end+2] + " stands in no class", Repair: fmt.Sprintf("write `[%s]`", rest[:end+2])}
		}
	}
	t.copy(1)
	if strings.HasPrefix(t.rest(), "^") {
		t.copy(1)
	}
	if strings.HasPrefix(t.rest(), "]") {
		t.replace(1, `\]`)
	}
	for t.pos < len(t.src) {
		rest := t.rest()
		switch {
		case rest[0] == ']':
			t.copy(1)
			return nil
		case rest[0] == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		case strings.HasPrefix(rest, "[:"):
			end := strings.Index(rest[:min(len(rest), 16)], ":]")
			if end < 0 {
				t.replace(1, `\[`)
				continue
			}
			if t.ascii == "" {
				t.ascii = rest[:end+2]
			}
			t.copy(end + 2)
		case rest[0] == '-' && (strings.HasPrefix(rest, "-[:") || len(rest) > 2 && rest[1] == '\\' && strings.IndexByte(kinds, rest[2]) >= 0):
			t.replace(1, `\-`) // no range
		case rest[0] == '[':
			t.replace(1, `\[`)
		default:
			t.copy(1)
		}
	}
	return &Refused{Reason: "a class that [ begins does not end", Repair: `add the ], or write \[ for a bracket of the text`}
}

// group reads the opening of a group.
func (t *translator) group() error {
	rest := t.rest()
	for _, g := range [...]struct{ opening, what, repair string }{
		{"(?=", "looking ahead", "write what follows in the pattern itself: it only says whether a text matches"},
		{"(?<=", "looking behind", "write what comes before in the pattern itself: it only says whether a text matches"},
		{"(?!", "looking ahead", "say it with two rules: the first that matches counts, so what must not match goes into a rule before this one"},
		{"(?<!", "looking behind", "say it with two rules: the first that matches counts, so what must not match goes into a rule before this one"},
	} {
		if strings.HasPrefix(rest, g.opening) {
			return notLinear(fmt.Sprintf("%s with %s...)", g.what, g.opening), g.repair)
		}
	}
	switch {
	case strings.HasPrefix(rest, "(?>"):
		return &Refused{Reason: "atomic groups, (?>...), are not known", Repair: fmt.Sprintf("write `%s`: patterns are run in linear time, and never track back", t.src[:t.pos]+"(?:"+rest[3:])}
	case strings.HasPrefix(rest, "(?#"):
		if end := strings.IndexByte(rest, ')'); end > 0 {
			t.pos += end + 1
			return nil
		}
	case strings.HasPrefix(rest, "(*"), strings.HasPrefix(rest, "(?|"), strings.HasPrefix(rest, "(?("),
		strings.HasPrefix(rest, "(?R"), strings.HasPrefix(rest, "(?&"), strings.HasPrefix(rest, "(?P>"), strings.HasPrefix(rest, "(?P="):
		return &Refused{Reason: fmt.Sprintf("%s...) is not known", rest[:min(len(rest), 3)]), Repair: "write a plain group, (?:...)"}
	case strings.HasPrefix(rest, "(?'"):
		if end := strings.IndexByte(rest[3:], '\''); end > 0 {
			t.replace(3+end+1, "(?P<"+rest[3:3+end]+">")
			return nil
		}
	}
	t.copy(1)
	if strings.HasPrefix(rest, "(?") {
		t.copy(1)
	}
	return nil
}

// notLinear refuses what cannot be run in linear time.
func notLinear(what, repair string) error {
	return &Refused{Reason: what + " cannot be run in linear time", Repair: repair}
}

// unreadable says what RE2 does not read.
func unreadable(err error) error {
	e, ok := err.(*syntax.Error)
	if !ok {
		return &Refused{Reason: err.Error()}
	}
	reason := fmt.Sprintf("%s: %q", e.Code, e.Expr)
	repair := `write a backslash before what stands for itself: . \ + * ? ( ) [ { ^ $ |`
	switch e.Code {
	case syntax.ErrInvalidPerlOp:
		reason, repair = fmt.Sprintf("the group %s...) is not known", e.Expr), "write (?:...), or (?i:...) with flags out of i, m, s and U"
	case syntax.ErrInvalidRepeatSize, syntax.ErrLarge:
		repair = "write no more than 1000 repetitions"
	case syntax.ErrInvalidEscape:
		reason, repair = e.Expr+" is not known", "leave out the backslash before a letter that stands for itself"
	case syntax.ErrInvalidCharRange:
		repair = `write \p{L}, \p{Lu} or \p{Greek} for what Unicode names, and \- for a dash of the text in a class`
	case syntax.ErrInvalidUTF8:
		repair = "save the file as UTF-8"
	}
	return &Refused{Reason: reason, Repair: repair}
}
