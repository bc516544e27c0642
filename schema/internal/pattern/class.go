package pattern

import (
	"strings"
	"unicode/utf8"
)

// class reads [...] and writes it in Go's spelling.
func (t *translator) class() error {
	open := t.pos
	t.pos++
	negated := strings.HasPrefix(t.src[t.pos:], "^")
	if negated {
		t.pos++
	}
	var inside strings.Builder
	for {
		if t.pos >= len(t.src) {
			t.pos = open
			return t.errorf("the class is not closed")
		}
		if t.src[t.pos] == ']' {
			t.pos++
			break
		}
		if err := t.classItem(&inside); err != nil {
			return err
		}
	}
	switch {
	case inside.Len() > 0 && negated:
		t.out.WriteString("[^" + inside.String() + "]")
	case inside.Len() > 0:
		t.out.WriteString("[" + inside.String() + "]")
	case negated:
		t.out.WriteString(`[\x00-\x{10ffff}]`)
	default:
		t.out.WriteString("[" + nothing + "]")
	}
	return nil
}

// classItem reads one character, range or class escape inside [...].
func (t *translator) classItem(inside *strings.Builder) error {
	low, set, err := t.classAtom()
	if err != nil {
		return err
	}
	if set != "" {
		inside.WriteString(set)
		return nil
	}
	if t.pos+1 >= len(t.src) || t.src[t.pos] != '-' || t.src[t.pos+1] == ']' {
		inside.WriteString(hexRune(low))
		return nil
	}
	t.pos++
	high, set, err := t.classAtom()
	switch {
	case err != nil:
		return err
	case set != "": // [a-\d] is a, - and the digits
		inside.WriteString(hexRune(low) + `\x{2d}` + set)
	case high < low:
		return t.errorf("the range of a class is out of order")
	default:
		inside.WriteString(hexRune(low) + "-" + hexRune(high))
	}
	return nil
}

// classAtom reads a character, or a set of them in Go's spelling.
func (t *translator) classAtom() (rune, string, error) {
	if t.src[t.pos] != '\\' {
		r, n := utf8.DecodeRuneInString(t.src[t.pos:])
		t.pos += n
		return r, "", nil
	}
	if t.pos+1 >= len(t.src) {
		return 0, "", t.errorf("a backslash at the end")
	}
	c := t.src[t.pos+1]
	switch {
	case c == 'b':
		t.pos += 2
		return '\b', "", nil
	case c == 'p' || c == 'P':
		set, err := t.property()
		if err == nil && set == "" {
			return 0, "", t.errorf("an empty set in a class")
		}
		return 0, set, err
	case classEscapes[c] != "":
		t.pos += 2
		return 0, classEscapes[c], nil
	case c >= '1' && c <= '9':
		return 0, "", t.errorf("a back reference in a class")
	}
	r, err := t.character()
	return r, "", err
}
