package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review"
)

// Marker starts every comment: whoever posts one finds the last one by it and
// updates it.
const Marker = "<!-- banyan-review -->"

// maxMarkdown is the length of a comment in bytes. Code hosts take a little more
// than 65,000.
const maxMarkdown = 60_000

// maxEntry is the length of one entry, in bytes.
const maxEntry = 6_000

// comment is Markdown that ends before it gets too long. What it opens, it
// closes.
type comment struct {
	strings.Builder
	left int // entries that had no room
}

const (
	foldEnd = "\n</details>\n"
	reserve = 400 // for what closes the comment
)

// add writes a text if there is room for it.
func (c *comment) add(text string) bool {
	if c.Len()+len(text)+len(foldEnd)+reserve > maxMarkdown {
		return false
	}
	c.WriteString(text)
	return true
}

// markdown is for a comment on a pull request. It stops before it gets too long,
// and says so. What breaks has room before what does not.
func markdown(w io.Writer, r *review.Report, o Options) error {
	c := &comment{}
	c.WriteString(Marker + "\n### " + escape(headline(r, o)) + "\n")
	if r.BaseCommit != "" {
		fmt.Fprintf(c, "\nCompared with %s at `%.12s`.\n", code(r.Base), r.BaseCommit)
	}
	c.problems(slices.DeleteFunc(Problems(r, o), func(d diag.Diagnostic) bool {
		return d.Rule == review.RuleVersion // it is in the tables
	}))
	for _, s := range changed(r) {
		all := sections(s)
		if !c.add(serviceTable(s)) {
			for _, section := range all {
				c.left += len(section.Groups)
			}
			continue
		}
		for _, section := range all {
			c.section(section, o)
		}
	}
	if c.left > 0 {
		fmt.Fprintf(c, "\n%s more: run `banyan review`, or look at the full report of the pipeline.\n", entries(c.left))
	}
	_, err := io.WriteString(w, c.String())
	return err
}

// maxProblems bounds how many problems a comment lists.
const maxProblems = 20

// problems are what keeps the review from being trusted, or fails it whatever
// changed: contracts with faults, approvals that do not hold.
func (c *comment) problems(list diag.List) {
	if len(list) == 0 {
		return
	}
	c.WriteString("\n**Problems**\n\n")
	for i, d := range list {
		if i == maxProblems {
			fmt.Fprintf(c, "- and %d more\n", len(list)-i)
			break
		}
		mark := icons[review.Undecided]
		if d.Severity == diag.Error {
			mark = icons[review.Breaks]
		}
		fmt.Fprintf(c, "- %s %s: %s (%s)", mark, code(d.Pos.String()), escape(d.Message), code(d.Rule))
		if d.Hint != "" {
			fmt.Fprintf(c, "<br>%s", escape(d.Hint))
		}
		c.WriteByte('\n')
	}
}

func (c *comment) section(s section, o Options) {
	folded := s.Kind == "ok" || s.Kind == "same"
	head := fmt.Sprintf("\n**%s** (%d)\n\n", s.Title, len(s.Groups))
	if folded {
		head = fmt.Sprintf("\n<details><summary>%s (%d)</summary>\n\n", s.Title, len(s.Groups))
	}
	if !c.add(head) {
		c.left += len(s.Groups)
		return
	}
	for _, g := range s.Groups {
		text := entry(g, s.Kind, o, true)
		if len(text) > maxEntry {
			text = entry(g, s.Kind, o, false)
		}
		if c.left > 0 || !c.add(text) {
			c.left++ // what is shown is the beginning, without gaps
		}
	}
	if folded {
		c.WriteString(foldEnd)
	}
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
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

// entry is one change, with details folded where they are long, or without them.
func entry(g review.Group, kind string, o Options, details bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- %s **%s**: %s", marks[kind], code(title(g)), escape(message(g)))
	if link := links(g.Change, o); link != "" {
		b.WriteString(" " + link)
	}
	b.WriteByte('\n')
	if kind == "ok" || kind == "same" || !details {
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
	for _, u := range uncompilables(g) {
		fmt.Fprintf(&b, "  - %s: %s\n", u.Lead, u.listed(codes(u.Names)))
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
	if patch := o.patch(g); patch != "" {
		fmt.Fprintf(&b, "  - <details><summary>take it back, as a patch</summary>\n\n%s    </details>\n", fenced(patch, "    "))
	}
	if g.Approved != nil {
		fmt.Fprintf(&b, "  - approved by %s until %s: %s\n", escape(g.Approved.By), escape(g.Approved.Until), escape(g.Approved.Reason))
	} else {
		commands, more := approvals(g, o)
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

// fenced is a patch as a block of code, whatever it holds.
func fenced(patch, indent string) string {
	fence := "```"
	for strings.Contains(patch, fence) {
		fence += "`"
	}
	var b strings.Builder
	b.WriteString(indent + fence + "diff\n")
	for line := range strings.Lines(patch) {
		b.WriteString(indent + line)
	}
	b.WriteString(indent + fence + "\n")
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
				out = append(out, fmt.Sprintf("[%s](%s)", side.name, address(url)))
			}
		}
	}
	return strings.Join(out, " ")
}

// joiner is invisible and keeps what stands around it together: behind @ and #
// it keeps code hosts from reading a name to notify, or the number of an issue,
// which they look for after entities and backslashes are gone.
const joiner = "\u2060"

var special = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "~", "\\~", "[", "\\[", "]", "\\]", "!", "\\!", "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"|", "\\|", "#", "\\#"+joiner, "@", "@"+joiner, "://", ":"+joiner+"//", "www.", "www"+joiner+".")

// maxWords bounds a text of a contract that is repeated, in characters.
const maxWords = 400

func bounded(s string) string {
	if len(s) <= maxWords {
		return s
	}
	n := 0
	for i := range s {
		if n++; n > maxWords {
			return s[:i] + "..."
		}
	}
	return s
}

// address keeps a URL inside the brackets that it stands in.
func address(url string) string {
	var b strings.Builder
	for i := range len(url) {
		if c := url[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("<>()[]`|\\*\"", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escape keeps words of a contract from being read as markup, as a link, or as
// the name of somebody to notify.
func escape(s string) string { return special.Replace(diag.Printable(bounded(spaced(s)))) }

func spaced(s string) string {
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(s)
}

// codes are texts in backticks each, but for a remark such as "and 3 more".
func codes(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = code(s)
	}
	return strings.Join(out, ", ")
}

// code is text in backticks, of which it may hold some itself.
func code(s string) string {
	s = strings.ReplaceAll(diag.Printable(bounded(spaced(s))), "|", "\\|")
	if strings.TrimSpace(s) == "" {
		return "` `"
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
