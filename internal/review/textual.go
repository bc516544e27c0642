package review

import (
	"slices"

	"github.com/banyan-go/banyan/internal/openapi"
)

// writing is how a list is written where values are texts.
type writing uint8

const (
	noList   writing = iota
	repeated         // a=1&a=2
	joined           // a=1,2
)

const scalarTypes = boolType | numberTypes | stringType

// asText compares the types of values that are written as text, where they differ
// in more than which numbers they take: true is the text "true", and one value is
// a list of one. It reports whether it did.
func (c *facets) asText() bool {
	old, now := c.old.types&^nullType, c.now.types&^nullType
	if !c.at.text || old == now || old == 0 || now == 0 || !c.old.plain() || !c.now.plain() {
		return false
	}
	_, listed := c.old.texts()
	_, lists := c.now.texts()
	var e effect
	switch {
	case (old|now)&^scalarTypes == 0 && (listed || lists):
		e.client, e.server = c.old.within(c.now), c.now.within(c.old)
		e.why, e.serverWhy = "a client that sends other texts than those that are taken now is refused", "a client meets texts that it does not know"
	case old&^scalarTypes == 0 && now == arrayType && c.at.lists != noList:
		e = c.oneBecomesMany()
	case now&^scalarTypes == 0 && old == arrayType && c.at.lists != noList:
		e = c.manyBecomeOne()
	default:
		return false
	}
	from, to := c.old.texting(), c.now.texting()
	c.report("type-changed", "the type changed from "+from+" to "+to, from, to, e)
	return true
}

// oneBecomesMany is what it does that a list is written where one value was.
func (c *facets) oneBecomesMany() effect {
	e := effect{server: Breaks, why: "the value is no item of the list", serverWhy: "a client that expects one value meets several"}
	e.client, _ = c.verdictsAt(c.a, c.now.items, spot{text: true})
	if c.now.counts["minItems"] > 1 {
		e.client, e.why = Breaks, "a client that sends one value sends too few now"
	}
	if c.at.lists == joined {
		if c.old.anyText() {
			e.server = OK // the list is a text like another
		}
		if c.old.types&stringType != 0 && c.old.enum == nil && e.client == OK {
			e.client, e.why = Undecided, "a text with a comma is read as several items"
		}
	}
	return e
}

// manyBecomeOne is what it does that one value is written where a list was.
func (c *facets) manyBecomeOne() effect {
	e := effect{client: Breaks, why: "a client that sends several values is refused, or one of them is read", serverWhy: "the value is no item of the list"}
	client, server := c.verdictsAt(c.old.items, c.b, spot{text: true})
	e.server = server
	if most, bounded := c.old.counts["maxItems"]; bounded && most <= 1 {
		e.client, e.why = client, "items of the old list are refused"
	}
	if c.at.lists == joined && c.now.anyText() {
		e.client, e.why = Undecided, "the items of a list are read as one text"
	}
	return e
}

// plain reports whether a schema is told by its types, its limits and an enum.
func (f *flat) plain() bool { return len(f.choices)+len(f.nots)+len(f.conditions) == 0 }

// texting names the texts that a schema takes.
func (f *flat) texting() string {
	if f.enum != nil {
		return "one of " + enumText(f.enum)
	}
	return f.types.String()
}

// texts are those that a schema takes, where they can be listed.
func (f *flat) texts() ([]string, bool) {
	if f.enum == nil {
		return []string{"false", "true"}, f.types&^nullType == boolType
	}
	var out []string
	for value := range f.enum {
		switch typeOf(value) {
		case nullType:
		case stringType:
			out = append(out, unquoted(value))
		default:
			out = append(out, digits(value))
		}
	}
	slices.Sort(out)
	return out, true
}

// digits is a number as it is written in a query, others as they stand.
func digits(value string) string {
	if r := openapi.Rational(openapi.Number(value)); r != nil && !r.IsInt() {
		places, _ := r.FloatPrec()
		return r.FloatString(places)
	}
	return value
}

// within is the verdict for texts of one schema that another one is to take.
func (f *flat) within(other *flat) Verdict {
	list, listed := f.texts()
	if !listed {
		if other.anyText() {
			return OK
		}
		return Breaks
	}
	worst := OK
	for _, text := range list {
		worst = max(worst, other.taking(text))
	}
	return worst
}

// taking is the verdict for one text.
func (f *flat) taking(text string) Verdict {
	if list, listed := f.texts(); listed {
		if slices.Contains(list, text) {
			return OK
		}
		return Breaks
	}
	worst := Breaks
	if f.types&boolType != 0 && (text == "true" || text == "false") {
		worst = OK
	}
	if r := openapi.Rational(openapi.Number(text)); f.types&numberTypes != 0 && r != nil && (r.IsInt() || f.types&fractionType != 0) && f.admits(r.RatString()) {
		worst = OK
	}
	if f.types&stringType != 0 {
		switch {
		case f.anyText():
			worst = OK
		case len(f.formats) > 0 || len(withPrefix(f.facts, "pattern ")) > 0:
			worst = min(worst, Undecided)
		case f.admits(literal(text)):
			worst = OK
		}
	}
	return worst
}
