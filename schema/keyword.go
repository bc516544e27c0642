package schema

import (
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/internal/format"
	"github.com/banyan-go/banyan/schema/internal/pattern"
)

// keyword reads one keyword into d.
func (c *compiler) keyword(d *decl, name string, e *element) {
	switch name {
	case "type":
		c.types(d, e)
	case "enum":
		if !e.is(kindArray) {
			d.fault(c, name, "must be an array")
			return
		}
		d.enums = append([]*element{}, e.members...)
	case "const":
		d.constant = e
	case "multipleOf", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum":
		c.numeric(d, name, e)
	case "maxLength", "minLength", "pattern":
		c.stringKeyword(d, name, e)
	case "format":
		c.formatKeyword(d, e)
	case "maxItems", "minItems", "maxProperties", "minProperties":
		sizes := &d.array
		if strings.HasSuffix(name, "Properties") {
			sizes = &d.object
		}
		if *sizes == nil {
			*sizes = &declSizes{-1, -1}
		}
		if name[:3] == "min" {
			(*sizes).min = c.count(d, name, e)
		} else {
			(*sizes).max = c.count(d, name, e)
		}
	case "uniqueItems":
		d.unique = c.flag(d, name, e)
	case "readOnly":
		d.readOnly = c.flag(d, name, e)
	case "writeOnly":
		d.writeOnly = c.flag(d, name, e)
	case "default":
		d.defaultValue = e
	case "discriminator":
		if !e.is(kindObject) || !e.get("propertyName").is(kindString) {
			d.fault(c, name, "must be an object with a propertyName")
			return
		}
		d.discriminator = e
	case "contentMediaType": // OpenAPI 3.1's way to say format: binary
		d.binary = d.e.get("contentEncoding") == nil && !strings.HasPrefix(e.text, "text/") && !jsonMedia(e.text)
	case "x-pii":
		d.sensitive = d.sensitive || string(e.raw) != "false" && string(e.raw) != "null"
	default:
		c.applicator(d, name, e)
	}
}

// applicator reads a keyword that holds further schemas.
func (c *compiler) applicator(d *decl, name string, e *element) {
	switch name {
	case "allOf":
		d.allOf = c.subList(d, name, e)
	case "anyOf":
		d.anyOf = c.subList(d, name, e)
	case "oneOf":
		d.oneOf = c.subList(d, name, e)
	case "not":
		d.not = c.sub(d, name)
	case "if":
		d.test = c.sub(d, name)
	case "then":
		d.then = c.sub(d, name)
	case "else":
		d.els = c.sub(d, name)
	case "properties":
		d.properties = c.subMap(d, name, e)
	case "patternProperties":
		for _, p := range c.subMap(d, name, e) {
			compiled, timeout := c.compilePattern(d, name, p.name)
			if compiled != nil {
				d.patterns = append(d.patterns, patternDecl{namePattern{pattern: compiled, time: timeout}, p.decl})
			}
		}
	case "additionalProperties":
		d.additional = c.sub(d, name)
	case "propertyNames":
		d.propertyNames = c.sub(d, name)
	case "required":
		d.required = c.names(d, name, e)
	case "dependentSchemas":
		d.dependSchemas = append(d.dependSchemas, c.subMap(d, name, e)...)
	case "dependentRequired", "dependencies":
		c.dependencies(d, name, e)
	case "prefixItems":
		d.prefix = c.subList(d, name, e)
	case "items":
		if e.is(kindArray) {
			d.fault(c, name, "must be a schema; an array of schemas is prefixItems in OpenAPI 3.1")
			return
		}
		d.items = c.sub(d, name)
	case "contains":
		d.contains = c.sub(d, name)
	case "minContains":
		d.minContains = c.count(d, name, e)
	case "maxContains":
		d.maxContains = c.count(d, name, e)
	case "unevaluatedProperties":
		c.unevaluated, d.unevalProperties = true, c.sub(d, name)
	case "unevaluatedItems":
		c.unevaluated, d.unevalItems = true, c.sub(d, name)
	case "$dynamicRef", "$recursiveRef":
		d.fault(c, name, "is not supported; use $ref")
	}
}

func (c *compiler) types(d *decl, e *element) {
	list := e.members
	switch {
	case e.is(kindString):
		list = []*element{e}
	case !e.is(kindArray) || c.doc.legacy:
		d.fault(c, "type", "must be a string%s", map[bool]string{true: " in OpenAPI 3.0; use nullable or anyOf", false: " or an array of strings"}[c.doc.legacy])
		return
	}
	if len(list) == 0 {
		d.fault(c, "type", "must name a type")
	}
	for _, t := range list {
		k, ok := kindsByName[t.text]
		switch {
		case !ok:
			d.fault(c, "type", "%s is not a type; types are %s", t.raw, "array, boolean, integer, number, object and string")
		case k == kindNull && c.doc.legacy:
			d.fault(c, "type", "null is not a type in OpenAPI 3.0; use nullable")
		}
		d.types |= k
	}
}

