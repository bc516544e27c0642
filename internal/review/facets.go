package review

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// facets compares two flat schemas keyword by keyword.
type facets struct {
	*schemas
	a, b     *openapi.SchemaRef
	old, now *flat
	at       spot
}

func (c *facets) report(rule, message, old, now string, e effect) {
	c.tell(found{rule: rule, at: c.at, message: message, old: old, new: now, base: c.work.spotted(c.a, rule, old), head: c.work.spotted(c.b, rule, now), effect: e})
}

func (c *facets) tell(f found) {
	if f.at.blurred {
		f.effect = f.effect.blur()
	}
	if f.at.noClient {
		f.effect.client = OK
	}
	if f.at.noServer {
		f.effect.server = OK
	}
	if f.schema == nil {
		f.schema, f.member = c.b.Value, strings.TrimPrefix(f.at.pointer, c.at.pointer)
	}
	c.out(f)
}

// values compares types and enums.
func (c *facets) values() {
	old, now := c.old, c.now
	if c.asText() {
		return
	}
	if old.enum == nil || now.enum == nil {
		c.types()
	}
	switch {
	case old.enum == nil && now.enum == nil:
	case old.enum == nil:
		c.report("enum-added", "only listed values are valid now", "any "+old.types.String(), enumText(now.enum), narrows("other values than the listed ones are refused now"))
	case now.enum == nil:
		c.report("enum-removed", "values need not be listed any more", enumText(old.enum), "any "+now.types.String(), widens("values may come that were not listed"))
	default:
		for _, text := range slices.Sorted(maps.Keys(old.enum)) {
			if !now.enum[text] {
				c.report(nullOr(text, "enum-value-removed"), "the value "+shown(text)+" is not valid any more", text, "", c.listed(text, narrows("a client that sends "+shown(text)+" is refused now")))
			}
		}
		for _, text := range slices.Sorted(maps.Keys(now.enum)) {
			if !old.enum[text] {
				c.report(nullOr(text, "enum-value-added"), "the value "+shown(text)+" is new", "", text, c.listed(text, widens("a client that knows the listed values only meets "+shown(text))))
			}
		}
	}
}

func nullOr(text, rule string) string {
	if text == "null" {
		return map[string]string{"enum-value-removed": "null-removed", "enum-value-added": "null-added"}[rule]
	}
	return rule
}

func enumText(enum map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(enum)), ", ")
}

func (c *facets) types() {
	lost, won := c.old.types&^c.now.types, c.now.types&^c.old.types
	if c.old.ofBranches(c.base) && c.now.ofBranches(c.head) {
		lost, won = lost&nullType, won&nullType // the branches tell of the others
	}
	if lost == nullType && won == 0 {
		c.report("null-removed", "null is not valid any more", c.old.types.String(), c.now.types.String(), c.nullText(narrows("a client that sends null is refused now")))
		return
	}
	if won == nullType && lost == 0 {
		c.report("null-added", "null is valid now", c.old.types.String(), c.now.types.String(), c.nullText(widens("a client that does not expect null meets it")))
		return
	}
	if lost == 0 && won == 0 {
		return
	}
	if c.at.text {
		// Whoever takes any text takes the digits of a number.
		const written = boolType | numberTypes
		if c.now.anyText() {
			lost &^= written
		}
		if c.old.anyText() {
			won &^= written
		}
	}
	var e effect
	switch {
	case lost == 0 && won == 0:
	case lost == 0:
		e = widens("a client meets " + won.String() + " where it expects " + c.old.types.String())
	case won == 0:
		e = narrows("a client that sends " + lost.String() + " is refused now")
	default:
		e = shifts("what was " + c.old.types.String() + " is " + c.now.types.String())
	}
	c.report("type-changed", "the type changed from "+c.old.types.String()+" to "+c.now.types.String(), c.old.types.String(), c.now.types.String(), e)
}

// listed is the effect of a listed value coming or going.
func (c *facets) listed(value string, e effect) effect {
	if value == "null" {
		return c.nullText(e)
	}
	return e
}

