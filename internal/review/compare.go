package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// Options are what the documents do not tell.
type Options struct {
	// Service is the contract's name in the workspace.
	Service string
	// Now is the day of the review, which tells whether a sunset has passed.
	Now time.Time
	// Deprecation goes from stability levels to the days that an operation must
	// stay after it was deprecated.
	Deprecation map[string]int
}

// sender is who sends a message.
type sender uint8

const (
	client sender = iota
	server
)

// other is who answers.
func (s sender) other() sender { return 1 - s }

// Compare returns what differs between two versions of a contract, what breaks
// first. Source and Decode are left open. It keeps nothing and may be called
// concurrently.
func Compare(base, head *openapi.Document, o Options) []*Change {
	c := &comparison{base: base, head: head, options: o, byID: map[string]*Change{}, called: map[string]string{}}
	c.schemas = &schemas{base: newFlattener(), head: newFlattener(), seen: map[[2]*openapi.Schema]bool{}, renamed: map[string]string{}, work: newWork()}
	c.rename()
	c.document()
	c.operations()
	c.webhooks()
	c.components()
	c.refactored()
	c.aim()
	c.unstable()
	list := slices.Collect(maps.Values(c.byID))
	sortChanges(list)
	return list
}

// comparison collects the changes of one contract. A cause that is met again
// through another operation is the same change.
type comparison struct {
	base, head *openapi.Document
	options    Options
	schemas    *schemas
	byID       map[string]*Change
	// pairs are the operations that both contracts have; called goes from what
	// they are called at the head to what they were.
	pairs  []*operationPair
	called map[string]string
}

// operationPair is one operation in both contracts.
type operationPair struct {
	key        string // "GET /users/{id}", of the head
	base, head located
	// caller sends the request: the server for webhooks and callbacks.
	caller sender
}

// add records what was found for messages of one sender. Found again, it only
// reaches further.
func (c *comparison) add(f found, from sender, affects ...string) {
	wire, why := f.effect.on(from)
	if wire == OK {
		why = ""
	}
	ch := c.record(f, wire, why, affects...)
	if wire > OK {
		ch.harm(affects)
	}
	if from == server {
		ch.answers = max(ch.answers, wire)
		if wire > OK {
			ch.reads(f)
		}
	}
}

func (c *comparison) record(f found, wire Verdict, why string, affects ...string) *Change {
	ch := &Change{
		Rule: f.rule, Service: c.options.Service, Place: f.at.place, Pointer: f.at.pointer, Message: f.message, Old: f.old, New: f.new,
		Base: f.base, Head: f.head, Wire: wire, Refactoring: f.same, Rewrite: f.note,
	}
	if why != "" {
		ch.Why = []string{why}
	}
	ch.identify()
	if known := c.byID[ch.ID]; known != nil {
		known.Wire = max(known.Wire, ch.Wire)
		for _, w := range ch.Why {
			if !slices.Contains(known.Why, w) {
				known.Why = append(known.Why, w)
			}
		}
		ch = known
	} else {
		c.byID[ch.ID] = ch
	}
	for _, a := range affects {
		ch.usedBy(a, f.at.within+f.at.pointer)
		if was := c.called[a]; was != "" && was != a {
			ch.usedBy(was, f.at.within+f.at.pointer)
		}
		if i, known := slices.BinarySearch(ch.Affects, a); !known {
			ch.Affects = slices.Insert(ch.Affects, i, a)
		}
	}
	return ch
}

// schema compares the schemas of one message.
func (c *comparison) schema(a, b *openapi.SchemaRef, at spot, from sender, op string) {
	c.schemas.out = func(f found) { c.add(f, from, op) }
	// Every use has its own sender, so that what was seen for one is not left out
	// for the other.
	c.schemas.seen = map[[2]*openapi.Schema]bool{}
	c.schemas.compare(a, b, at)
}

// rename finds component schemas that only changed their name.
func (c *comparison) rename() {
	a, b := c.base.Components.Schemas, c.head.Components.Schemas
	var gone, come []string
	for name := range a {
		if b[name] == nil {
			gone = append(gone, name)
		}
	}
	for name := range b {
		if a[name] == nil {
			come = append(come, name)
		}
	}
	slices.Sort(gone)
	slices.Sort(come)
	// Only what has the same outline can mean the same.
	outlines := map[string][]string{}
	for _, name := range come {
		outline := c.schemas.head.outline(inline(b[name]))
		outlines[outline] = append(outlines[outline], name)
	}
	for _, old := range gone {
		was := inline(a[old])
		outline := c.schemas.base.outline(was)
		candidates := outlines[outline]
		if len(candidates) > few {
			sketch := c.schemas.base.sketch(was)
			candidates = slices.DeleteFunc(slices.Clone(candidates), func(name string) bool { return c.schemas.head.sketch(inline(b[name])) != sketch })
		}
		candidates = likely(old, candidates)
		for _, name := range candidates[:min(few, len(candidates))] {
			if c.schemas.quietly(was, inline(b[name])) {
				c.schemas.renamed[old] = name
				outlines[outline] = slices.DeleteFunc(outlines[outline], func(s string) bool { return s == name })
				break
			}
		}
	}
}

