package contract

import (
	"fmt"
	"slices"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// Reader is who cannot do what rules of this package are about, as
// diag.Rule.Unsupported has it.
const Reader = "contract"

// Listing is a rule that banyan.yaml lists for a service: what it finds is known
// there, and no error.
type Listing struct {
	Rule string
	Pos  config.Pos
}

// unsupported reads the rules that a service lists.
func (r *workspaceReader) unsupported(entries []config.Value[string]) []Listing {
	var out []Listing
	for _, e := range entries {
		if !given(r, e) {
			continue
		}
		rule, known := diag.Lookup(e.V)
		i := slices.IndexFunc(out, func(l Listing) bool { return l.Rule == e.V })
		switch {
		case !known:
			r.list.Add(ruleListing, e.Pos, fmt.Sprintf("there is no rule %q", e.V), config.Suggest(e.V, listable()))
		case rule.Unsupported == "":
			// It may have been about such a thing once: who listed it is to be
			// told, and not to be kept from building.
			r.list.Warn(ruleListing, e.Pos, fmt.Sprintf("the rule %s is not about something that is not supported, and need not be listed", e.V), "remove it; "+config.Suggest("", listable()))
		case i >= 0:
			r.list.Add(ruleListing, e.Pos, fmt.Sprintf("%s is listed twice", e.V), "the first is at "+out[i].Pos.String())
		default:
			out = append(out, Listing{e.V, e.Pos})
		}
	}
	return out
}

// listable are the rules that can be listed, sorted.
func listable() []string {
	var out []string
	for _, r := range diag.Rules() {
		if r.Unsupported != "" {
			out = append(out, r.ID)
		}
	}
	return out
}

// Settle decides about what somebody cannot do, as found in the whole contract:
// findings of rules that banyan.yaml lists become warnings, all others stay
// errors and say how to list them. A listing that nothing needed is an error,
// unless the contract has other errors, which may have hidden what it is for.
func (c *Contract) Settle(by string, found diag.List) diag.List {
	needed := map[string]bool{}
	whole := true
	for i := range found {
		d := &found[i]
		if rule, _ := diag.Lookup(d.Rule); rule.Unsupported != by {
			whole = whole && d.Severity != diag.Error
			continue
		}
		needed[d.Rule] = true
		if c.lists(d.Rule) {
			d.Severity = diag.Warning
			continue
		}
		d.Severity = diag.Error
		if d.Hint != "" {
			d.Hint += "; or "
		}
		d.Hint += fmt.Sprintf("accept it: services: {%s: {unsupported: [%s]}} in %s", c.Name, d.Rule, WorkspaceFile)
	}
	if whole {
		c.Unneeded(&found, func(r diag.Rule) bool { return r.Unsupported == by && !needed[r.ID] })
	}
	return found
}

// Unneeded reports the listings of the service whose rules are as asked for.
func (c *Contract) Unneeded(list *diag.List, which func(diag.Rule) bool) {
	for _, l := range c.Unsupported {
		if rule, _ := diag.Lookup(l.Rule); which(rule) {
			list.Add(ruleUnused, l.Pos, fmt.Sprintf("nothing in the contract of %s needs %s to be listed", c.Name, l.Rule), "remove it")
		}
	}
}

func (c *Contract) lists(rule string) bool {
	return slices.ContainsFunc(c.Unsupported, func(l Listing) bool { return l.Rule == rule })
}

// tolerated are findings for those who only compare: what nobody can do is the
// same in both contracts.
func tolerated(found diag.List) diag.List {
	for i := range found {
		if rule, _ := diag.Lookup(found[i].Rule); rule.Unsupported != "" {
			found[i].Severity = diag.Warning
		}
	}
	return found
}

// Broken reports whether a contract has an error beside what is not supported,
// so that there is nothing to go on with.
func Broken(found diag.List) bool {
	return slices.ContainsFunc(found, func(d diag.Diagnostic) bool {
		rule, _ := diag.Lookup(d.Rule)
		return d.Severity == diag.Error && rule.Unsupported == "" && d.Rule != ruleUnused
	})
}
