package diag

import "slices"

// Rule documents one kind of finding; `banyan explain ID` prints it.
type Rule struct {
	// ID is in kebab-case and names the thing caught, not the remedy.
	ID string
	// Summary says in one sentence what is wrong.
	Summary string
	// Why says what happens to users who leave it.
	Why string
	// Example shows the fault; Fix shows it mended. Both are file excerpts.
	Example, Fix string
	// Unsupported names who cannot do what the contract asks for: "contract" for
	// the reader and the engine that checks messages, or a target. Findings of
	// such a rule are errors, and warnings where banyan.yaml lists the rule under
	// unsupported. It is empty for all other rules.
	Unsupported string
}

var rules = map[string]Rule{}

// Register adds rules. It is called from package-level variables, before main,
// and panics when an ID is taken: that is a fault of ours.
func Register(rs ...Rule) struct{} {
	for _, r := range rs {
		if _, taken := rules[r.ID]; taken {
			panic("diag: rule registered twice: " + r.ID)
		}
		rules[r.ID] = r
	}
	return struct{}{}
}

// Lookup returns the rule with that ID.
func Lookup(id string) (Rule, bool) {
	r, ok := rules[id]
	return r, ok
}

// Rules returns all rules, sorted by ID.
func Rules() []Rule {
	out := make([]Rule, 0, len(rules))
	for _, r := range rules {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Rule) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	return out
}
