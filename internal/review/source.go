package review

import (
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
	// Old and New are what it looked and looks like; empty where there is none.
	Old, New string
}

// judge fills in what changes do to code and to decoders.
func judge(changes []*Change, was, is *contract.Contract, s Settings) {
	for _, c := range changes {
		c.Decode = decodeVerdict(c)
	}
	if s.Surfaces == nil {
		return
	}
	for target, list := range s.Surfaces(was, is) {
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
			for _, c := range changes {
				if touches(c, sc) {
					c.Source[target] = Breaks
				}
			}
		}
	}
}

// touches reports whether a change may be the cause of what happened to a symbol:
// they speak of the same place.
func touches(c *Change, sc SurfaceChange) bool {
	if c.Place != sc.Place {
		return false
	}
	return c.Pointer == sc.Pointer || strings.HasPrefix(c.Pointer, sc.Pointer+"/") || strings.HasPrefix(sc.Pointer, c.Pointer+"/")
}

// decodeVerdict says whether a decoder that was shipped reads the new answers:
// it minds types and presence, and takes any text for an enum.
func decodeVerdict(c *Change) Verdict {
	if !rules[c.Rule].decode {
		return OK
	}
	return c.answers
}
