package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// section is the changes of a service that concern people in the same way.
type section struct {
	Title  string
	Kind   string // "breaks", "undecided", "ok" or "same"
	Groups []review.Group
}

// sections sorts changes by what they mean to whoever decides: what breaks
// first, what is merely another way of writing last.
func sections(s *review.Service) []section {
	out := []section{
		{Title: "Breaking", Kind: "breaks"},
		{Title: "To be looked at", Kind: "undecided"},
		{Title: "Compatible", Kind: "ok"},
		{Title: "Same meaning, written differently", Kind: "same"},
	}
	var sorted [4][]*review.Change
	for _, c := range s.Changes {
		switch {
		case c.Worst() == review.Breaks:
			sorted[0] = append(sorted[0], c)
		case c.Worst() == review.Undecided:
			sorted[1] = append(sorted[1], c)
		case c.Refactoring:
			sorted[3] = append(sorted[3], c)
		default:
			sorted[2] = append(sorted[2], c)
		}
	}
	for i := range out {
		out[i].Groups = review.Groups(sorted[i])
	}
	return slices.DeleteFunc(out, func(s section) bool { return len(s.Groups) == 0 })
}

// changed are the services that have something to show.
func changed(r *review.Report) []*review.Service {
	var out []*review.Service
	for _, s := range r.Services {
		if s.Status != review.Unchanged {
			out = append(out, s)
		}
	}
	return out
}

// badges are the parties with their verdicts, as far as they are known.
func badges(c *review.Change) []badge {
	out := []badge{{"wire", c.Wire}}
	var targets []string
	for target := range c.Source {
		targets = append(targets, target)
	}
	slices.Sort(targets)
	for _, target := range targets {
		out = append(out, badge{"source " + target, c.Source[target]})
	}
	return append(out, badge{"decode", c.Decode})
}

type badge struct {
	Name    string
	Verdict review.Verdict
}

// where is the place of a change in the user's words.
func where(c *review.Change) string {
	if c.Pointer == "" {
		return c.Place
	}
	return c.Place + " " + unescaped(c.Pointer)
}

// title is where a group is.
func title(g review.Group) string {
	if g.Siblings && !strings.HasPrefix(g.Rule, "enum-") {
		pointer := g.Pointer[:max(0, strings.LastIndexByte(g.Pointer, '/'))]
		return strings.TrimSpace(g.Place + " " + unescaped(pointer))
	}
	return where(g.Change)
}

// maxNames bounds how many siblings are named.
const maxNames = 8

// message is what a group is about, in a sentence.
func message(g review.Group) string {
	switch n := len(g.Others); {
	case n == 0:
		return g.Message
	case !g.Siblings:
		return fmt.Sprintf("%s (and in %s)", g.Message, count(n, "more place"))
	}
	names := g.Names()[1:]
	more := ""
	if len(names) > maxNames {
		more = fmt.Sprintf(" and %d more", len(names)-maxNames)
		names = names[:maxNames]
	}
	for i := range names {
		names[i] = unescaped(names[i])
	}
	return g.Message + "; likewise " + strings.Join(names, ", ") + more
}

// approvals are the commands that accept a group; with many changes one shows
// how.
func approvals(g review.Group, o Options) (commands []string, more int) {
	for _, c := range append([]*review.Change{g.Change}, g.Others...) {
		if hint := approvalHint(c, o); hint != "" {
			commands = append(commands, hint)
		}
	}
	if len(commands) > 1 {
		return commands[:1], len(commands) - 1
	}
	return commands, 0
}

// maxSymbols bounds how many names of code are shown.
const maxSymbols = 4

// uncompilable says which names of generated code a group breaks, in one line or two.
type uncompilable struct {
	Lead  string
	Names []string
	More  int
}

// listed is a list of the names with how many more there are.
func (u uncompilable) listed(names string) string {
	if u.More == 0 {
		return names
	}
	return fmt.Sprintf("%s, and %d more", names, u.More)
}

