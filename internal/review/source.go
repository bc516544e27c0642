package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/contract"
)

// SurfaceChange is a change of what generated code offers to those who write
// against it.
type SurfaceChange struct {
	// Symbol is the name in the target's language, such as "User.Email".
	Symbol string
	// Place and Pointer say what of the contract it comes from, as in a Change.
	Place, Pointer string
	// Breaks says that code that used it does not compile any more.
	Breaks bool
	// ToImplement says that those who implement the service have it to write.
	ToImplement bool
	// Old and New are what it looked and looks like; empty where there is none.
	Old, New string
}

// obscure is 1 for what only generated code calls, and 0 for what people write.
func (sc SurfaceChange) obscure() int {
	if strings.Contains(sc.Symbol, ".Visit") {
		return 1
	}
	return 0
}

// judge fills in what changes do to code, and to decoders as far as their kind tells. It
// returns the symbols that no change accounts for, by target.
func judge(changes []*Change, surfaces map[string][]SurfaceChange) (unexplained map[string][]string) {
	unexplained = map[string][]string{}
	for _, c := range changes {
		c.Decode = decodeByRule(c)
	}
	for target, list := range surfaces {
		for _, c := range changes {
			if c.Source == nil {
				c.Source = map[string]Verdict{}
			}
			c.Source[target] = OK
		}
		broken := slices.DeleteFunc(slices.Clone(list), func(sc SurfaceChange) bool { return !sc.Breaks })
		found := suspectsAmong(changes, broken)
		slices.SortStableFunc(broken, func(a, b SurfaceChange) int { return a.obscure() - b.obscure() })
		for _, sc := range broken {
			culprits := found.culprits(sc)
			for _, c := range culprits {
				c.Source[target] = Breaks
				c.uncompilable(sc.Symbol, len(culprits) > 1)
			}
			if len(culprits) == 0 {
				unexplained[target] = append(unexplained[target], sc.Symbol)
			}
		}
	}
	return unexplained
}

// uncompilable notes a symbol that the change breaks, by itself or as one of several.
func (c *Change) uncompilable(symbol string, shared bool) {
	list := &c.Symbols
	if shared {
		list = &c.Shared
	}
	switch {
	case slices.Contains(c.Symbols, symbol) || slices.Contains(c.Shared, symbol): // in another target
	case len(*list) < maxSymbols:
		*list = append(*list, symbol)
	default:
		c.MoreSymbols++
	}
}

// renamed adds a change for code that does not compile any more though nothing of the
// contract says so: names depend on each other.
func (s *Service) renamed(is *contract.Contract, unexplained map[string][]string) {
	for _, target := range slices.Sorted(maps.Keys(unexplained)) {
		symbols := unexplained[target]
		c := &Change{Rule: "generated-code-changed", Service: s.Name, Place: "service " + s.Name, Pointer: "/" + target, Message: "names of the generated code changed", Old: symbols[0], Head: is.Pos, Source: map[string]Verdict{target: Breaks}}
		// Of what only has another name for a type in it, a review that reads no more
		// than what differs does not see all: the first are shown, and none counted.
		for _, symbol := range symbols[:min(len(symbols), maxSymbols)] {
			c.uncompilable(symbol, false)
		}
		c.identify()
		s.Changes = append(s.Changes, c)
	}
}

// maxSymbols bounds how many symbols of generated code a change names.
const maxSymbols = 8

// usedBy notes that an operation holds what changed, at a pointer.
func (c *Change) usedBy(op, pointer string) {
	if c.uses == nil {
		c.uses = map[string][]string{}
	}
	if !slices.Contains(c.uses[op], pointer) {
		c.uses[op] = append(c.uses[op], pointer)
	}
}