func (c *compiler) numeric(d *decl, name string, e *element) {
	if d.numbers == nil {
		d.numbers = &numberRules{low: math.MinInt64, high: math.MaxInt64}
	}
	exclusive := strings.HasPrefix(name, "exclusive")
	if exclusive && c.doc.legacy {
		if !e.is(kindBoolean) {
			d.fault(c, name, "must be true or false in OpenAPI 3.0")
		}
		return // minimum and maximum look at it
	}
	n, ok := c.number(d, name, e)
	if !ok {
		return
	}
	limit := string(e.raw)
	if name == "multipleOf" {
		if n.Negative || len(n.Digits) == 0 {
			d.fault(c, name, "must be greater than zero")
			return
		}
		divisor := decimal.NewDivisor(n)
		d.numbers.multiple = &divisor
		d.numbers.step, _ = n.Int64()
		d.numbers.multRule = d.rule(name, limit, "must be a multiple of "+limit)
		return
	}
	b := bound{value: n, upper: strings.HasSuffix(name, "aximum"), exclusive: exclusive}
	if c.doc.legacy {
		exclusive := "exclusiveM" + name[1:]
		b.exclusive = d.e.get(exclusive).isTrue()
	}
	d.numbers.add(b, d.rule(name, limit, boundMessage(b, limit)))
}

func boundMessage(b bound, limit string) string {
	switch {
	case b.upper && b.exclusive:
		return "must be less than " + limit
	case b.upper:
		return "must be at most " + limit
	case b.exclusive:
		return "must be greater than " + limit
	}
	return "must be at least " + limit
}

// add adds a bound, and narrows what the fast path for small integers accepts.
func (r *numberRules) add(b bound, message *rule) {
	message.shows = true
	b.rule = message
	r.bounds = append(r.bounds, b)
	low, high := boundInt64(b)
	r.low, r.high = max(r.low, low), min(r.high, high)
}

// boundInt64 returns the int64 values that a bound allows. Values of more than
// 18 digits never take the fast path, so that far bounds may be cut.
func boundInt64(b bound) (low, high int64) {
	const limit = 1e18
	low, high = -limit, limit
	at, exact := floor(b.value)
	if b.upper {
		if high = at; exact && b.exclusive && at > -limit {
			high--
		}
		return low, min(high, limit)
	}
	low = at
	if !exact && at < limit || exact && b.exclusive {
		low++
	}
	return max(low, -limit), high
}

// floor returns the greatest integer up to n, cut to 18 digits, and whether it is n.
func floor(n decimal.Number) (int64, bool) {
	switch {
	case n.Exp > 18 && n.Negative:
		return -1e18, false
	case n.Exp > 18:
		return 1e18, false
	case n.Whole():
		v, _ := n.Int64()
		return v, true
	case n.Exp <= 0 && n.Negative:
		return -1, false
	case n.Exp <= 0:
		return 0, false
	}
	n.Digits = n.Digits[:n.Exp]
	v, _ := n.Int64()
	if n.Negative {
		v--
	}
	return v, false
}

func (c *compiler) stringKeyword(d *decl, name string, e *element) {
	if d.strings == nil {
		d.strings = &stringRules{min: -1, max: -1}
	}
	limit := string(e.raw)
	switch name {
	case "minLength":
		d.strings.min = c.count(d, name, e)
		message := "must be at least " + plural(limit, "character") + " long"
		if limit == "1" {
			message = "must not be empty"
		}
		d.strings.minRule = d.rule(name, limit, message)
	case "maxLength":
		d.strings.max = c.count(d, name, e)
		d.strings.maxRule = d.rule(name, limit, "must be at most "+plural(limit, "character")+" long")
	case "pattern":
		if !e.is(kindString) {
			d.fault(c, name, "must be a string")
			return
		}
		d.strings.pattern, d.strings.patternTime = c.compilePattern(d, name, e.text)
		d.strings.patternRule = d.rule(name, e.text, "must match the pattern "+e.text)
	}
}

// plural counts a noun: "1 character", "2 characters".
func plural(n, noun string) string {
	switch {
	case n == "1":
		return n + " " + noun
	case strings.HasSuffix(noun, "y"):
		return n + " " + noun[:len(noun)-1] + "ies"
	}
	return n + " " + noun + "s"
}

