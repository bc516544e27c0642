package schema

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/bracket"
	"github.com/banyan-go/banyan/schema/internal/lookup"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// Parameters are the compiled parameters of one operation: what it takes in
// path, query, headers and cookies. They are immutable and safe for concurrent
// use.
type Parameters struct {
	doc    *Document
	root   *node // of all parameters
	rest   *node // of those that are no scalars; nil: of none
	plain  bool  // some are scalars
	list   []*parameter
	path   template
	query  queryNames
	header []*parameter
	cookie []*parameter
}

// place is where a parameter is sent.
type place uint8

const (
	inPath place = iota
	inQuery
	inHeader
	inCookie
	places
)

var placeNames = [places]string{"path", "query", "header", "cookie"}

// parameter is one Parameter Object.
type parameter struct {
	name       string
	canonical  string // of a header
	in         place
	at         string
	style      style
	explode    bool
	allowEmpty bool
	json       bool // it has content instead of a schema
	required   bool
	schema     *decl
	node       *node
	kinds      kinds // what it may be
	items      []*node
	index      int     // in Parameters.list
	scalar     *scalar // nil: it is not checked by its text
}

// queryNames says whose a query's names are.
type queryNames struct {
	names   lookup.Table
	owners  []owner
	stems   map[string]owner // of lists that have brackets in their names
	freeFor *parameter       // an exploded object that takes all other names
}

// owner is a parameter, or a property of an exploded object parameter.
type owner struct {
	parameter *parameter
	property  string
}

