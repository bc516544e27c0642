package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/banyan-go/banyan/internal/review"
)

// chapters are the parts of a changelog, in the order of Keep a Changelog, what
// breaks first.
var chapters = []struct {
	title string
	holds func(*review.Change) bool
}{
	{"Breaking", func(c *review.Change) bool { return c.Wire == review.Breaks }},
	{"Removed", func(c *review.Change) bool {
		return strings.HasSuffix(c.Rule, "-removed") || c.Rule == "operation-removed-after-sunset"
	}},
	{"Deprecated", func(c *review.Change) bool { return strings.HasSuffix(c.Rule, "-deprecated") }},
	{"Added", func(c *review.Change) bool { return strings.HasSuffix(c.Rule, "-added") }},
	{"Changed", func(c *review.Change) bool { return true }},
}

// inOperations names a few operations.
func inOperations(ops []string) string {
	if len(ops) > maxOperations {
		return fmt.Sprintf("%d operations: %s, ...", len(ops), codes(ops[:maxOperations-1]))
	}
	return codes(ops)
}

// Changelog writes what changed for clients as Markdown: a chapter for each kind,
// an entry for each cause. What clients cannot notice on the wire, such as a
// schema's name, is left out.
func Changelog(w io.Writer, r *review.Report) error {
	var b strings.Builder
	for _, s := range changed(r) {
		version := s.HeadVersion
		if version == "" {
			version = string(s.Status)
		}
		fmt.Fprintf(&b, "## %s %s\n", escape(s.Name), escape(version))
		left := []*review.Change{}
		for _, c := range s.Changes {
			if !c.Refactoring && !strings.HasPrefix(c.Rule, "schema-") && c.Rule != "extension-changed" && c.Rule != "operation-id-changed" && c.Rule != "second-opinion" {
				left = append(left, c)
			}
		}
		if len(left) == 0 {
			b.WriteString("\nNothing that clients notice.\n\n")
			continue
		}
		for _, chapter := range chapters {
			var in, rest []*review.Change
			for _, c := range left {
				if chapter.holds(c) {
					in = append(in, c)
				} else {
					rest = append(rest, c)
				}
			}
			left = rest
			if len(in) == 0 {
				continue
			}
			fmt.Fprintf(&b, "\n### %s\n\n", chapter.title)
			for _, g := range review.Groups(in) {
				fmt.Fprintf(&b, "- %s: %s", code(title(g)), escape(message(g)))
				if ops := g.Affected(); strings.HasPrefix(g.Place, "schema ") && len(ops) > 0 {
					fmt.Fprintf(&b, " (in %s)", inOperations(ops))
				}
				b.WriteByte('\n')
			}
		}
		b.WriteByte('\n')
	}
	if b.Len() == 0 {
		fmt.Fprintf(&b, "Nothing has changed since %s.\n", r.Base)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