// compilePattern compiles an expression, and the rule for one that is stopped.
func (c *compiler) compilePattern(d *decl, keyword, source string) (*pattern.Pattern, *rule) {
	if p, ok := c.patterns[source]; ok {
		return p, d.rule(keyword, source, "takes too long to check against the pattern "+source)
	}
	o := c.doc.options
	p, err := pattern.Compile(source, pattern.Options{RefuseBacktracking: o.Backtracking == Refuse, Time: o.PatternTime})
	switch {
	case errors.Is(err, pattern.ErrBacktracking):
		d.fault(c, keyword, "%q: %v", source, err)
		return nil, nil
	case err != nil:
		d.fault(c, keyword, "%q is not a regular expression of ECMA-262: %v", source, err)
		return nil, nil
	}
	c.patterns[source] = p
	return p, d.rule(keyword, source, "takes too long to check against the pattern "+source)
}

// numericRanges are the formats that bound numbers.
var numericRanges = map[string]struct{ low, high, noun string }{
	"int8":   {"-128", "127", "an 8-bit integer"},
	"int16":  {"-32768", "32767", "a 16-bit integer"},
	"int32":  {"-2147483648", "2147483647", "a 32-bit integer"},
	"int64":  {"-9223372036854775808", "9223372036854775807", "a 64-bit integer"},
	"uint8":  {"0", "255", "an unsigned 8-bit integer"},
	"uint16": {"0", "65535", "an unsigned 16-bit integer"},
	"uint32": {"0", "4294967295", "an unsigned 32-bit integer"},
	"uint64": {"0", "18446744073709551615", "an unsigned 64-bit integer"},
	"float":  {"-3.4028234663852886e38", "3.4028234663852886e38", "a number within single precision's range"},
	"double": {"-1.7976931348623157e308", "1.7976931348623157e308", "a number within double precision's range"},
}

func (c *compiler) formatKeyword(d *decl, e *element) {
	if !e.is(kindString) {
		d.fault(c, "format", "must be a string")
		return
	}
	d.format = e.text
	d.sensitive = d.sensitive || e.text == "password"
	d.binary = d.binary || e.text == "binary"
	policy := c.doc.options.Formats
	r := d.rule("format", e.text, "")
	r.warn = policy == Warn
	if f, ok := format.Lookup(e.text); ok {
		if d.strings == nil {
			d.strings = &stringRules{min: -1, max: -1}
		}
		if policy != Ignore {
			d.strings.format, d.strings.formatRule = f.Check, r
			r.message = "must be " + f.Noun
		}
		return
	}
	if limits, ok := numericRanges[e.text]; ok {
		if d.numbers == nil {
			d.numbers = &numberRules{low: math.MinInt64, high: math.MaxInt64}
		}
		if policy != Ignore {
			r.message = "must be " + limits.noun
			d.numbers.add(bound{value: decimal.Of(limits.low)}, r)
			d.numbers.add(bound{value: decimal.Of(limits.high), upper: true}, r)
		}
		return
	}
	if !format.Silent(e.text) {
		c.warn(d, "format", "%q is not a format that is checked", e.text)
	}
}

func (c *compiler) dependencies(d *decl, keyword string, e *element) {
	if !e.is(kindObject) {
		d.fault(c, keyword, "must be an object")
		return
	}
	for i, name := range e.names {
		m := e.members[i]
		if keyword == "dependencies" && !m.is(kindArray) {
			d.dependSchemas = append(d.dependSchemas, namedDecl{name, c.sub(d, keyword, name)})
			continue
		}
		d.dependRequired = append(d.dependRequired, dependDecl{name, c.names(d, keyword, m)})
	}
}

// rule makes the rule of a keyword of d. Rules of longer limits do not repeat
// them.
func (d *decl) rule(keyword, limit, message string) *rule {
	if len(limit) > 200 {
		limit = ""
	}
	if len(message) > 400 {
		message = strings.ToValidUTF8(message[:400], "") + "..."
	}
	at := d.at + "/" + keyword
	if slices.Contains([]string{"", "additionalProperties"}, keyword) {
		at = strings.TrimSuffix(at, "/"+keyword)
	}
	return &rule{keyword: keyword, at: at, limit: limit, message: message, weight: 1}
}

// ValidPattern reports why source is not a pattern: a regular expression of
// ECMA-262 under its u flag, with what engines that are not strict take as well.
// It is nil for every pattern that a schema compiles with.
func ValidPattern(source string) error {
	_, err := pattern.Compile(source, pattern.Options{})
	return err
}
