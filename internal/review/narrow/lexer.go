package narrow

import (
	"bytes"
	"strings"
)

// lexer reads lines of YAML and keeps track of what goes on over several.
type lexer struct {
	text []byte
	at   int
	// floor is the column that the lines of a text or of brackets stay right of.
	floor int
	// quote is the quote that is open, brackets how many are; block says that
	// lines right of the column beyond belong to a text.
	quote    byte
	brackets int
	block    bool
	beyond   int
}

// line is one line, or what it says about the structure.
type line struct {
	start, end int // with its line feed
	indent     int
	blank      bool // or a comment
	within     bool // a further line of something
	item       bool // starts with a dash
	isKey      bool
	key, value string
}

// next reads a line; false where it is written in a way that is not known.
func (x *lexer) next() (line, bool) {
	l := line{start: x.at}
	end := bytes.IndexByte(x.text[x.at:], '\n')
	if end < 0 {
		end = len(x.text) - x.at
	}
	raw := bytes.TrimRight(x.text[x.at:x.at+end], " \t\r")
	x.at = min(x.at+end+1, len(x.text))
	l.end = x.at
	rest := bytes.TrimLeft(raw, " ")
	l.indent = len(raw) - len(rest)
	if len(rest) == 0 {
		l.blank = true
		return l, true
	}
	if x.block {
		if l.indent > x.beyond {
			l.within = true
			return l, true
		}
		x.block = false
	}
	if x.quote != 0 || x.brackets > 0 {
		l.within = true
		return l, l.indent > x.floor && x.inside(rest)
	}
	switch {
	case rest[0] == '#':
		l.blank = true
		return l, true
	case rest[0] == '\t':
		return l, false
	case l.indent == 0 && string(rest) == "---" && len(bytes.TrimSpace(x.text[:l.start])) == 0:
		l.blank = true
		return l, true
	case l.indent == 0 && (bytes.HasPrefix(rest, []byte("---")) || bytes.HasPrefix(rest, []byte("...")) || rest[0] == '%'):
		return l, false
	}
	return l, x.node(&l, rest)
}

// node reads what starts in a line.
func (x *lexer) node(l *line, rest []byte) bool {
	column := l.indent
	for rest[0] == '-' && (len(rest) == 1 || rest[1] == ' ') {
		l.item = true
		after := bytes.TrimLeft(rest[1:], " ")
		if len(after) == 0 || after[0] == '#' {
			return true
		}
		if len(after) > 1 && after[0] == '-' && after[1] == ' ' || !isKey(after) {
			x.beyond = column
		} else {
			x.beyond = column + len(rest) - len(after)
		}
		column += len(rest) - len(after)
		rest = after
	}
	if !l.item {
		x.beyond = column
	}
	if rest[0] == '?' && (len(rest) == 1 || rest[1] == ' ') || rest[0] == '\t' {
		return false
	}
	key, value, found := cutKey(rest)
	if !found {
		return x.value(l, rest)
	}
	if bytes.IndexByte(key, '\\') >= 0 || bytes.Contains(key, []byte("''")) || string(key) == "<<" {
		return false
	}
	l.isKey, l.key = true, strings.TrimSpace(string(key))
	return x.value(l, bytes.TrimLeft(value, " \t"))
}

func isKey(rest []byte) bool {
	_, _, found := cutKey(rest)
	return found
}

// cutKey takes the name of a member off a line.
func cutKey(rest []byte) (key, value []byte, found bool) {
	if q := rest[0]; q == '"' || q == '\'' {
		end := bytes.IndexByte(rest[1:], q)
		if end < 0 {
			return nil, nil, false
		}
		after := bytes.TrimLeft(rest[end+2:], " ")
		if len(after) == 0 || after[0] != ':' || len(after) > 1 && after[1] != ' ' && after[1] != '\t' {
			return nil, nil, false
		}
		return rest[1 : end+1], after[1:], true
	}
	if bytes.IndexByte([]byte("{[&*!|>@`%\"'"), rest[0]) >= 0 {
		return nil, nil, false
	}
	for i, c := range rest {
		switch {
		case c == ':' && (i+1 == len(rest) || rest[i+1] == ' ' || rest[i+1] == '\t'):
			return rest[:i], rest[i+1:], true
		case c == '#' && i > 0 && rest[i-1] == ' ':
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// value reads the value that starts in a line.
func (x *lexer) value(l *line, v []byte) bool {
	if len(v) == 0 || v[0] == '#' {
		return true
	}
	l.value = string(v[:min(len(v), 1024)])
	switch v[0] {
	case '|', '>':
		header := bytes.TrimLeft(v[1:], "0123456789+-")
		if trimmed := bytes.TrimLeft(header, " \t"); len(trimmed) == 0 || trimmed[0] == '#' && len(trimmed) < len(header) {
			x.block = true
		}
	case '"', '\'', '{', '[':
		return x.inside(v)
	case '&', '!', '@', '`', '%':
		return false
	case '*':
		return len(v) == 1 || !wordByte(v[1]) // an alias
	}
	return true
}

func wordByte(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// inside reads texts in quotes, lists and mappings in brackets to the end of the
// line.
func (x *lexer) inside(v []byte) bool {
	fresh := true // a value may start here
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case x.quote == '"' && c == '\\':
			i++
			continue
		case x.quote == '\'' && c == '\'' && i+1 < len(v) && v[i+1] == '\'':
			i++
			continue
		case x.quote != 0:
			if c == x.quote {
				x.quote = 0
			}
			fresh = false
			continue
		case c == ' ' || c == '\t':
			if x.brackets == 0 {
				rest := bytes.TrimLeft(v[i:], " \t")
				return len(rest) == 0 || rest[0] == '#'
			}
			fresh = true
			continue
		case c == '#' && fresh && i > 0:
			return true
		case x.brackets == 0 && i > 0:
			return false
		case (c == '"' || c == '\'') && fresh:
			x.quote = c
		case c == '{' || c == '[':
			x.brackets++
		case c == '}' || c == ']':
			x.brackets--
		case fresh && (c == '&' || c == '!' || c == '*'):
			return false
		}
		fresh = c == '{' || c == '[' || c == ',' || c == ':'
	}
	return true
}

// scalar is the text of a value that ends in its line.
func scalar(v string) (string, bool) {
	if v == "" {
		return "", true
	}
	if q := v[0]; q == '"' || q == '\'' {
		text, _, found := strings.Cut(v[1:], string(q))
		return strings.TrimSpace(text), found && !strings.Contains(text, `\`)
	}
	v, _, _ = strings.Cut(v, " #")
	return strings.TrimSpace(v), true
}