// nullText is the effect of null coming or going. Where values are text, null is not
// written at all where text is a value, and OpenAPI does not say how elsewhere.
func (c *facets) nullText(e effect) effect {
	switch {
	case !c.at.text:
		return e
	case (c.old.types|c.now.types)&stringType != 0:
		return effect{}
	default:
		return unclear("how null is written there, OpenAPI does not say")
	}
}

// anyText reports whether a schema takes every text.
func (f *flat) anyText() bool {
	return f.types&stringType != 0 && f.enum == nil && len(f.formats) == 0 && len(withPrefix(f.facts, "pattern ")) == 0 && f.counts["minLength"] == 0 && f.counts["maxLength"] == 0 && len(f.choices)+len(f.nots)+len(f.conditions) == 0
}

// limits compares bounds, lengths, formats and patterns.
func (c *facets) limits() {
	if c.old.types&c.now.types == 0 {
		return // nothing is left that limits could be about
	}
	old, now := c.old, c.now
	c.bound("minimum", old.min, now.min, higher)
	c.bound("maximum", old.max, now.max, lower)
	for _, name := range []string{"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"} {
		a, had := old.counts[name]
		b, has := now.counts[name]
		if had == has && a == b || c.at.segment && name == "minLength" && max(a, b) <= 1 {
			continue
		}
		e, verb := widens("a client meets values beyond the old "+name), "loosened"
		if has && (!had || strings.HasPrefix(name, "min") == (b > a)) {
			e, verb = narrows("values that the old "+name+" allowed are refused now"), "tightened"
		}
		c.report("limit-"+verb, name+" was "+verb+" from "+countText(a, had)+" to "+countText(b, has), name+" "+countText(a, had), name+" "+countText(b, has), e)
	}
	c.factual()
	c.format()
	if old.unique != now.unique {
		e := widens("a client meets lists with equal items")
		if now.unique {
			e = narrows("lists with equal items are refused now")
		}
		c.report("unique-items-changed", "uniqueItems is "+strconv.FormatBool(now.unique)+" now", strconv.FormatBool(old.unique), strconv.FormatBool(now.unique), e)
	}
}

func countText(n uint64, has bool) string {
	if !has {
		return "none"
	}
	return strconv.FormatUint(n, 10)
}

func (c *facets) bound(name string, old, now limit, tighter func(a, b limit) bool) {
	switch {
	case tighter(now, old):
		c.report("limit-tightened", name+" was tightened from "+old.String()+" to "+now.String(), name+" "+old.String(), name+" "+now.String(),
			narrows("values that the old "+name+" allowed are refused now"))
	case tighter(old, now):
		c.report("limit-loosened", name+" was loosened from "+old.String()+" to "+now.String(), name+" "+old.String(), name+" "+now.String(),
			widens("a client meets values beyond the old "+name))
	}
}

// factual compares patterns and factors.
func (c *facets) factual() {
	for _, kind := range []string{"pattern", "multipleOf", "content"} {
		old, now := withPrefix(c.old.facts, kind+" "), withPrefix(c.now.facts, kind+" ")
		if slices.Equal(old, now) {
			continue
		}
		from, to := cmp.Or(strings.Join(old, " and "), "none"), cmp.Or(strings.Join(now, " and "), "none")
		var e effect
		switch {
		case kind == "content":
			e = shifts("a text that holds something else, or in another code, is misread")
		case len(old) == 0:
			e = narrows("values that do not fit the " + kind + " are refused now")
		case len(now) == 0:
			e = widens("a client meets values that did not fit the " + kind)
		case kind == "multipleOf" && len(old) == 1 && len(now) == 1:
			e = factors(old[0], now[0])
		default:
			e = unclear("the values of two patterns cannot be compared by machine")
		}
		c.report(map[string]string{"pattern": "pattern-changed", "multipleOf": "multiple-of-changed", "content": "content-changed"}[kind], kind+" changed from "+shown(from)+" to "+shown(to), from, to, e)
	}
}

func factors(old, now string) effect {
	a, b := openapi.Rational(openapi.Number(old)), openapi.Rational(openapi.Number(now))
	if a != nil && b != nil && a.Sign() != 0 && b.Sign() != 0 {
		switch {
		case b.Quo(b, a).IsInt():
			return narrows("multiples of the old factor are refused now")
		case b.Inv(b).IsInt():
			return widens("a client meets multiples of another factor")
		}
	}
	return shifts("multiples of the old factor need not be multiples of the new one")
}

