package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/review"
)

// Marker starts every comment: whoever posts one finds the last one by it and
// updates it.
const Marker = "<!-- banyan-review -->"

// maxMarkdown is the length of a comment in bytes. Code hosts take a little more
// than 65,000.
const maxMarkdown = 60_000

// markdown is for a comment on a pull request. It stops before it gets too long,
// and says so.
func markdown(w io.Writer, r *review.Report, o Options) error {
	var b strings.Builder
	b.WriteString(Marker + "\n### " + escape(Headline(r, o.Parties)) + "\n")
	if commit := r.BaseCommit; commit != "" {
		fmt.Fprintf(&b, "\nCompared with `%s` at `%.12s`.\n", r.Base, commit)
	}
	left := 0
	add := func(text string) {
		if left > 0 || b.Len()+len(text) > maxMarkdown {
			left++
			return
		}
		b.WriteString(text)
	}
	for _, s := range changed(r) {
		b.WriteString(serviceTable(s))
		for _, section := range sections(s) {
			folded := section.Kind == "ok" || section.Kind == "same"
			head := fmt.Sprintf("\n**%s** (%d)\n\n", section.Title, len(section.Groups))
			if folded {
				head = fmt.Sprintf("\n<details><summary>%s (%d)</summary>\n\n", section.Title, len(section.Groups))
			}
			add(head)
			for _, g := range section.Groups {
				add(entry(g, section.Kind, o))
			}
			if folded && left == 0 {
				b.WriteString("\n</details>\n")
			}
		}
	}
	if left > 0 {
		fmt.Fprintf(&b, "\n</details>\n\n%s more: run `banyan review`, or look at the full report of the pipeline.\n", count(left, "entry"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func serviceTable(s *review.Service) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n#### %s\n", escape(s.Name))
	if s.Status != review.Changed {
		fmt.Fprintf(&b, "\nThe service is %s.\n", s.Status)
		return b.String()
	}
	b.WriteString("\n| artefact | needs |\n|---|---|\n")
	for _, n := range needs(s) {
		name, step, _ := strings.Cut(n, ": ")
		if name == "contract" && s.NextVersion != "" {
			step += " (" + s.BaseVersion + " → at least " + s.NextVersion + ", is " + s.HeadVersion + ")"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", escape(name), escape(step))
	}
	return b.String()
}

var icons = map[review.Verdict]string{review.OK: "✅", review.Undecided: "❔", review.Breaks: "❌"}

// entry is one change, with details folded where they are long.
func entry(g review.Group, kind string, o Options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- %s **%s**: %s", marks[kind], code(title(g)), escape(message(g)))
	if link := links(g.Change, o); link != "" {
		b.WriteString(" " + link)
	}
	b.WriteByte('\n')
	if kind == "ok" || kind == "same" {
		return b.String()
	}
	var parts []string
	for _, v := range badges(g.Change) {
		parts = append(parts, icons[v.Verdict]+" "+v.Name)
	}
	fmt.Fprintf(&b, "  %s · `%s`\n", strings.Join(parts, " "), g.Rule)
	for _, why := range g.Why {
		fmt.Fprintf(&b, "  - %s\n", escape(why))
	}
	if len(g.Symbols) > 0 {
		fmt.Fprintf(&b, "  - does not compile any more: %s\n", code(strings.Join(g.Symbols, ", ")))
	}
	if ops := g.Affected(); len(ops) > 1 || len(ops) == 1 && ops[0] != g.Place {
		fmt.Fprintf(&b, "  - <details><summary>affects %s</summary>\n\n", count(len(ops), "operation"))
		for i, op := range ops {
			if i == 50 {
				fmt.Fprintf(&b, "    and %d more\n", len(ops)-i)
				break
			}
			fmt.Fprintf(&b, "    %s\n", code(op))
		}
		b.WriteString("    </details>\n")
	}
	if d := difference(g.Change); d != "" {
		fmt.Fprintf(&b, "  - %s\n", code(d))
	}
	if g.Rewrite != "" {
		fmt.Fprintf(&b, "  - instead: %s\n", escape(g.Rewrite))
	}
	if g.Approved != nil {
		fmt.Fprintf(&b, "  - approved by %s until %s: %s\n", escape(g.Approved.By), g.Approved.Until, escape(g.Approved.Reason))
	} else {
		commands, more := approvals(g, o.Parties)
		for _, command := range commands {
			fmt.Fprintf(&b, "  - to accept it: %s", code(command))
			if more > 0 {
				fmt.Fprintf(&b, " (and %d more ids, in the full report)", more)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func links(c *review.Change, o Options) string {
	if o.Link == nil {
		return ""
	}
	var out []string
	for _, side := range []struct {
		name Side
		pos  config.Pos
	}{{BaseSide, c.Base}, {HeadSide, c.Head}} {
		if side.pos.Line > 0 {
			if url := o.Link(side.name, side.pos.File, side.pos.Line); url != "" {
				out = append(out, fmt.Sprintf("[%s](%s)", side.name, url))
			}
		}
	}
	return strings.Join(out, " ")
}

var special = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "|", "\\|", "#", "\\#", "@", "&#64;", "\n", " ")

// escape keeps words of a contract from being read as markup, or as the name of
// somebody to notify.
func escape(s string) string { return special.Replace(printable(s)) }

// code is text in backticks, of which it may hold some itself.
func code(s string) string {
	s = strings.ReplaceAll(printable(strings.ReplaceAll(s, "\n", " ")), "|", "\\|")
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
