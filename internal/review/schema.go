package review

import (
	"cmp"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// effect is what a change of a schema does to values that the client sends, and
// to values that the server sends. Which of them matters, the operations tell
// that reach the schema.
type effect struct {
	client, server Verdict
	why            string // for a verdict that is not OK
	serverWhy      string // where it is another one for values of the server
}

// on is the verdict, and its reason, for values of one side.
func (e effect) on(from sender) (Verdict, string) {
	switch {
	case from == client:
		return e.client, e.why
	case e.serverWhy != "":
		return e.server, e.serverWhy
	}
	return e.server, e.why
}

// narrows: less is valid than before. Clients send what is refused now.
func narrows(why string) effect { return effect{client: Breaks, why: why} }

// widens: more is valid than before. Old clients meet what they do not know.
func widens(why string) effect { return effect{server: Breaks, why: why} }

func shifts(why string) effect  { return effect{client: Breaks, server: Breaks, why: why} }
func unclear(why string) effect { return effect{client: Undecided, server: Undecided, why: why} }

// blur is the effect below a choice whose branches overlap, or below not.
func (e effect) blur() effect {
	if e.client > OK || e.server > OK {
		e.client, e.server = max(e.client, Undecided), max(e.server, Undecided)
	}
	return e
}

// spot is where two schemas are compared.
type spot struct {
	place, pointer string
	// noClient and noServer say that values here never come from that side:
	// below readOnly and writeOnly.
	noClient, noServer bool
	// blurred says that a value may fit several branches of a oneOf here: what
	// narrows a branch may make more values valid.
	blurred bool
	// text says that values are written as text here, as in queries and headers: a
	// number is one, and a text that holds its digits is the same.
	text bool
	// lists is how a list is written here, if it may stand for one value.
	lists writing
	// segment says that a text is a part of a path here, which is never empty.
	segment bool
	// optional says that a client could not count on a value here before.
	optional bool
	// value is what is compared as a whole, or nil where it is nothing that a body
	// holds.
	value *whole
	// within is where the place is in the operation that is compared, for a place
	// that several operations share: "/query/limit" for a parameter.
	within string
}

func (s spot) below(tokens ...string) spot {
	s.optional, s.lists, s.segment = false, noList, false
	for _, t := range tokens {
		s.pointer += "/" + jsonpointer.Escape(t)
	}
	return s
}

// found is one difference between two schemas.
type found struct {
	rule     string
	at       spot
	message  string
	old, new string
	base     config.Pos
	head     config.Pos
	effect   effect
	note     string // rewrite
	same     bool   // a refactoring
	// schema is what the head says where the difference is, at the member of it
	// that is named, if any.
	schema *openapi.Schema
	member string
}

// schemas compares the schemas of one place in both contracts.
type schemas struct {
	base, head *flattener
	// seen are the pairs that are being or were compared in place of references:
	// what contains itself differs only where something else does.
	seen map[[2]*openapi.Schema]bool
	// renamed goes from schemas of the base to what they are called at the head.
	renamed map[string]string
	out     func(found)
	depth   int
	// probe is set while schemas are compared to learn whether they differ.
	probe *probe
	work  *work
}

// probe is a comparison that tells nobody what it finds. It ends with the first
// difference.
type probe struct {
	differs bool
	// trail are the pairs that were looked at, in order. All of them are the same
	// if the outermost pair is.
	trail *[][2]*openapi.Schema
}

// work bounds and remembers what comparing costs.
type work struct {
	// steps counts what was compared, and guesses what of it was for verdicts about
	// pairs that may not belong together.
	steps, guesses int
	// same holds what probes found out, and verdicts what does not depend on who asked.
	same     map[[2]*openapi.Schema]bool
	verdicts map[[2]*openapi.Schema][2]Verdict
	// asked are the pairs whose verdicts are being worked out, and assumed is the first
	// of them that was taken to be the same for it.
	asked   [][2]*openapi.Schema
	assumed int
	// enums tells where values stand.
	enums indexes
}

// maxSchemaDepth and maxSteps bound a comparison: schemas of allOf, oneOf and
// references to each other can be made to describe more than can be looked at.
const (
	maxSchemaDepth = 200
	maxSteps       = 3_000_000 // schemas, properties and branches
	maxGuesses     = 400_000
)

func newWork() *work {
	return &work{same: map[[2]*openapi.Schema]bool{}, verdicts: map[[2]*openapi.Schema][2]Verdict{}, enums: indexes{}}
}

// spend counts what it takes to compare two schemas, and reports whether so much may
// still be done.
func (w *work) spend(a, b *openapi.Schema) bool {
	n := 0
	for _, s := range []*openapi.Schema{a, b} {
		n += 1 + len(s.Properties) + len(s.AllOf) + len(s.OneOf) + len(s.AnyOf)
	}
	if len(w.asked) > 0 {
		w.guesses += n
	}
	w.steps += n
	return w.steps <= maxSteps && w.guesses <= maxGuesses
}

// quietly compares without telling, and reports whether nothing differs. A pair
// that is being compared already is taken to be the same: it differs only where
// something else does.
func (d *schemas) quietly(a, b *openapi.SchemaRef) bool {
	if a.Value == nil || b.Value == nil {
		return a.Value == b.Value
	}
	pair := [2]*openapi.Schema{a.Value, b.Value}
	if same, known := d.work.same[pair]; known {
		return same
	}
	p := &probe{}
	inner := &schemas{base: d.base, head: d.head, depth: d.depth, renamed: d.renamed, probe: p, work: d.work}
	if d.probe == nil {
		inner.seen, p.trail = map[[2]*openapi.Schema]bool{}, &[][2]*openapi.Schema{}
	} else {
		inner.seen, p.trail = d.seen, d.probe.trail
	}
	if inner.seen[pair] {
		return true
	}
	inner.out = func(f found) { p.differs = p.differs || !f.same }
	before := len(*p.trail)
	inner.inPlace(a, b, spot{})
	if p.differs {
		// What was taken to be the same below may have been so for this pair only.
		for _, tried := range (*p.trail)[before:] {
			delete(inner.seen, tried)
		}
		*p.trail = (*p.trail)[:before]
		d.work.same[pair] = false
		return false
	}
	if d.probe == nil {
		for _, tried := range *p.trail {
			d.work.same[tried] = true
		}
	}
	return true
}

// compare compares two uses of schemas. Where both refer to one component, that
// component is compared elsewhere, once.
func (d *schemas) compare(a, b *openapi.SchemaRef, at spot) {
	if a == nil && b == nil {
		return
	}
	if a == nil {
		a = anything
	}
	if b == nil {
		b = anything
	}
	oldName, newName := refName(a), refName(b)
	if newName != "" && (oldName == newName || d.renamed[oldName] == newName) || oldName == "" && newName == "" && alike(a, b) {
		return
	}
	if oldName != newName && d.quietly(a, b) {
		d.out(found{rule: "schema-reference-changed", at: at, message: "the schema is " + calling(newName) + " now, and means the same as before",
			old: cmp.Or(oldName, "inline"), new: cmp.Or(newName, "inline"), base: referencePos(a), head: referencePos(b), same: true})
		return
	}
	d.inPlace(a, b, at)
}

// unknownText says what is not known on which side.
func unknownText(old, now []string) string {
	var sides []string
	for _, s := range []struct {
		when  string
		names []string
	}{{"was before", old}, {"is now", now}} {
		if len(s.names) > 0 {
			sides = append(sides, "what "+strings.Join(s.names, ", ")+" "+s.when)
		}
	}
	return "nothing is known about " + strings.Join(sides, " and ")
}

func calling(name string) string {
	if name == "" {
		return "written in place"
	}
	return "called " + name
}

func refName(r *openapi.SchemaRef) string {
	name, _ := strings.CutPrefix(r.Ref, schemaPrefix)
	return name
}

// inPlace compares what two schemas say, whatever they are called.
func (d *schemas) inPlace(a, b *openapi.SchemaRef, at spot) {
	if d.probe != nil && d.probe.differs {
		return
	}
	if a.Value != nil && b.Value != nil {
		pair := [2]*openapi.Schema{a.Value, b.Value}
		if d.seen[pair] {
			return
		}
		if !d.work.spend(a.Value, b.Value) || d.depth > maxSchemaDepth || d.base.full() || d.head.full() {
			d.out(found{rule: "schema-not-compared", at: at, message: "the schemas hold too much of each other to be compared", base: posOf(a), head: posOf(b), effect: unclear("nobody has looked at what differs here")})
			return
		}
		d.seen[pair] = true
		if d.probe != nil {
			*d.probe.trail = append(*d.probe.trail, pair)
		}
		if alikeSchemas(a.Value, b.Value) {
			return
		}
		d.depth++
		defer func() { d.depth-- }()
	}
	old, now := d.base.of(a), d.head.of(b)
	if !slices.Equal(old.unknown, now.unknown) {
		d.out(found{rule: "schema-unknown", at: at, message: unknownText(old.unknown, now.unknown), old: strings.Join(old.unknown, " "), new: strings.Join(now.unknown, " "),
			base: posOf(a), head: posOf(b), effect: unclear("nobody can tell what differs here")})
		return
	}
	c := &facets{schemas: d, a: a, b: b, old: old, now: now, at: at}
	c.at.noClient = c.at.noClient || old.readOnly && now.readOnly
	c.at.noServer = c.at.noServer || old.writeOnly && now.writeOnly
	if c.union() {
		return
	}
	c.values()
	c.limits()
	c.lists()
	c.objects()
	c.choose()
	c.annotations()
}