func withPrefix(set map[string]bool, prefix string) []string {
	var out []string
	for text := range set {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			out = append(out, rest)
		}
	}
	slices.Sort(out)
	return out
}

// wider goes from formats to those that allow all of their values.
var wider = map[string][]string{"int32": {"int64"}, "float": {"double"}, "ipv4": {"hostname"}, "email": {"idn-email"}, "hostname": {"idn-hostname"}, "uri": {"uri-reference", "iri", "iri-reference"}, "uri-reference": {"iri-reference"}, "iri": {"iri-reference"},
	"int8": {"int16", "int32", "int64"}, "int16": {"int32", "int64"}, "uint8": {"uint16", "uint32", "uint64", "int16", "int32", "int64"}, "uint16": {"uint32", "uint64", "int32", "int64"}, "uint32": {"uint64", "int64"}}

// hints are formats that say something to people only.
var hints = map[string]bool{"password": true, "": true}

func (c *facets) format() {
	from, to := strings.Join(c.old.formats, " and "), strings.Join(c.now.formats, " and ")
	if from == to {
		return
	}
	old, now := known(c.old.formats), known(c.now.formats)
	var e effect
	switch {
	case old == now:
		e = unclear("whether anybody checks a format of that name, the contract does not tell")
	case hints[old] && hints[now]:
	case c.old.fits(now) && c.now.fits(old): // bounds say as much already
	case slices.Contains(wider[old], now) || now == "" && old != "":
		e = widens("a client meets values that are no " + old)
	case slices.Contains(wider[now], old) || old == "":
		e = narrows("values that are no " + now + " are refused now")
	default:
		e = shifts("values of " + old + " are no values of " + now)
	}
	c.report("format-changed", "the format changed from "+cmp.Or(from, "none")+" to "+cmp.Or(to, "none"), cmp.Or(from, "none"), cmp.Or(to, "none"), e)
}

// known are the formats that have a meaning to machines.
func known(formats []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(formats), func(f string) bool { return !ofStrings[f] && !ofNumbers[f] }), " and ")
}

// annotations compares what is said about values without limiting them.
func (c *facets) annotations() {
	old, now := c.old, c.now
	if old.readOnly != now.readOnly {
		e := effect{}
		if now.readOnly {
			e = effect{client: Breaks, why: "clients that send it are refused now"}
		}
		c.report("read-only-changed", "readOnly is "+strconv.FormatBool(now.readOnly)+" now", strconv.FormatBool(old.readOnly), strconv.FormatBool(now.readOnly), e)
	}
	if old.writeOnly != now.writeOnly {
		e := effect{}
		if now.writeOnly && !c.at.optional {
			e = effect{server: Breaks, why: "answers do not hold it any more"}
		}
		c.report("write-only-changed", "writeOnly is "+strconv.FormatBool(now.writeOnly)+" now", strconv.FormatBool(old.writeOnly), strconv.FormatBool(now.writeOnly), e)
	}
	if a, b := defaultText(old.fallback), defaultText(now.fallback); a != b && !(c.at.text && unquoted(a) == unquoted(b)) {
		c.report("default-changed", "the default changed from "+shown(a)+" to "+shown(b), a, b, effect{client: Undecided, why: "requests that leave it out mean something else now"})
	}
	if old.deprecated != now.deprecated {
		c.report("schema-deprecated", "deprecated is "+strconv.FormatBool(now.deprecated)+" now", strconv.FormatBool(old.deprecated), strconv.FormatBool(now.deprecated), effect{})
	}
	if len(old.choices) > 0 && len(now.choices) > 0 {
		c.discriminator()
	}
	if c.a.Value != nil && c.b.Value != nil {
		for _, name := range generatorExtensions {
			if x, y := literal(c.a.Value.Extensions[name]), literal(c.b.Value.Extensions[name]); x != y {
				c.tell(found{rule: "extension-changed", at: c.below(name), message: name + " changed", old: shown(x), new: shown(y), base: c.a.Value.At(name), head: c.b.Value.At(name)})
			}
		}
	}
}

func defaultText(v *any) string {
	if v == nil {
		return "none"
	}
	return literal(*v)
}
