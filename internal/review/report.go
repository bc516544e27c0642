package review

import (
	"cmp"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/openapi"
)

// Report is a whole review.
type Report struct {
	// Base and Head are what people call the two sides; BaseCommit is the id of
	// the commit that was read, or empty.
	Base       string `json:"base"`
	Head       string `json:"head"`
	BaseCommit string `json:"baseCommit,omitempty"`
	// Services is sorted by name; unchanged ones are in it.
	Services []*Service `json:"services"`
	// FailOn is what the head's banyan.yaml says about whose breaks fail the
	// review; nil when it says nothing.
	FailOn []string `json:"-"`
	// Problems are findings that keep the review from being trusted: contracts
	// that cannot be read, approvals that expired or fit nothing.
	Problems diag.List `json:"-"`
}

// Status is what became of a service.
type Status string

const (
	Unchanged  Status = "unchanged"
	Changed    Status = "changed"
	Added      Status = "added"
	Removed    Status = "removed"
	Unreadable Status = "unreadable" // one side has errors
)

// Service is the review of one contract.
type Service struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	// File is the contract at the head, or at the base when it is gone.
	File string `json:"file"`
	// BaseVersion and HeadVersion are info.version.
	BaseVersion string `json:"baseVersion,omitempty"`
	HeadVersion string `json:"headVersion,omitempty"`
	// Needs goes from artefacts ("contract", and targets such as "goserver") to
	// the step that their version needs.
	Needs map[string]Step `json:"needs"`
	// NextVersion is what info.version must be at least; empty when it is not a
	// semantic version or nothing changed.
	NextVersion string    `json:"nextVersion,omitempty"`
	Changes     []*Change `json:"changes"`
	// Surface goes from targets to what changed in their code's names.
	Surface map[string][]SurfaceChange `json:"-"`

	versionPos config.Pos        // where the head says its version
	base       *openapi.Document // that was compared
}

// Party is somebody whom a change may break.
type Party string

const (
	WireParty   Party = "wire"
	SourceParty Party = "source"
	DecodeParty Party = "decode"
)

// Parties are all of them, in the order in which they are shown.
func Parties() []Party { return []Party{WireParty, SourceParty, DecodeParty} }

// For is the change's verdict for a party.
func (c *Change) For(p Party) Verdict {
	switch p {
	case WireParty:
		return c.Wire
	case SourceParty:
		return c.worstSource()
	}
	return c.Decode
}

// Open reports whether the change breaks a party without an approval.
func (c *Change) Open(p Party) bool {
	return c.For(p) == Breaks && (c.Approved == nil || !slices.Contains(c.Approved.Parties, p))
}

// Worst is the worst verdict for any party.
func (c *Change) Worst() Verdict {
	return max(c.Wire, c.worstSource(), c.Decode)
}

// All are the changes of all services, in the order of the services.
func (r *Report) All() []*Change {
	var out []*Change
	for _, s := range r.Services {
		out = append(out, s.Changes...)
	}
	return out
}

// Blocking are the changes that break one of the parties and are not approved.
func (r *Report) Blocking(parties ...Party) []*Change {
	var out []*Change
	for _, c := range r.All() {
		if slices.ContainsFunc(parties, c.Open) {
			out = append(out, c)
		}
	}
	return out
}

// Broken are the parties that some change breaks, approved or not.
func (r *Report) Broken() []Party {
	var out []Party
	for _, p := range Parties() {
		if slices.ContainsFunc(r.All(), func(c *Change) bool { return c.For(p) == Breaks }) {
			out = append(out, p)
		}
	}
	return out
}

// Group is what is one change to people: the same in several places, such as a
// limit that every operation repeats, or several of a kind in one place, such as
// the values of one enum.
type Group struct {
	*Change
	// Others are the changes after the first.
	Others []*Change
	// Siblings says that all of them are in one place.
	Siblings bool
}

