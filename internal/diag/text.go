package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
)

const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "1;34"
	faint  = "2"
)

func (s Style) paint(code, text string) string {
	if !s.Color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func printText(w io.Writer, list List, s Style) error {
	out := bufio.NewWriter(w)
	groups := s.groups(list)
	for _, d := range list {
		g := groups[groupOf(d)]
		if g != nil && g.shown == s.Most {
			continue
		}
		if where := d.Pos.String(); where != "" {
			fmt.Fprint(out, s.paint(bold, Printable(where)), ": ")
		}
		fmt.Fprintf(out, "%s: %s %s\n", s.paint(severityColor(d.Severity), d.Severity.String()), Printable(d.Message), s.paint(faint, "("+d.Rule+")"))
		if d.Hint != "" {
			fmt.Fprintf(out, "    %s\n", Printable(d.Hint))
		}
		if g == nil {
			continue
		}
		if g.shown++; g.shown == s.Most {
			fmt.Fprintf(out, "    %s\n", s.paint(faint, fmt.Sprintf("and %d more of this rule in this file; %s lists all", g.all-g.shown, s.Whole)))
		}
	}
	fmt.Fprintln(out, list.Summary())
	return out.Flush()
}

// group is the warnings, or notes, of one rule in one file.
type group struct {
	rule, file string
	severity   Severity
}

type groupCount struct{ all, shown int }

func groupOf(d Diagnostic) group { return group{d.Rule, d.Pos.File, d.Severity} }

// groups counts the groups of which not all are shown. One left out would take
// the line that says so.
func (s Style) groups(list List) map[group]*groupCount {
	out := map[group]*groupCount{}
	if s.Most == 0 {
		return out
	}
	for _, d := range list {
		if d.Severity == Error {
			continue
		}
		if out[groupOf(d)] == nil {
			out[groupOf(d)] = new(groupCount)
		}
		out[groupOf(d)].all++
	}
	for key, g := range out {
		if g.all <= s.Most+1 {
			delete(out, key)
		}
	}
	return out
}

func severityColor(s Severity) string {
	switch s {
	case Error:
		return red
	case Warning:
		return yellow
	default:
		return blue
	}
}

// Summary counts the findings in one line: "2 errors and 1 warning in 3 files".
func (l List) Summary() string {
	if len(l) == 0 {
		return "no findings"
	}
	var counts []string
	for _, s := range []Severity{Error, Warning, Note} {
		if n := l.count(s); n > 0 {
			counts = append(counts, plural(n, s.String()))
		}
	}
	files := map[string]bool{}
	for _, d := range l {
		files[d.Pos.File] = true
	}
	all := counts[0]
	if last := len(counts) - 1; last > 0 {
		all = strings.Join(counts[:last], ", ") + " and " + counts[last]
	}
	return all + " in " + plural(len(files), "file")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Printable keeps what a file says from steering the reader's terminal, and from
// showing text in another order than it has: what is no mark, letter or space
// becomes U+FFFD.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r) {
			return '\ufffd'
		}
		return r
	}, s)
}

// Explain writes a rule's documentation for people.
func Explain(w io.Writer, r Rule, s Style) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s\n\n%s\n", s.paint(bold, r.ID), r.Summary)
	section := func(title, body string, indent string) {
		if body == "" {
			return
		}
		fmt.Fprintf(out, "\n%s\n", s.paint(bold, title))
		for line := range strings.Lines(body) {
			if line = strings.TrimRight(line, "\n"); line != "" {
				line = indent + line
			}
			fmt.Fprintln(out, line)
		}
	}
	section("Why it matters", r.Why, "")
	section("Example", r.Example, "    ")
	section("Use instead", r.Fix, "    ")
	return out.Flush()
}
