package schema

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// decl is a Schema Object as it is written, its keywords read and its
// references resolved, nothing merged yet.
type decl struct {
	id    int
	at    string // JSON pointer
	e     *element
	name  string // what to call it: the last part of its pointer, or its title
	never bool   // the schema false
	ref   *decl

	types            kinds // 0: not given
	enums            []*element
	constant         *element
	strings          *stringRules
	numbers          *numberRules
	object, array    *declSizes
	unique           bool
	format           string
	allOf            []*decl
	anyOf, oneOf     []*decl
	not              *decl
	test, then, els  *decl
	properties       []namedDecl
	patterns         []patternDecl
	additional       *decl
	propertyNames    *decl
	required         []string
	dependRequired   []dependDecl
	dependSchemas    []namedDecl
	prefix           []*decl
	items            *decl
	contains         *decl
	minContains      int
	maxContains      int // -1: none
	unevalProperties *decl
	unevalItems      *decl
	discriminator    *element
	readOnly         bool
	writeOnly        bool
	binary           bool // bytes, not text
	sensitive        bool
	harmless         bool // known not to be sensitive, as all that applies to the same value
	sound            bool // known to have no faults, as all in its reach
	place            bool // its members are the parameters of one place
	defaultValue     *element

	faults []Fault
}

type declSizes struct{ min, max int } // -1: none

type namedDecl struct {
	name string
	decl *decl
}

type patternDecl struct {
	namePattern
	decl *decl
}

type dependDecl struct {
	name     string
	requires []string
}

// keywords lists what each dialect has. Reading is in keyword.
var (
	keywordsOfBoth = []string{
		"$ref", "type", "enum", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
		"maxLength", "minLength", "pattern", "format", "maxItems", "minItems", "uniqueItems", "items",
		"maxProperties", "minProperties", "required", "properties", "additionalProperties",
		"allOf", "anyOf", "oneOf", "not", "discriminator", "readOnly", "writeOnly", "default",
		"title", "description", "example", "externalDocs", "deprecated", "xml",
	}
	keywordsOf30 = []string{"nullable"}
	keywordsOf31 = []string{
		"const", "prefixItems", "patternProperties", "propertyNames", "if", "then", "else", "contains",
		"minContains", "maxContains", "dependentRequired", "dependentSchemas", "dependencies",
		"unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef",
		"$defs", "definitions", "$id", "$schema", "$anchor", "$dynamicAnchor", "$comment", "$vocabulary",
		"examples", "contentEncoding", "contentMediaType", "contentSchema",
	}
)

// annotation reports whether a keyword only speaks to readers.
func annotation(keyword string) bool {
	return slices.Contains([]string{"title", "description", "example", "examples", "externalDocs", "deprecated", "xml", "$comment"}, keyword) ||
		strings.HasPrefix(keyword, "x-")
}

func (c *compiler) known(keyword string) bool {
	if slices.Contains(keywordsOfBoth, keyword) || strings.HasPrefix(keyword, "x-") {
		return true
	}
	if c.doc.legacy {
		return slices.Contains(keywordsOf30, keyword)
	}
	return slices.Contains(keywordsOf31, keyword)
}

// declare reads the schema at a pointer, once.
func (c *compiler) declare(at string) *decl {
	if d, ok := c.decls[at]; ok {
		return d
	}
	d := &decl{id: len(c.byID), at: at, e: c.doc.root.at(at), maxContains: -1, minContains: 1}
	c.decls[at] = d
	c.byID = append(c.byID, d)
	d.name = jsonpointer.Unescape(at[strings.LastIndexByte(at, '/')+1:])
	switch {
	case d.e == nil:
		d.fault(c, "", "there is no schema here")
	case string(d.e.raw) == "false":
		d.never = true
	case d.e.kind == kindBoolean:
	case d.e.kind != kindObject:
		d.fault(c, "", "a schema must be an object%s", map[bool]string{false: " or a boolean"}[c.doc.legacy])
	default:
		if t := d.e.get("title"); t.is(kindString) && t.text != "" && !strings.Contains(at, "/components/schemas/") {
			d.name = t.text
		}
		c.read(d)
	}
	return d
}

func (d *decl) fault(c *compiler, keyword, format string, args ...any) {
	at := d.at
	if keyword != "" {
		at += "/" + jsonpointer.Escape(keyword)
	}
	d.faults = append(d.faults, c.doc.fault(at, format, args...))
}

