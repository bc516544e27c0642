package rewrite

import (
	"encoding/json"
	"slices"
	"strings"
)

// edit takes back one difference between two files: was comes back, is goes, or
// was takes the place of is.
type edit struct {
	was, is *entry
	// under is the head's entry that was comes back into; after the line that it
	// comes back behind.
	under *entry
	after int
}

// edits are the smallest differences between two outlines.
func edits(base, head *outline) []edit {
	var out []edit
	if base.json == head.json {
		(&differ{base, head, &out}).walk(base.root, head.root)
	}
	return out
}

type differ struct {
	base, head *outline
	out        *[]edit
}

// walk compares two entries of the same path.
func (d *differ) walk(a, b *entry) {
	if slices.Equal(uncomma(d.base.text(a)), uncomma(d.head.text(b))) {
		return
	}
	if len(a.children) == 0 || len(b.children) == 0 || a.list != b.list || twice(a) || twice(b) {
		*d.out = append(*d.out, edit{was: a, is: b})
		return
	}
	before := len(*d.out)
	whole := !slices.ContainsFunc(a.children, func(was *entry) bool { return b.child(was.token) != nil }) // something else stands there
	for _, was := range a.children {
		if is := b.child(was.token); is != nil {
			d.walk(was, is)
		} else {
			under := edit{was: was, under: b}
			under.after = d.behind(a, b, was)
			whole = whole || was.shared || under.after == 0
			*d.out = append(*d.out, under)
		}
	}
	for _, is := range b.children {
		if a.child(is.token) == nil {
			whole = whole || is.shared || len(b.children) == 1
			*d.out = append(*d.out, edit{is: is})
		}
	}
	for _, e := range (*d.out)[before:] {
		whole = whole || e.is != nil && e.is.shared && e.is.parent == b
	}
	if whole && a.parent != nil && b.parent != nil {
		*d.out = append((*d.out)[:before], edit{was: a, is: b})
	}
}

// twice reports whether two children cannot be told apart.
func twice(e *entry) bool {
	seen := map[string]bool{}
	for _, c := range e.children {
		if seen[c.token] {
			return true
		}
		seen[c.token] = true
	}
	return false
}

// behind is the line of the head that an entry comes back behind: where what stood
// before it ends, else in front of what stood after it.
func (d *differ) behind(a, b, was *entry) int {
	i := slices.Index(a.children, was)
	for j := i - 1; j >= 0; j-- {
		if is := b.child(a.children[j].token); is != nil {
			return is.last
		}
	}
	for _, next := range a.children[i+1:] {
		if is := b.child(next.token); is != nil && !is.shared {
			return is.first - 1
		}
	}
	return b.children[len(b.children)-1].last
}

// uncomma takes the comma off the last line, which tells only whether something
// follows.
func uncomma(lines []string) []string {
	if n := len(lines); n > 0 {
		lines[n-1] = strings.TrimSuffix(strings.TrimRight(lines[n-1], " \r"), ",")
	}
	return lines
}

// apply makes edits in the head's lines.
func apply(base, head *outline, list []edit) []string {
	lines := slices.Clone(head.lines)
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b edit) int { return b.line() - a.line() })
	for _, e := range list {
		var back []string
		if e.was != nil {
			beside := e.is
			if beside == nil {
				beside = e.under.children[0]
			}
			back = shifted(base.lines[e.was.first-1:e.was.last], beside.indent-e.was.indent)
		}
		if e.is == nil {
			lines = slices.Insert(lines, e.after, back...)
		} else {
			lines = slices.Replace(lines, e.is.first-1, e.is.last, back...)
		}
	}
	if head.json {
		commas(lines)
	}
	return lines
}

// line orders edits: what comes back behind a line does so before that line is
// touched, and after the next one was.
func (e edit) line() int {
	if e.is != nil {
		return 2 * e.is.first
	}
	return 2*e.after + 1
}

// commas puts commas between the entries of JSON, and none after the last.
func commas(lines []string) {
	for i, line := range lines {
		text := strings.TrimRight(line, " \r")
		if text == "" || i+1 == len(lines) {
			continue
		}
		next := strings.TrimSpace(lines[i+1])
		closes := strings.HasPrefix(next, "}") || strings.HasPrefix(next, "]")
		switch {
		case closes && strings.HasSuffix(text, ","):
			lines[i] = strings.TrimSuffix(text, ",")
		case !closes && !strings.ContainsAny(text[len(text)-1:], ",{[:"):
			lines[i] = text + ","
		}
	}
}

// valid reports whether a rewritten file can be read, and has lost the edits that
// were taken back and no other.
func (p *pair) valid(lines []string, taken []edit) bool {
	data := []byte(strings.Join(lines, "\n") + "\n")
	after := read(data)
	if after == nil || p.head.json && !json.Valid(data) {
		return false
	}
	gone := map[string]bool{}
	for _, e := range taken {
		gone[e.key()] = true
	}
	for _, e := range edits(p.base, after) {
		if key := e.key(); !p.keys[key] || gone[key] {
			return false
		}
	}
	return true
}

func (e edit) key() string {
	switch {
	case e.was == nil:
		return "+" + e.is.path()
	case e.is == nil:
		return "-" + e.was.path()
	}
	return "~" + e.was.path()
}