func uncompilables(g review.Group) (out []uncompilable) {
	own, shared, more := g.Uncompilable()
	if len(own) > 0 {
		names, left := symbols(own, more)
		out, more = append(out, uncompilable{"does not compile any more", names, left}), 0
	}
	if len(shared) > 0 {
		names, left := symbols(shared, more)
		out = append(out, uncompilable{"does not compile any more, because of this or another change of the same place", names, left})
	}
	return out
}

// symbols are the names that people know, methods of interfaces first and what only
// generated code calls last, and how many more there are.
func symbols(all []string, more int) (names []string, left int) {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b string) int {
		rank := func(name string) int {
			if strings.Contains(name, ".Visit") {
				return -1
			}
			return strings.Count(name, ".")
		}
		return rank(b) - rank(a)
	})
	if len(out) > maxSymbols+1 || more > 0 {
		more += len(out) - min(len(out), maxSymbols)
		out = out[:min(len(out), maxSymbols)]
	}
	return out, more
}

// unescaped makes a pointer readable; it is not for machines any more.
func unescaped(pointer string) string {
	return jsonpointer.Unescape(pointer)
}

// difference is "old -> new", for changes that have both.
func difference(c *review.Change) string {
	if c.Old == "" || c.New == "" {
		return ""
	}
	return c.Old + " → " + c.New
}

// headline is the review in one line: whom it breaks, what the versions need,
// and what is missing.
func headline(r *review.Report, o Options) string {
	breaks, undecided, ok := r.Counts()
	same := 0
	for _, c := range r.All() {
		if c.Refactoring && c.Worst() == review.OK {
			same++
		}
	}
	unreadable := 0
	for _, s := range r.Services {
		if s.Status == review.Unreadable {
			unreadable++
		}
	}
	if breaks+undecided+ok == same && unreadable > 0 {
		return count(unreadable, "contract") + " cannot be read"
	}
	errors := ""
	if n := r.Problems.Errors(); n > 0 {
		errors = " · " + count(n, "error")
	}
	if breaks+undecided+ok == same {
		line := "No change for anybody since " + r.Base
		if same > 0 {
			line += fmt.Sprintf(" · %d refactored", same)
		}
		return line + errors
	}
	var out []string
	if broken := r.Broken(); len(broken) > 0 {
		names := make([]string, len(broken))
		for i, p := range broken {
			names[i] = string(p)
		}
		out = append(out, fmt.Sprintf("Breaks %s (%s)", strings.Join(names, ", "), count(breaks, "change")))
	} else {
		out = append(out, "Breaks nobody")
	}
	if undecided > 0 {
		out = append(out, fmt.Sprintf("%d to be looked at", undecided))
	}
	for _, s := range r.Services {
		if s.NextVersion != "" && s.NextVersion != s.BaseVersion {
			out = append(out, s.Name+" needs "+s.NextVersion)
		}
	}
	if open := len(r.Blocking(o.Parties...)); open > 0 && o.Approve != nil {
		out = append(out, count(open, "approval")+" missing")
	}
	return strings.Join(out, " · ") + errors
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// needs are the artefacts of a service and the step that each needs, in order.
func needs(s *review.Service) []string {
	var out []string
	for artefact, step := range s.Needs {
		out = append(out, artefact+": "+step.String())
	}
	slices.SortFunc(out, func(a, b string) int {
		x, y := strings.HasPrefix(a, "contract"), strings.HasPrefix(b, "contract")
		if x != y {
			if x {
				return -1
			}
			return 1
		}
		return cmp.Compare(a, b)
	})
	return out
}

// approvalHint is the command that accepts a change, where one is missing.
func approvalHint(c *review.Change, o Options) string {
	if o.Approve == nil || !slices.ContainsFunc(o.Parties, c.Open) {
		return ""
	}
	return o.Approve(c.ID)
}
