// Package review says what a change of contract does to whom: whether old
// requests still pass and old clients can still read the answers (wire), whether
// code written against the generated packages still compiles (source), and
// whether decoders that were shipped read the new answers (decode).
//
// A cause is reported once, however many operations it reaches. What is written
// differently and means the same is no change.
package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// Verdict is what a change does to one party.
type Verdict uint8

const (
	// OK says that nothing breaks.
	OK Verdict = iota
	// Undecided says that it depends on what the contract does not tell, or
	// that it was not examined.
	Undecided
	// Breaks says that something valid before fails now.
	Breaks
)

var verdictNames = [...]string{"ok", "undecided", "breaks"}

// String returns "ok", "undecided" or "breaks".
func (v Verdict) String() string { return verdictNames[v] }

// MarshalText implements encoding.TextMarshaler.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(text []byte) error {
	i := slices.Index(verdictNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no verdict", text)
	}
	*v = Verdict(i)
	return nil
}

// Change is one difference between two contracts, with what it does.
type Change struct {
	// ID tells the change from all others by what it is: rule, place by names,
	// old and new value. It survives reformatting and new versions of the tool.
	ID string `json:"id"`
	// Rule is the kind of change, such as "enum-value-removed".
	Rule string `json:"rule"`
	// Service is the contract's name in the workspace.
	Service string `json:"service"`
	// Place is where, by names: "GET /users/{id}", or "schema User", and below
	// it in Pointer: "/query/limit", "/email".
	Place   string `json:"place"`
	Pointer string `json:"pointer,omitempty"`
	// Message says what changed, in a sentence without a full stop.
	Message string `json:"message"`
	// Old and New are what stood and stands there, as short text.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// Base and Head are the places in the files; zero where there is nothing.
	Base config.Pos `json:"base"`
	Head config.Pos `json:"head"`
	// Wire is the worst verdict over all operations that the change reaches;
	// Why has a sentence for each way in which it is not OK.
	Wire Verdict  `json:"wire"`
	Why  []string `json:"why,omitempty"`
	// Source goes from targets, such as "goserver", to verdicts.
	Source map[string]Verdict `json:"source,omitempty"`
	Decode Verdict            `json:"decode"`
	// Undecodable is what shows that Decode breaks: an answer that is possible now,
	// and what the old client code says of it.
	Undecodable *Undecodable `json:"undecodable,omitempty"`
	// Symbols are names of generated code that do not compile any more because of the
	// change. Of Shared each is due to one of several changes that all name it.
	Symbols []string `json:"symbols,omitempty"`
	Shared  []string `json:"sharedSymbols,omitempty"`
	// MoreSymbols is how many of them are left out, where there are many.
	MoreSymbols int `json:"moreSymbols,omitempty"`
	// Affects are the operations that the change breaks, or may break, sorted; of a
	// change that is harmless on the wire, all that it reaches.
	Affects []string `json:"affects,omitempty"`
	// Refactoring says that the meaning is the same: a rename, a move.
	Refactoring bool `json:"refactoring,omitempty"`
	// Rewrite is how the same could be had without breaking anybody.
	Rewrite string `json:"rewrite,omitempty"`
	// Approved is the approval that covers the change, or nil.
	Approved *Approval `json:"approved,omitempty"`

	// answers is the verdict for what clients read alone; sent is what they read.
	answers Verdict
	sent    *sent
	// told says that clients were told not to count on what changed.
	told bool
	// uses are the operations that hold what changed, by the names that either
	// contract has for them, with the pointers of the change in them.
	uses map[string][]string
	// harms are the operations for which Wire is not OK.
	harms map[string]bool
}

// identify fills in the ID.
func (c *Change) identify() {
	sum := sha256.Sum256([]byte(strings.Join([]string{c.Service, c.Rule, c.Place, c.Pointer, c.Old, c.New}, "\x00")))
	c.ID = hex.EncodeToString(sum[:6])
}

// sortChanges puts what breaks first, then by place.
func sortChanges(list []*Change) {
	slices.SortFunc(list, func(a, b *Change) int {
		return cmp.Or(
			cmp.Compare(b.Wire, a.Wire), cmp.Compare(b.worstSource(), a.worstSource()), strings.Compare(a.Service, b.Service),
			strings.Compare(a.Place, b.Place), strings.Compare(a.Pointer, b.Pointer), strings.Compare(a.Rule, b.Rule),
			strings.Compare(a.Old, b.Old), strings.Compare(a.New, b.New), strings.Compare(a.ID, b.ID))
	})
}

func (c *Change) worstSource() Verdict {
	worst := OK
	for _, v := range c.Source {
		worst = max(worst, v)
	}
	return worst
}
