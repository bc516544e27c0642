package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/banyan-go/banyan/internal/review"
)

// text is for a terminal.
func text(w io.Writer, r *review.Report, o Options) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, Headline(r, o.Parties))
	for _, s := range r.Services {
		if s.Status == review.Unchanged {
			continue
		}
		fmt.Fprintf(&b, "\n%s (%s)\n", s.Name, s.Status)
		for _, g := range review.Groups(s.Changes) {
			fmt.Fprintf(&b, "  %-9s %s%s: %s", g.Wire, g.Place, pointer(g.Pointer), g.Message)
			if n := len(g.Others); n > 0 {
				fmt.Fprintf(&b, " (and in %d more places)", n)
			}
			fmt.Fprintf(&b, "  [%s %s]\n", g.Rule, g.ID)
			for _, why := range g.Why {
				fmt.Fprintf(&b, "            %s\n", why)
			}
			if ops := g.Affected(); len(ops) > 1 || len(ops) == 1 && ops[0] != g.Place {
				fmt.Fprintf(&b, "            affects %s\n", operations(ops))
			}
			if g.Rewrite != "" && g.Worst() == review.Breaks {
				fmt.Fprintf(&b, "            instead: %s\n", g.Rewrite)
			}
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

func pointer(p string) string {
	if p == "" {
		return ""
	}
	return " " + p
}

const maxOperations = 4

func operations(ops []string) string {
	if len(ops) <= maxOperations {
		return strings.Join(ops, ", ")
	}
	return fmt.Sprintf("%d operations: %s, ...", len(ops), strings.Join(ops[:maxOperations-1], ", "))
}

// Headline is the review in one line: whom it breaks, what the versions need,
// and what is missing.
func Headline(r *review.Report, parties []review.Party) string {
	breaks, undecided, ok := r.Counts()
	total := breaks + undecided + ok
	if total == 0 {
		return fmt.Sprintf("No change for anybody since %s", r.Base)
	}
	var out []string
	if broken := r.Broken(); len(broken) > 0 {
		names := make([]string, len(broken))
		for i, p := range broken {
			names[i] = string(p)
		}
		out = append(out, "Breaks "+strings.Join(names, " and "))
	} else {
		out = append(out, "Breaks nobody")
	}
	out = append(out, fmt.Sprintf("%d breaking, %d undecided, %d compatible", breaks, undecided, ok))
	for _, s := range r.Services {
		if s.NextVersion != "" && s.NextVersion != s.BaseVersion {
			out = append(out, s.Name+" needs "+s.NextVersion)
		}
	}
	if open := len(r.Blocking(parties...)); open > 0 {
		out = append(out, fmt.Sprintf("%d approvals missing", open))
	}
	return strings.Join(out, " · ")
}
