package legacyproxy

import (
	"net/http"
	"slices"
	"strings"
)

// cookieMapping rewrites cookies on their raw text. A cookie that is renamed
// on the way to PHP gets its old name back when PHP sets it.
type cookieMapping struct {
	set    []cookieSet
	rename []cookieRename
	drop   []string
}

type (
	cookieSet    struct{ name, value string }
	cookieRename struct{ from, to string }
)

// cookieRoot is the variable in $_COOKIE that a cookie goes into.
func cookieRoot(name string) string { return parseQueryName(name).root }

// request rewrites the cookies of a request. Those that are not named keep
// their bytes and their order.
func (m *cookieMapping) request(h http.Header) {
	var pairs []string
	for _, line := range h["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			pair = strings.Trim(pair, " \t")
			name, _, _ := strings.Cut(pair, "=")
			switch to, renamed := m.renamed(name); {
			case pair == "" || m.dropped(cookieRoot(name)):
			case renamed:
				pairs = append(pairs, to+pair[len(name):])
			default:
				pairs = append(pairs, pair)
			}
		}
	}
	for _, s := range m.set {
		pairs = append(pairs, s.name+"="+s.value)
	}
	if len(pairs) == 0 {
		delete(h, "Cookie")
		return
	}
	h["Cookie"] = []string{strings.Join(pairs, "; ")}
}

func (m *cookieMapping) renamed(name string) (string, bool) {
	for _, r := range m.rename {
		if r.from == name {
			return r.to, true
		}
	}
	return "", false
}

// dropped reports whether PHP does not get a variable from the client: it is
// dropped, set here, or what another one is renamed to.
func (m *cookieMapping) dropped(root string) bool {
	is := func(name string) bool { return cookieRoot(name) == root }
	return slices.ContainsFunc(m.drop, is) ||
		slices.ContainsFunc(m.set, func(s cookieSet) bool { return is(s.name) }) ||
		slices.ContainsFunc(m.rename, func(r cookieRename) bool { return is(r.to) && !m.swaps(root) })
}

// swaps reports whether a name that another one becomes is renamed itself.
func (m *cookieMapping) swaps(root string) bool {
	return slices.ContainsFunc(m.rename, func(r cookieRename) bool { return cookieRoot(r.from) == root })
}

// answer rewrites the cookies that PHP sets.
func (m *cookieMapping) answer(h http.Header) {
	lines := h["Set-Cookie"]
	if len(lines) == 0 {
		return
	}
	out := make([]string, 0, len(lines))
	for _, line := range lines {
		name, _, _ := strings.Cut(line, "=")
		name = strings.Trim(name, " \t")
		if slices.Contains(m.drop, name) || slices.ContainsFunc(m.set, func(s cookieSet) bool { return s.name == name }) {
			continue // the client's side does not know it
		}
		for _, r := range m.rename {
			if r.to == name {
				line = r.from + strings.TrimLeft(line, " \t")[len(name):]
				break
			}
		}
		out = append(out, line)
	}
	if h["Set-Cookie"] = out; len(out) == 0 {
		delete(h, "Set-Cookie")
	}
}
