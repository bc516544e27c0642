package pattern

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// translated is an ECMA-262 expression in the spellings of Go's engines.
type translated struct {
	pieces     []piece // for regexp, unless backtracks
	whole      string  // for regexp2
	backtracks bool
}

// piece is an expression for regexp. The look-aheads that follow a leading ^
// are pieces of their own: all are matched from the start of the text.
type piece struct {
	re2     string
	negated bool
}

// translator walks the source once and writes it anew.
type translator struct {
	src        string
	pos        int
	out        strings.Builder
	depth      int
	backtracks bool
	dotAll     bool // the modifier s holds here
	branches   bool // there is a | outside groups
	aheads     []span
	groups     int
	maxRef     int
	named      map[string]bool
}

// span is a leading look-ahead: where it stands in the output.
type span struct {
	from, to int
	negated  bool
}

const maxNesting = 200

func translate(source string) (translated, error) {
	if !utf8.ValidString(source) {
		return translated{}, fmt.Errorf("the pattern is not valid UTF-8")
	}
	t := &translator{src: source, named: map[string]bool{}}
	if err := t.alternatives(); err != nil {
		return translated{}, err
	}
	if t.pos < len(t.src) {
		return translated{}, t.errorf("unmatched ) in the pattern")
	}
	if t.maxRef > t.groups {
		return translated{}, fmt.Errorf("the pattern refers to group %d, which it does not have", t.maxRef)
	}
	return t.split(), nil
}

// split takes the leading look-aheads apart: ^(?=A)(?!B)C matches when ^A and
// ^C do and ^B does not.
func (t *translator) split() translated {
	whole := t.out.String()
	r := translated{whole: whole, backtracks: t.backtracks}
	if len(t.aheads) == 0 || t.branches || t.backtracks {
		r.pieces = []piece{{re2: whole}}
		r.backtracks = t.backtracks || len(t.aheads) > 0
		return r
	}
	rest := whole[:t.aheads[0].from]
	for _, a := range t.aheads {
		r.pieces = append(r.pieces, piece{`\A(?:` + whole[a.from+len("(?="):a.to-1] + `)`, a.negated})
	}
	r.pieces = append(r.pieces, piece{re2: rest + whole[t.aheads[len(t.aheads)-1].to:]})
	return r
}

func (t *translator) errorf(format string, args ...any) error {
	return fmt.Errorf(format+" (at character %d)", append(args, utf8.RuneCountInString(t.src[:min(t.pos, len(t.src))])+1)...)
}

// alternatives reads up to the end of the group or of the source.
func (t *translator) alternatives() error {
	if t.depth++; t.depth > maxNesting {
		return t.errorf("groups are nested too deeply")
	}
	defer func() { t.depth-- }()
	for t.pos < len(t.src) {
		c := t.src[t.pos]
		switch c {
		case ')':
			return nil
		case '|':
			t.pos++
			t.branches = t.branches || t.depth == 1
			t.out.WriteByte('|')
			continue
		}
		quantifiable, err := t.atom()
		if err != nil {
			return err
		}
		if err := t.quantifier(quantifiable); err != nil {
			return err
		}
	}
	return nil
}

// atom reads one assertion, character, class or group.
func (t *translator) atom() (quantifiable bool, err error) {
	c := t.src[t.pos]
	switch c {
	case '^':
		t.pos++
		t.out.WriteString(`\A`)
		return false, nil
	case '$':
		t.pos++
		t.out.WriteString(`\z`)
		return false, nil
	case '.':
		t.pos++
		if t.dotAll {
			t.out.WriteString(`[\x00-\x{10ffff}]`)
		} else {
			t.out.WriteString(`[^\n\r\x{2028}\x{2029}]`)
		}
	case '(':
		return t.group()
	case '[':
		return true, t.class()
	case '\\':
		return t.escape()
	case '*', '+', '?':
		return false, t.errorf("nothing to repeat before %q", string(c))
	case '{': // legal as itself where it does not look like a quantifier
		if n, _, _, ok := t.braces(); ok {
			return false, t.errorf("nothing to repeat before %q", t.src[t.pos:t.pos+n])
		}
		t.pos++
		t.out.WriteString(`\{`)
	default:
		r, n := utf8.DecodeRuneInString(t.src[t.pos:])
		t.pos += n
		t.literal(r)
	}
	return true, nil
}

