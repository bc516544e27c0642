package legacyproxy

import (
	"net/url"
	"slices"
	"strings"
)

// queryMapping rewrites query strings on their raw text. Pairs that it does
// not name keep their bytes and their order, broken escapes included.
type queryMapping struct {
	set    []querySet
	rename []queryRename
	drop   []queryName
}

type querySet struct {
	name  queryName
	value *template
}

type queryRename struct {
	from queryName
	to   string // as the file has it
}

// apply returns the query that PHP gets. Values that are set replace all of
// that name and stand last, where PHP lets the last one win.
func (m *queryMapping) apply(raw string, ps params) string {
	out := make([]byte, 0, len(raw)+64)
	first := true
	add := func(pair ...string) {
		if !first {
			out = append(out, '&')
		}
		first = false
		for _, s := range pair {
			out = append(out, s...)
		}
	}
	if raw != "" {
		for pair := range strings.SplitSeq(raw, "&") {
			end := strings.IndexByte(pair, '=')
			if end < 0 {
				end = len(pair)
			}
			name := parseQueryName(queryUnescape(pair[:end]))
			switch to, suffix, found := m.renamed(name, pair[:end]); {
			case m.dropped(name):
			case found:
				add(url.QueryEscape(to), suffix, pair[end:])
			default:
				add(pair)
			}
		}
	}
	for _, s := range m.set {
		add(url.QueryEscape(s.name.text), "=", url.QueryEscape(s.value.expand(ps.decoded)))
	}
	return string(out)
}

func (m *queryMapping) dropped(name queryName) bool {
	return slices.ContainsFunc(m.drop, func(n queryName) bool { return n.means(name) }) ||
		slices.ContainsFunc(m.set, func(s querySet) bool { return s.name.means(name) })
}

// renamed returns the new name of a pair and the raw brackets that follow it.
func (m *queryMapping) renamed(name queryName, rawKey string) (to, suffix string, ok bool) {
	for _, r := range m.rename {
		if r.from.means(name) {
			if name.brackets && !r.from.brackets {
				suffix = rawBrackets(rawKey)
			}
			return r.to, suffix, true
		}
	}
	return "", "", false
}

// rawBrackets is what follows the variable's name in a raw key.
func rawBrackets(rawKey string) string {
	rawKey, _, _ = strings.Cut(rawKey, "%00") // where PHP's name ends
	for i := range len(rawKey) {
		if rawKey[i] == '[' || strings.HasPrefix(rawKey[i:], "%5B") || strings.HasPrefix(rawKey[i:], "%5b") {
			return rawKey[i:]
		}
	}
	return ""
}

// queryName is a key of a query string in the way PHP sees it.
type queryName struct {
	text     string // decoded
	root     string // the variable in $_GET that it goes into
	brackets bool   // it names a place inside that variable
}

var underscores = strings.NewReplacer(".", "_", " ", "_")

// parseQueryName does to a decoded key what php_register_variable_ex does:
// leading spaces go, a NUL ends it, dots and spaces in the variable's name
// become underscores, and where no bracket is ever closed, brackets as well.
func parseQueryName(key string) queryName {
	n := queryName{text: key}
	name, _, _ := strings.Cut(strings.TrimLeft(key, " "), "\x00")
	root, index, isArray := strings.Cut(name, "[")
	switch {
	case root == "":
		return n // PHP ignores it
	case isArray && strings.Contains(index, "]"):
		n.brackets = true
	case isArray:
		root = strings.ReplaceAll(name, "[", "_")
	}
	n.root = underscores.Replace(root)
	return n
}

// key tells the names apart that a mapping can be about.
func (n queryName) key() string {
	if n.brackets {
		return n.text
	}
	return n.root
}

// means reports whether a mapping that names n is about the key: about the
// whole variable with all that is in it, or about exactly the place it names.
func (n queryName) means(key queryName) bool {
	if n.brackets {
		return n.text == key.text
	}
	return n.root == key.root
}

// queryUnescape decodes a key as PHP does, which leaves broken escapes alone.
func queryUnescape(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
		case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return string(out)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0x0f + 9
}