// few is how many schemas one is compared with that may be the same. Where there are
// more, they must agree in more before they are, and no more than that many are.
const few = 64

// likely puts names that differ in case from another first, and then those that differ
// in what stands around them.
func likely(name string, candidates []string) []string {
	var out [3][]string
	name = strings.ToLower(name)
	for _, c := range candidates {
		d, other := 2, strings.ToLower(c)
		switch {
		case name == other:
			d = 0
		case strings.Contains(name, other) || strings.Contains(other, name):
			d = 1
		}
		out[d] = append(out[d], c)
	}
	return slices.Concat(out[0], out[1], out[2])
}

// inline is a component as if it stood in place, so that its own name plays no
// part.
func inline(r *openapi.SchemaRef) *openapi.SchemaRef {
	return &openapi.SchemaRef{Value: r.Value, Pos: posOf(r)}
}

// components compares the component schemas, each once, and finds out whom a
// change reaches.
func (c *comparison) components() {
	a, b := c.base.Components.Schemas, c.head.Components.Schemas
	var known *reach
	reaching := func() *reach { // most reviews find little to ask for
		if known == nil {
			known = newReach(c)
		}
		return known
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		to := cmp.Or(c.schemas.renamed[name], name)
		place := "schema " + to
		switch now := b[to]; {
		case now == nil:
			c.record(found{rule: "schema-removed", at: spot{place: "schema " + name}, message: "the schema " + name + " is gone", old: c.schemas.base.briefly(inline(a[name])), base: posOf(a[name])}, OK, "", reaching().operations(name)...)
		default:
			if to != name {
				c.record(found{rule: "schema-renamed", at: spot{place: place}, message: "the schema " + name + " is called " + to + " now", old: name, new: to,
					base: posOf(a[name]), head: posOf(now), same: true}, OK, "", reaching().operations(name)...)
			}
			c.schemas.seen = map[[2]*openapi.Schema]bool{}
			c.schemas.out = func(f found) { c.reached(f, reaching(), name, to) }
			// A component may be a reference itself.
			old, is := target(a[name]), target(now)
			value := &whole{json: true, base: old, head: is, baseAt: "/components/schemas/" + jsonpointer.Escape(name), headAt: "/components/schemas/" + jsonpointer.Escape(to)}
			c.schemas.compare(old, is, spot{place: place, value: value})
		}
	}
	renamed := map[string]bool{}
	for _, to := range c.schemas.renamed {
		renamed[to] = true
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if a[name] == nil && !renamed[name] {
			c.record(found{rule: "schema-added", at: spot{place: "schema " + name}, message: "the schema " + name + " is new", new: c.schemas.head.briefly(inline(b[name])), head: posOf(b[name])}, OK, "", reaching().operations(name)...)
		}
	}
}

// target is what a component says: another component's name, or itself.
func target(r *openapi.SchemaRef) *openapi.SchemaRef {
	if r.Ref != "" {
		return r
	}
	return inline(r)
}

// reached turns a difference of a component into a change, with the verdict of
// all messages that hold the component.
func (c *comparison) reached(f found, reach *reach, names ...string) {
	wire, answers, why := OK, OK, ""
	var harmed []string
	for _, name := range names {
		if reach.blurred[name] {
			f.effect = f.effect.blur()
		}
	}
	for _, s := range []sender{client, server} {
		if v, reason := f.effect.on(s); v > OK && reach.sends(s, names...) {
			wire, why = max(wire, v), reason
			harmed = append(harmed, reach.sentBy(s, names...)...)
			if s == server {
				answers = v
			}
		}
	}
	ch := c.record(f, wire, why, reach.operations(names...)...)
	ch.harm(harmed)
	ch.answers = max(ch.answers, answers)
	if answers > OK {
		ch.reads(f)
	}
}

// harm notes for which operations a change is not harmless.
func (c *Change) harm(operations []string) {
	for _, op := range operations {
		if c.harms == nil {
			c.harms = map[string]bool{}
		}
		c.harms[op] = true
	}
}

// aim leaves the operations out that a change reaches and does not harm, where it
// harms others: an answer that knows a new value, beside a request that takes it.
func (c *comparison) aim() {
	for _, ch := range c.byID {
		if len(ch.harms) > 0 {
			ch.Affects = slices.DeleteFunc(ch.Affects, func(op string) bool { return !ch.harms[op] })
		}
	}
}

// document compares what is said about the whole service.
func (c *comparison) document() {
	c.servers()
	c.securitySchemes()
	c.problemBody()
}

// refactored marks the schemas that came or went without any change for an
// operation that holds them: they were taken apart or put together.
func (c *comparison) refactored() {
	touched := map[string]bool{}
	for _, ch := range c.byID {
		if ch.Rule != "schema-added" && ch.Rule != "schema-removed" && !ch.Refactoring {
			for _, op := range ch.Affects {
				touched[op] = true
			}
		}
	}
	for _, ch := range c.byID {
		if ch.Rule == "schema-added" || ch.Rule == "schema-removed" {
			ch.Refactoring = len(ch.Affects) > 0 && !slices.ContainsFunc(ch.Affects, func(op string) bool { return touched[op] })
		}
	}
}