// group reads a group of any kind.
func (t *translator) group() (quantifiable bool, err error) {
	from, rest, dotAll := t.out.Len(), t.src[t.pos:], t.dotAll
	quantifiable = true
	leading := false
	switch {
	case strings.HasPrefix(rest, "(?="), strings.HasPrefix(rest, "(?!"):
		// Only directly after the first ^, or after another such look-ahead.
		leading = t.depth == 1 && (t.pos == 1 && t.src[0] == '^' && len(t.aheads) == 0 ||
			len(t.aheads) > 0 && t.aheads[len(t.aheads)-1].to == from)
		if !leading {
			t.backtracks = true
		}
		t.out.WriteString(rest[:3])
		t.pos += 3
		quantifiable = !leading
	case strings.HasPrefix(rest, "(?<="), strings.HasPrefix(rest, "(?<!"):
		t.backtracks = true
		t.out.WriteString(rest[:4])
		t.pos += 4
		quantifiable = false
	case strings.HasPrefix(rest, "(?<"), strings.HasPrefix(rest, "(?P<"):
		open := strings.IndexByte(rest, '<')
		end := strings.IndexByte(rest, '>')
		if end < open+2 {
			return false, t.errorf("the group's name is not closed")
		}
		t.groups++
		t.named[rest[open+1:end]] = true
		t.out.WriteString("(?P<" + rest[open+1:end] + ">")
		t.pos += end + 1
	case strings.HasPrefix(rest, "(?:"):
		t.out.WriteString("(?:")
		t.pos += 3
	case strings.HasPrefix(rest, "(?"):
		flags, ok := modifiers(rest[2:])
		if !ok {
			return false, t.errorf("unknown kind of group")
		}
		t.out.WriteString("(?" + flags)
		t.pos += 2 + len(flags)
		t.dotAll = t.dotAll || strings.Contains(flags, "s")
		if flags[len(flags)-1] == ')' { // (?i) for what follows: not ECMA-262, widely meant
			return false, nil
		}
	default:
		t.groups++
		t.out.WriteByte('(')
		t.pos++
	}
	if err := t.alternatives(); err != nil {
		return false, err
	}
	if t.pos >= len(t.src) {
		return false, t.errorf("a group is not closed")
	}
	t.pos++
	t.dotAll = dotAll
	t.out.WriteByte(')')
	if leading {
		t.aheads = append(t.aheads, span{from, t.out.Len(), rest[2] == '!'})
	}
	return quantifiable, nil
}

// modifiers reads the flags of (?i) and (?i:...), up to their end.
func modifiers(s string) (string, bool) {
	for i := range len(s) {
		switch s[i] {
		case 'i', 's':
		case ')', ':':
			return s[:i+1], i > 0
		default:
			return "", false
		}
	}
	return "", false
}

// quantifier reads what may follow an atom.
func (t *translator) quantifier(quantifiable bool) error {
	if t.pos >= len(t.src) {
		return nil
	}
	n := 1
	switch t.src[t.pos] {
	case '*', '+', '?':
	case '{':
		size, low, high, ok := t.braces()
		if !ok {
			return nil
		}
		if high >= 0 && low > high {
			return t.errorf("the numbers of a quantifier are out of order")
		}
		n = size
	default:
		return nil
	}
	if !quantifiable {
		return t.errorf("nothing to repeat before %q", t.src[t.pos:t.pos+n])
	}
	t.out.WriteString(t.src[t.pos : t.pos+n])
	t.pos += n
	if t.pos < len(t.src) && t.src[t.pos] == '?' {
		t.pos++
		t.out.WriteByte('?')
	}
	return nil
}

// braces reads {n}, {n,} or {n,m} at the position, without moving it. high is
// -1 when there is none.
func (t *translator) braces() (size, low, high int, ok bool) {
	end := strings.IndexByte(t.src[t.pos:], '}')
	if end < 2 {
		return 0, 0, 0, false
	}
	lows, highs, comma := strings.Cut(t.src[t.pos+1:t.pos+end], ",")
	low, err := strconv.Atoi(lows)
	if err != nil || lows[0] == '+' || lows[0] == '-' {
		return 0, 0, 0, false
	}
	switch {
	case !comma:
		high = low
	case highs == "":
		high = -1
	default:
		if high, err = strconv.Atoi(highs); err != nil || highs[0] == '+' || highs[0] == '-' {
			return 0, 0, 0, false
		}
	}
	return end + 1, low, high, true
}

// literal writes a character that stands for itself.
func (t *translator) literal(r rune) {
	switch {
	case !utf8.ValidRune(r):
		t.out.WriteString("[" + nothing + "]")
	case r < 0x80 && strings.ContainsRune(`\.+*?()|[]{}^$`, r):
		t.out.WriteByte('\\')
		t.out.WriteByte(byte(r))
	case r < 0x20 || r == 0x7f:
		t.out.WriteString(hexRune(r))
	default:
		t.out.WriteRune(r)
	}
}

func hexRune(r rune) string { return `\x{` + strconv.FormatInt(int64(r), 16) + `}` }
