package ecma262

import (
	"bytes"
	"slices"
	"strings"
)

// sets are the inside of a class, and that of a class of all other characters.
type sets struct{ in, out string }

// posix are the named sets of POSIX, and of Java's \p{...}, in ASCII.
var posix = map[string]sets{
	"alnum":  {`0-9A-Za-z`, `\x00-\/:-@\[-` + "`" + `\{-\u{10ffff}`},
	"alpha":  {`A-Za-z`, `\x00-@\[-` + "`" + `\{-\u{10ffff}`},
	"ascii":  {`\x00-\x7f`, `\u0080-\u{10ffff}`},
	"blank":  {`\t `, `\x00-\x08\n-\x1f!-\u{10ffff}`},
	"cntrl":  {`\x00-\x1f\x7f`, ` -~\u0080-\u{10ffff}`},
	"digit":  {`0-9`, `\D`},
	"graph":  {`!-~`, `\x00- \x7f-\u{10ffff}`},
	"lower":  {`a-z`, "\\x00-`" + `\{-\u{10ffff}`},
	"print":  {` -~`, `\x00-\x1f\x7f-\u{10ffff}`},
	"punct":  {`!-\/:-@\[-` + "`" + `\{-~`, `\x00- 0-9A-Za-z\x7f-\u{10ffff}`},
	"space":  {`\t-\r `, `\x00-\x08\x0e-\x1f!-\u{10ffff}`},
	"upper":  {`A-Z`, `\x00-@\[-\u{10ffff}`},
	"word":   {`\w`, `\W`},
	"xdigit": {`0-9A-Fa-f`, `\x00-\/:-@G-` + "`" + `g-\u{10ffff}`},
}

// wide are those of them that hold more than ASCII for PHP under its flag u.
var wide = map[string]sets{
	"alnum": {`\p{L}\p{N}`, `\p{M}\p{P}\p{S}\p{Z}\p{C}`},
	"alpha": {`\p{L}`, `\P{L}`},
	"blank": {`\t\p{Zs}`, `\x00-\x08\n-\x1f!-\x9f\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zl}\p{Zp}\p{Cf}\p{Cs}\p{Co}\p{Cn}`},
	"digit": {`\p{Nd}`, `\P{Nd}`},
	"graph": {`\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}`, `\p{Z}\p{Cc}\p{Cs}`},
	"lower": {`\p{Ll}`, `\P{Ll}`},
	"print": {`\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf}\p{Zs}`, `\p{Zl}\p{Zp}\p{Cc}\p{Cs}`},
	"punct": {`\p{P}$+<=>\^` + "`" + `|~`, ``},
	"space": {`\s`, `\S`},
	"upper": {`\p{Lu}`, `\P{Lu}`},
	"word":  {`\p{L}\p{N}_`, ``},
}

// class reads [...].
func (t *translator) class() {
	from := len(t.out)
	t.copy(1)
	if strings.HasPrefix(t.rest(), "^") {
		t.copy(1)
	}
	// POSIX and PCRE take a ] that comes first for itself; for ECMA-262 the class
	// ends there, and the ] that is left over is a fault.
	if rest := t.rest(); strings.HasPrefix(rest, "]") && closes(rest[1:]) {
		t.note("a ] that comes first in a class")
		t.out = append(t.out, `\]`...)
		t.pos++
	}
	for t.pos < len(t.src) {
		rest := t.rest()
		switch {
		case rest[0] == ']':
			t.copy(1)
			return
		case rest[0] == '\\':
			t.escape(true)
		case strings.HasPrefix(rest, "[:"):
			t.posixClass()
		case strings.HasPrefix(rest, "&&["):
			if t.intersection(from) {
				return
			}
			t.copy(1)
		default:
			t.copy(1)
		}
	}
}

// closes reports whether a ] ends a class before another one begins.
func closes(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			return strings.HasPrefix(s[i:], "[:")
		case ']':
			return true
		}
	}
	return false
}

// posixClass reads [:name:] inside a class.
func (t *translator) posixClass() {
	rest := t.rest()
	if end := strings.Index(rest[:min(len(rest), 16)], ":]"); end > 2 {
		name, negated := strings.CutPrefix(rest[2:end], "^")
		set := posix[name]
		if w, ok := wide[name]; ok && t.unicode {
			set = w
		}
		if text := set.of(negated); text != "" {
			t.replace(end+2, text)
			return
		}
	}
	t.copy(1)
}

// intersection reads &&[...]], the end of a class of Java, whose beginning was
// written from an offset on, and writes both as a look-ahead and a class.
func (t *translator) intersection(from int) bool {
	first := t.out[from+1:]
	if t.unclosed || len(first) == 0 || first[0] == '^' || bytes.Contains(first, []byte("[:")) { // engines differ, or it would read otherwise
		return false
	}
	inner := translator{src: t.src, unicode: t.unicode, pos: t.pos + len("&&"), unclosed: true}
	inner.class()
	if !strings.HasPrefix(inner.rest(), "]") {
		t.unclosed = inner.rest() == ""
		return false
	}
	t.out = slices.Insert(t.out, from, []byte("(?:(?="+string(inner.out)+")")...)
	t.out = append(t.out, "])"...)
	t.pos = inner.pos + 1
	t.note("&&[...]")
	for _, what := range inner.foreign {
		t.note(what)
	}
	return true
}