func (c *compiler) warn(d *decl, keyword, format string, args ...any) {
	c.warnings = append(c.warnings, c.doc.fault(d.at+"/"+jsonpointer.Escape(keyword), format, args...))
}

// read reads all keywords of an object schema.
func (c *compiler) read(d *decl) {
	if ref := d.e.get("$ref"); ref != nil {
		c.reference(d, ref)
		if c.doc.legacy {
			for _, name := range d.e.names {
				if !slices.Contains([]string{"$ref", "summary"}, name) && !annotation(name) {
					c.warn(d, name, "has no effect beside $ref in OpenAPI 3.0; use allOf")
				}
			}
			return
		}
	}
	for i, name := range d.e.names {
		if c.known(name) {
			c.keyword(d, name, d.e.members[i])
			continue
		}
		switch {
		case slices.Contains(keywordsOf31, name):
			c.warn(d, name, "has no effect in OpenAPI 3.0: it is a keyword of OpenAPI 3.1")
		case name == "nullable":
			c.warn(d, name, `has no effect in OpenAPI 3.1: add "null" to type`)
		default:
			c.warn(d, name, "is not a keyword and has no effect")
		}
	}
	if d.e.get("nullable").isTrue() && c.doc.legacy {
		if d.types == 0 {
			c.warn(d, "nullable", "has no effect without type in the same schema")
		} else {
			d.types |= kindNull
		}
	}
	if d.test == nil {
		d.then, d.els = nil, nil
	}
}

func (c *compiler) reference(d *decl, ref *element) {
	if !ref.is(kindString) {
		d.fault(c, "$ref", "must be a string")
		return
	}
	at, err := c.doc.resolve(d.at, ref.text)
	if err != nil {
		d.fault(c, "$ref", "%v", err)
		return
	}
	d.ref = c.declare(at)
	d.name = d.ref.name
	for to, n := d.ref, 0; to != nil && (c.doc.legacy || len(to.e.names) == 1); to, n = to.ref, n+1 {
		if to == d || n > len(c.decls) {
			d.fault(c, "$ref", "the reference only leads back to itself")
			d.ref = nil
			return
		}
	}
}

// sub declares the schema in a keyword's value.
func (c *compiler) sub(d *decl, path ...string) *decl {
	at := d.at
	for _, token := range path {
		at += "/" + jsonpointer.Escape(token)
	}
	return c.declare(at)
}

func (c *compiler) subList(d *decl, keyword string, e *element) (list []*decl) {
	if !e.is(kindArray) || len(e.members) == 0 {
		d.fault(c, keyword, "must be an array of one or more schemas")
		return nil
	}
	for i := range e.members {
		list = append(list, c.sub(d, keyword, fmt.Sprint(i)))
	}
	return list
}

func (c *compiler) subMap(d *decl, keyword string, e *element) (list []namedDecl) {
	if !e.is(kindObject) {
		d.fault(c, keyword, "must be an object of schemas")
		return nil
	}
	for _, name := range e.names {
		list = append(list, namedDecl{name, c.sub(d, keyword, name)})
	}
	return list
}

// count reads a number of characters, items or properties.
func (c *compiler) count(d *decl, keyword string, e *element) int {
	if e.is(kindNumber) {
		n, _ := decimal.Parse(e.raw, nil)
		if v, ok := n.Int64(); ok && v >= 0 && v <= math.MaxInt32 {
			return int(v)
		}
		if n.Whole() && !n.Negative {
			return math.MaxInt32
		}
	}
	d.fault(c, keyword, "must be a whole number, zero or more")
	return -1
}

func (c *compiler) number(d *decl, keyword string, e *element) (decimal.Number, bool) {
	if !e.is(kindNumber) {
		d.fault(c, keyword, "must be a number")
		return decimal.Number{}, false
	}
	n, _ := decimal.Parse(e.raw, nil)
	return n, true
}

func (c *compiler) flag(d *decl, keyword string, e *element) bool {
	if !e.is(kindBoolean) {
		d.fault(c, keyword, "must be true or false")
	}
	return e.isTrue()
}

func (c *compiler) names(d *decl, keyword string, e *element) (names []string) {
	bad := !e.is(kindArray)
	for _, m := range e.members {
		if bad = bad || !m.is(kindString); bad {
			break
		}
		if !slices.Contains(names, m.text) {
			names = append(names, m.text)
		}
	}
	if bad {
		d.fault(c, keyword, "must be an array of strings")
	}
	return names
}
