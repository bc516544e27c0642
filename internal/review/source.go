package review

import (
	"iter"
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
	found := suspectsAmong(changes)
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
			for _, c := range found.culprits(sc) {
				c.Source[target] = Breaks
				if n := len(c.Symbols); n < maxSymbols && !(n > 0 && c.Symbols[n-1] == sc.Symbol) {
					c.Symbols = append(c.Symbols, sc.Symbol)
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

// suspects finds the changes that a break of a symbol may come from, by the operations
// and schemas that they are about.
type suspects map[string]*neighbours

// neighbours are the changes of one operation or schema: those at a pointer, those
// below one, and those of schemas that the operation holds.
type neighbours struct {
	at, below map[string][]*Change
	through   []*Change
}

func suspectsAmong(changes []*Change) suspects {
	out := suspects{}
	of := func(place string) *neighbours {
		if out[place] == nil {
			out[place] = &neighbours{at: map[string][]*Change{}, below: map[string][]*Change{}}
		}
		return out[place]
	}
	add := func(c *Change, place string, pointers ...string) {
		n := of(place)
		for _, p := range pointers {
			n.at[p] = append(n.at[p], c)
			for above := range ancestors(p) {
				n.below[above] = append(n.below[above], c)
			}
		}
	}
	for _, c := range changes {
		own := []string{c.Place}
		if c.Rule == "schema-renamed" {
			own = append(own, "schema "+c.Old)
		}
		for _, place := range own {
			add(c, place, c.Pointer)
		}
		for place, pointers := range c.uses {
			switch {
			case slices.Contains(own, place):
			case strings.HasPrefix(c.Place, "schema "):
				n := of(place)
				n.through = append(n.through, c)
			default:
				add(c, place, pointers...)
			}
		}
	}
	return out
}

// ancestors are the pointers above a pointer, the nearest first.
func ancestors(pointer string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := strings.LastIndexByte(pointer, '/'); i >= 0; i = strings.LastIndexByte(pointer, '/') {
			if pointer = pointer[:i]; !yield(pointer) {
				return
			}
		}
	}
}

// culprits are the changes that a break of a symbol comes from: those of the very
// place, else those around it or in it, else those of the operation or schema.
func (s suspects) culprits(sc SurfaceChange) []*Change {
	n := s[sc.Place]
	if n == nil {
		return nil
	}
	if here := n.at[sc.Pointer]; len(here) > 0 {
		return here
	}
	out := slices.Clone(n.below[sc.Pointer])
	for above := range ancestors(sc.Pointer) {
		out = append(out, n.at[above]...)
	}
	if len(out) > 0 {
		return out
	}
	return n.through
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