// Groups brings together what is one change to people.
func Groups(changes []*Change) []Group {
	siblings := collect(changes, func(c *Change) string {
		return key(c, c.Place, parent(c), strings.Join(c.Affects, ","), c.Rewrite)
	})
	var out, single []Group
	for _, g := range siblings {
		if len(g) == 1 {
			single = append(single, Group{Change: g[0]})
		} else {
			out = append(out, Group{Change: g[0], Others: g[1:], Siblings: true})
		}
	}
	var rest []*Change
	for _, g := range single {
		rest = append(rest, g.Change)
	}
	alike := func(c *Change) string {
		if c.Rule == "path-changed" {
			return key(c, moved(c.Old, c.New))
		}
		return key(c, lastToken(c.Pointer), c.Old, c.New, c.Message)
	}
	for _, g := range collect(rest, alike) {
		out = append(out, Group{Change: g[0], Others: g[1:]})
	}
	order := make(map[*Change]int, len(changes))
	for i, c := range changes {
		order[c] = i
	}
	slices.SortStableFunc(out, func(a, b Group) int { return order[a.Change] - order[b.Change] })
	return out
}

// moved is what of a path became what: /v1 > /v2, however it goes on.
func moved(old, now string) string {
	a, b := strings.Split(old, "/"), strings.Split(now, "/")
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	for len(a) > 1 && len(b) > 1 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	return strings.Join(a, "/") + " > " + strings.Join(b, "/")
}

// parent is where the siblings of a change are: the object around a property,
// the enum around a value.
func parent(c *Change) string {
	if strings.HasPrefix(c.Rule, "enum-") {
		return c.Pointer
	}
	return c.Pointer[:max(0, strings.LastIndexByte(c.Pointer, '/'))]
}

// key tells groups apart: what breaks somebody else is another change. Every
// operation that comes or goes counts for itself.
func key(c *Change, parts ...string) string {
	parts = append(parts, c.Service, c.Rule, c.Wire.String(), c.worstSource().String(), c.Decode.String())
	if strings.HasPrefix(c.Rule, "operation-") && c.Rule != "operation-deprecated" || strings.HasPrefix(c.Rule, "schema-") || c.Rule == "second-opinion" {
		parts = append(parts, c.ID)
	}
	if c.Approved != nil {
		parts = append(parts, "approved")
	}
	return strings.Join(parts, "\x00")
}

func collect(changes []*Change, key func(*Change) string) [][]*Change {
	var out [][]*Change
	index := map[string]int{}
	for _, c := range changes {
		k := key(c)
		if i, known := index[k]; known {
			out[i] = append(out[i], c)
			continue
		}
		index[k] = len(out)
		out = append(out, []*Change{c})
	}
	return out
}

// Names are what the changes of siblings are about: properties, or values.
func (g Group) Names() []string {
	var out []string
	for _, c := range append([]*Change{g.Change}, g.Others...) {
		name := lastToken(c.Pointer)
		if strings.HasPrefix(c.Rule, "enum-") {
			name = cmp.Or(c.Old, c.New)
		}
		out = append(out, name)
	}
	return out
}

func lastToken(pointer string) string {
	return pointer[strings.LastIndexByte(pointer, '/')+1:]
}

// Affected are the operations that the group reaches, sorted.
func (g Group) Affected() []string {
	set := slices.Clone(g.Affects)
	for _, o := range g.Others {
		set = append(set, o.Affects...)
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// Uncompilable are the names of generated code that the group breaks: those that are due
// to it, those that are due to it or another change, and how many more there are.
func (g Group) Uncompilable() (own, shared []string, more int) {
	for _, c := range append([]*Change{g.Change}, g.Others...) {
		own, shared, more = append(own, c.Symbols...), append(shared, c.Shared...), more+c.MoreSymbols
	}
	slices.Sort(own)
	slices.Sort(shared)
	own = slices.Compact(own)
	shared = slices.DeleteFunc(slices.Compact(shared), func(name string) bool { return slices.Contains(own, name) })
	return own, shared, more
}

// Approved reports whether all of the group is approved.
func (g Group) AllApproved() bool {
	return g.Approved != nil && !slices.ContainsFunc(g.Others, func(c *Change) bool { return c.Approved == nil })
}

// Counts are the changes by worst verdict.
func (r *Report) Counts() (breaks, undecided, ok int) {
	for _, c := range r.All() {
		switch c.Worst() {
		case Breaks:
			breaks++
		case Undecided:
			undecided++
		default:
			ok++
		}
	}
	return breaks, undecided, ok
}

func sortServices(list []*Service) {
	slices.SortFunc(list, func(a, b *Service) int { return cmp.Compare(a.Name, b.Name) })
}
