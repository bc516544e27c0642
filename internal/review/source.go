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

// judge fills in what changes do to code, and to decoders as far as their kind tells.
func judge(changes []*Change, surfaces map[string][]SurfaceChange) {
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
		for _, sc := range list {
			if !sc.Breaks {
				continue
			}
			for _, c := range culprits(changes, sc) {
				c.Source[target] = Breaks
				if symbols := c.Symbols; len(symbols) < maxSymbols {
					c.Symbols = append(symbols, sc.Symbol)
				}
			}
		}
	}
}

// renamed adds a change for code that does not compile any more though nothing of the
// contract says so: names depend on each other.
func (s *Service) renamed(is *contract.Contract) {
	for _, target := range slices.Sorted(maps.Keys(s.Surface)) {
		if slices.ContainsFunc(s.Changes, func(c *Change) bool { return c.Source[target] == Breaks }) {
			continue // which brought the other names with it
		}
		var c *Change
		for _, sc := range s.Surface[target] {
			if !sc.Breaks {
				continue
			}
			if c == nil {
				c = &Change{Rule: "generated-code-changed", Service: s.Name, Place: "service " + s.Name, Pointer: "/" + target, Message: "names of the generated code changed", Old: sc.Symbol, Head: is.Pos, Source: map[string]Verdict{target: Breaks}}
				c.identify()
				s.Changes = append(s.Changes, c)
			}
			if len(c.Symbols) < maxSymbols {
				c.Symbols = append(c.Symbols, sc.Symbol)
			}
		}
	}
}

// maxSymbols bounds how many symbols of generated code a change names.
const maxSymbols = 8

// culprits are the changes that a break of a symbol comes from: those of the very
// place, else those around it or in it, else those of the operation or schema.
func culprits(changes []*Change, sc SurfaceChange) []*Change {
	var best []*Change
	nearest := 0
	for _, c := range changes {
		near := nearness(c, sc)
		if near > nearest {
			best, nearest = nil, near
		}
		if near == nearest && near > 0 {
			best = append(best, c)
		}
	}
	return best
}

// nearness tells how near a change is to a symbol: 0 is elsewhere.
func nearness(c *Change, sc SurfaceChange) int {
	pointers := c.uses[sc.Place]
	switch {
	case c.Place == sc.Place, c.Rule == "schema-renamed" && sc.Place == "schema "+c.Old:
		pointers = []string{c.Pointer}
	case pointers != nil && strings.HasPrefix(c.Place, "schema "):
		return 1 // through a schema that the operation holds
	}
	best := 0
	for _, p := range pointers {
		switch {
		case p == sc.Pointer:
			best = 4
		case strings.HasPrefix(p, sc.Pointer+"/"), strings.HasPrefix(sc.Pointer, p+"/"):
			best = max(best, 3)
		}
	}
	return best
}

// usedBy notes that an operation holds what changed, at a pointer.
func (c *Change) usedBy(op, pointer string) {
	if c.uses == nil {
		c.uses = map[string][]string{}
	}
	if !slices.Contains(c.uses[op], pointer) {
		c.uses[op] = append(c.uses[op], pointer)
	}
}
