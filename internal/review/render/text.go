package render

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review"
)

// terminal writes text in colours, where there are any.
type terminal struct {
	bytes.Buffer
	options    Options
	base, head *sources
	edits      *edits
}

const (
	red    = "31"
	yellow = "33"
	green  = "32"
	bold   = "1"
	dim    = "2"
)

func (t *terminal) paint(code, s string) string {
	if !t.options.Colour || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

var verdictColours = map[review.Verdict]string{review.OK: green, review.Undecided: yellow, review.Breaks: red}

// text is for a terminal.
func text(w io.Writer, r *review.Report, o Options) error {
	t := &terminal{options: o, base: newSources(o.Base), head: newSources(o.Head)}
	t.edits = newEdits(t.base, t.head)
	fmt.Fprintln(t, t.paint(bold, diag.Printable(headline(r, o))))
	for _, s := range changed(r) {
		fmt.Fprintf(t, "\n%s %s\n", t.paint(bold, diag.Printable(s.Name)), t.paint(dim, diag.Printable(serviceNote(s))))
		for _, section := range sections(s) {
			fmt.Fprintf(t, "\n  %s\n", t.paint(bold, section.Title))
			t.section(section)
		}
	}
	_, err := w.Write(t.Bytes())
	return err
}

// Entries that break nobody are listed while there are at most manyOfAKind of one
// rule; of more, someOfAKind are.
const manyOfAKind, someOfAKind = 12, 5

// section lists its entries. Of those that break nobody, the first of each rule
// stand for the others: what is new in fifty places is one piece of news.
func (t *terminal) section(s section) {
	all, seen := map[string]int{}, map[string]int{}
	if s.Kind == "ok" || s.Kind == "same" {
		for _, g := range s.Groups {
			all[g.Rule]++
		}
	}
	for _, g := range s.Groups {
		seen[g.Rule]++
		if all[g.Rule] <= manyOfAKind || seen[g.Rule] <= someOfAKind {
			t.group(s.Kind, g)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(all)) {
		if all[rule] > manyOfAKind {
			fmt.Fprintf(t, "  %s\n", t.paint(dim, fmt.Sprintf("%s and %d more of %s: --format markdown lists them", marks[s.Kind], all[rule]-someOfAKind, rule)))
		}
	}
}

// serviceNote says what became of a service and its versions.
func serviceNote(s *review.Service) string {
	out := string(s.Status)
	if s.Status == review.Changed {
		out = strings.Join(needs(s), ", ")
		if s.BaseVersion != "" {
			out += "; version " + s.BaseVersion
			if s.HeadVersion != s.BaseVersion {
				out += " → " + s.HeadVersion
			}
		}
	}
	return "(" + out + ")"
}

var marks = map[string]string{"breaks": "✗", "undecided": "?", "ok": "✓", "same": "≡"}

func (t *terminal) group(kind string, g review.Group) {
	mark := t.paint(map[string]string{"breaks": red, "undecided": yellow, "ok": green, "same": dim}[kind], marks[kind])
	fmt.Fprintf(t, "  %s %s: %s\n", mark, t.paint(bold, diag.Printable(title(g))), diag.Printable(message(g)))
	if kind != "breaks" && kind != "undecided" {
		return
	}
	var verdicts []string
	for _, b := range badges(g.Change) {
		verdicts = append(verdicts, b.Name+" "+t.paint(verdictColours[b.Verdict], b.Verdict.String()))
	}
	fmt.Fprintf(t, "      %s  %s\n", strings.Join(verdicts, " · "), t.paint(dim, "("+g.Rule+")"))
	for _, why := range g.Why {
		fmt.Fprintf(t, "      %s\n", diag.Printable(why))
	}
	for _, u := range uncompilables(g) {
		fmt.Fprintf(t, "      %s: %s\n", u.Lead, u.listed(diag.Printable(strings.Join(u.Names, ", "))))
	}
	if ops := g.Affected(); len(ops) > 1 || len(ops) == 1 && ops[0] != g.Place {
		fmt.Fprintf(t, "      affects %s\n", operations(ops))
	}
	t.frames(g.Change)
	if g.Rewrite != "" {
		fmt.Fprintf(t, "      instead: %s\n", diag.Printable(g.Rewrite))
	}
	switch {
	case g.Approved != nil:
		fmt.Fprintf(t, "      %s\n", t.paint(dim, diag.Printable(fmt.Sprintf("approved by %s until %s: %s", g.Approved.By, g.Approved.Until, g.Approved.Reason))))
	default:
		commands, more := approvals(g, t.options)
		for _, command := range commands {
			if more > 0 {
				command += fmt.Sprintf("   (and %d more ids)", more)
			}
			fmt.Fprintf(t, "      %s\n", t.paint(dim, command))
		}
	}
}

// frames shows the lines that changed, old above new.
func (t *terminal) frames(c *review.Change) {
	show := func(sign, colour string, lines []line) {
		for _, l := range lines {
			if l.Meant {
				fmt.Fprintf(t, "      %s\n", t.paint(colour, fmt.Sprintf("%s %4d | %s", sign, l.Number, l.Text)))
			}
		}
	}
	before, after := t.base.frame(c.Base), t.head.frame(c.Head)
	if len(before)+len(after) == 0 {
		return
	}
	fmt.Fprintf(t, "      %s\n", t.paint(dim, diag.Printable(t.options.place(c).String())))
	gone, came := t.edits.meant(c)
	switch gone, came = gone && c.Old != "", came && c.New != ""; {
	case !gone && !came && len(after) > 0:
		show(" ", dim, after) // where it belongs
	case !gone && !came:
		show(" ", dim, before)
	}
	if gone {
		show("-", red, before)
	}
	if came {
		show("+", green, after)
	}
}

const maxOperations = 4

func operations(ops []string) string {
	if len(ops) <= maxOperations {
		return diag.Printable(strings.Join(ops, ", "))
	}
	return diag.Printable(fmt.Sprintf("%d operations: %s, ...", len(ops), strings.Join(ops[:maxOperations-1], ", ")))
}
