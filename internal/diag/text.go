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
	for _, d := range list {
		if where := d.Pos.String(); where != "" {
			fmt.Fprint(out, s.paint(bold, Printable(where)), ": ")
		}
		fmt.Fprintf(out, "%s: %s %s\n", s.paint(severityColor(d.Severity), d.Severity.String()), Printable(d.Message), s.paint(faint, "("+d.Rule+")"))
		if d.Hint != "" {
			fmt.Fprintf(out, "    %s\n", Printable(d.Hint))
		}
	}
	fmt.Fprintln(out, list.Summary())
	return out.Flush()
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