// Parameters compiles the parameters of the Operation Object at a JSON pointer,
// "/paths/~1users~1{id}/get", together with those of its path. The error is of
// type Faults.
func (d *Document) Parameters(operation string) (*Parameters, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.compiler
	p := &Parameters{doc: d}
	var faults Faults
	fault := func(at, format string, args ...any) { faults = append(faults, d.fault(at, format, args...)) }

	cut := strings.LastIndexByte(operation, '/')
	if cut < 0 || !d.root.at(operation).is(kindObject) {
		return nil, Faults{d.fault(operation, "there is no operation here")}
	}
	item := operation[:cut]
	for _, at := range []string{operation, item} {
		list := d.root.at(at).get("parameters")
		for i := range list.memberCount() {
			one := c.parameter(at+"/parameters/"+itoa(i), fault)
			if one != nil && !slices.ContainsFunc(p.list, func(o *parameter) bool { return o.is(one) }) {
				one.index = len(p.list)
				p.list = append(p.list, one)
			}
		}
	}
	p.path = parseTemplate(jsonpointer.Unescape(item[strings.LastIndexByte(item, '/')+1:]))
	if len(faults) == 0 {
		faults = c.parameters(p, operation)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

// is reports whether two parameters are one, which the operation and its path may
// both describe: names of headers fold case (RFC 9110, section 5.1).
func (p *parameter) is(q *parameter) bool {
	return p.in == q.in && (p.name == q.name || p.in == inHeader && strings.EqualFold(p.name, q.name))
}

// parameter reads one Parameter Object; nil when it is at fault or ignored.
func (c *compiler) parameter(at string, fault func(at, format string, args ...any)) *parameter {
	at, e, err := c.doc.follow(at)
	if err != nil {
		fault(at+"/$ref", "%v", err)
		return nil
	}
	if !e.is(kindObject) || !e.get("name").is(kindString) || !e.get("in").is(kindString) {
		fault(at, "a parameter needs a name and a place (in)")
		return nil
	}
	in := slices.Index(placeNames[:], e.get("in").text)
	if in < 0 {
		fault(at+"/in", "%q is not one of path, query, header and cookie", e.get("in").text)
		return nil
	}
	p := &parameter{name: e.get("name").text, in: place(in), at: at}
	p.required, p.allowEmpty = e.get("required").isTrue(), e.get("allowEmptyValue").isTrue()
	if pii := e.get("x-pii"); pii != nil && string(pii.raw) != "false" {
		c.protect([]string{p.name})
	}
	if p.in == inHeader {
		p.canonical = http.CanonicalHeaderKey(p.name)
		if p.canonical == "Accept" || p.canonical == "Content-Type" || p.canonical == "Authorization" {
			c.warnings = append(c.warnings, c.doc.fault(at, "has no effect: OpenAPI ignores parameters of this name"))
			return nil
		}
	}
	if content := e.get("content"); content.memberCount() > 0 {
		p.json = jsonMedia(content.names[0])
		if !p.json {
			c.warnings = append(c.warnings, c.doc.fault(at+"/content", "%s is taken as text", content.names[0]))
		}
		p.schema = c.declare(at + "/content/" + jsonpointer.Escape(content.names[0]) + "/schema")
		if content.members[0].get("schema") == nil {
			p.schema = c.synthetic(at)
		}
		return p
	}
	if e.get("schema") == nil {
		fault(at, "the parameter has neither schema nor content")
		return nil
	}
	p.schema = c.declare(at + "/schema")
	p.style = defaultStyles[p.in]
	if s := e.get("style"); s != nil {
		known := false
		if p.style, known = stylesByName[s.text]; !known || !p.style.allowedIn(p.in) {
			fault(at+"/style", "%s is not a style of %s parameters", s.raw, placeNames[p.in])
			return nil
		}
	}
	p.explode = p.style == styleForm || p.style == styleDeepObject
	if x := e.get("explode"); x != nil {
		p.explode = x.isTrue()
	}
	return p
}

// follow returns what stands at a pointer, or where the references there end.
func (d *Document) follow(at string) (string, *element, error) {
	e := d.root.at(at)
	for n := 0; e.get("$ref").is(kindString); n++ {
		target, err := d.resolve(at, e.get("$ref").text)
		if err == nil && n > 50 {
			err = errors.New("references go in a circle")
		}
		if err != nil {
			return at, nil, err
		}
		at, e = target, d.root.at(target)
	}
	return at, e, nil
}

// synthetic makes a declaration that no text of the document stands for.
func (c *compiler) synthetic(at string) *decl {
	d := &decl{id: len(c.byID), at: at, e: &element{kind: kindObject}, maxContains: -1, minContains: 1}
	c.byID = append(c.byID, d)
	return d
}

// parameters compiles the schema of all parameters, and of those that are not
// checked by their texts.
func (c *compiler) parameters(p *Parameters, at string) Faults {
	var err error
	if p.root, err = c.together(p.list, at); err == nil && c.untangle(p.list, p.root) {
		p.root, err = c.together(p.list, at)
	}
	if err != nil {
		return err.(Faults)
	}
	var rest []*parameter
	for _, one := range p.list {
		section, i := p.root.parameter(one)
		one.node = section.properties[i].node
		one.kinds = one.node.accepts
		one.items = itemNodes([]*node{one.node})
		if one.scalar = one.scalarOf(section, i); one.scalar == nil {
			rest = append(rest, one)
		}
		switch one.in {
		case inHeader:
			p.header = append(p.header, one)
		case inCookie:
			p.cookie = append(p.cookie, one)
		}
	}
	p.query.index(p.list)
	if p.plain = len(rest) < len(p.list); p.plain && len(rest) > 0 {
		if p.rest, err = c.together(rest, at); err != nil {
			return err.(Faults)
		}
	}
	return nil
}

// together compiles the schema of parameters as one: an object of the places,
// each an object of its parameters. Pointers, defaults and missing ones then
// come by themselves.
func (c *compiler) together(list []*parameter, at string) (*node, error) {
	root := c.synthetic(at)
	var sections [places]*decl
	for _, one := range list {
		if sections[one.in] == nil {
			sections[one.in] = c.synthetic(at + "/parameters")
			sections[one.in].place = true
			root.properties = append(root.properties, namedDecl{placeNames[one.in], sections[one.in]})
		}
		s := sections[one.in]
		s.properties = append(s.properties, namedDecl{one.name, one.schema})
		if one.required || one.in == inPath {
			s.required = append(s.required, one.name)
		}
	}
	n, err := c.compile(root)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		section, i := n.parameter(one)
		if required := section.properties[i].required; required != nil {
			required.at = one.at + "/required"
		}
	}
	return n, nil
}

// parameter returns where a parameter is in the schema of them together.
func (n *node) parameter(p *parameter) (section *objectRules, property int) {
	section = n.object.properties[n.object.table.Find([]byte(placeNames[p.in]))].node.object
	return section, section.table.Find([]byte(p.name))
}

func (q *queryNames) index(list []*parameter) {
	var names []string
	q.stems = map[string]owner{}
	add := func(name string, o owner, k kinds) {
		if slices.Contains(names, name) {
			return
		}
		names, q.owners = append(names, name), append(q.owners, o)
		if stem, ok := bracket.Stem(name); ok && k&kindArray != 0 && k != kindAny {
			q.stems[stem] = o
		}
	}
	for _, p := range list {
		if p.in == inQuery {
			k := p.kinds
			if p.json {
				k = kindAny
			}
			add(p.name, owner{parameter: p}, k)
		}
	}
	for _, p := range list { // after all of these: their names come first
		if p.in != inQuery || !p.spreads() {
			continue
		}
		for _, name := range propertyNames([]*node{p.node}) {
			add(name, owner{p, name}, kindsOf(memberNodes([]*node{p.node}, name)))
		}
		if takesAnyName([]*node{p.node}) {
			q.freeFor = p
		}
	}
	for _, name := range names {
		delete(q.stems, name)
	}
	q.names = lookup.New(names)
}

// spreads reports whether p is an object whose properties are parameters of
// their own in the query.
func (p *parameter) spreads() bool {
	return p.style == styleForm && p.explode && !p.json && p.kinds&kindObject != 0 && p.kinds != kindAny
}

// Read decodes the parameters of a request by their styles and checks them. It
// appends them to dst as one JSON object of the places that have parameters,
//
//	{"path":{"id":"a7"},"query":{"limit":20}}
//
// with defaults for what is missing. Dst may be nil; the bytes appended mean
// nothing when there are violations. The path of the request may have a prefix
// before the contract's path.
func (p *Parameters) Read(dst []byte, r *http.Request) ([]byte, Violations) {
	d := newDecoder(p.doc, dst)
	d.collectAll(p, r)
	d.document(p, false)
	dst, v := d.check(p.root, Request)
	d.release()
	return dst, v
}

func (e *element) memberCount() int {
	if e == nil {
		return 0
	}
	return len(e.members)
}

// jsonMedia reports whether a media type is JSON.
func jsonMedia(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}
