package schema

import (
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/bracket"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// Form is the compiled schema of an application/x-www-form-urlencoded or
// multipart/form-data body. It is immutable and safe for concurrent use.
type Form struct {
	doc       *Document
	at        string
	root      *node // what the decoded body is checked against
	multipart bool
	mode      Mode
	fields    map[string]fieldEncoding
	stems     map[string]string // of lists that have brackets in their names
}

// fieldEncoding is an Encoding Object, and what is known of the field without.
type fieldEncoding struct {
	delimiters []string // of a list in one value; nil: the list is exploded
	json       bool     // what a part is that does not say it, unless it is empty
	list       bool     // it may be one
	file       bool
	media      []string // what parts may be, in lower case and without parameters; nil: anything
	headers    *Parameters
}

// Form compiles the Media Type Object at a JSON pointer,
// "/paths/~1users/post/requestBody/content/multipart~1form-data". The error is
// of type Faults.
func (d *Document) Form(mediaType string) (*Form, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.compiler
	e := d.root.at(mediaType)
	if !e.is(kindObject) {
		return nil, Faults{d.fault(mediaType, "there is no media type here")}
	}
	f := &Form{doc: d, at: mediaType, mode: Request, fields: map[string]fieldEncoding{}, stems: map[string]string{}}
	f.multipart = strings.Contains(mediaType[strings.LastIndexByte(mediaType, '/')+1:], "multipart~1")
	body := c.synthetic(mediaType)
	if e.get("schema") != nil {
		body = c.declare(mediaType + "/schema")
	}
	root, err := c.compile(body)
	if err != nil {
		return nil, err
	}
	f.root = root
	for _, name := range propertyNames([]*node{root}) {
		nodes := memberNodes([]*node{root}, name)
		f.fields[name] = f.guess(nodes)
		if stem, ok := bracket.Stem(name); ok && kindsOf(nodes) != kindAny && kindsOf(nodes)&kindArray != 0 {
			f.stems[stem] = name
		}
	}
	for name := range f.fields {
		delete(f.stems, name)
	}
	if enc := e.get("encoding"); enc.is(kindObject) {
		for i, name := range enc.names {
			if err := f.encoding(c, name, enc.members[i]); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// As returns the form as a body of another mode than Request, which is what forms
// are.
func (f *Form) As(mode Mode) *Form {
	g := *f
	g.mode = mode
	return &g
}

// Named reports whether the body can be an object, as what has names can. Read makes
// nothing else.
func (f *Form) Named() bool { return kindsOf([]*node{f.root})&kindObject != 0 }

// guess is the encoding of a field without an Encoding Object: in multipart
// bodies binary fields are files, and objects are JSON.
func (f *Form) guess(nodes []*node) (enc fieldEncoding) {
	if !f.multipart {
		return enc
	}
	k := kindsOf(nodes)
	enc.list = k&kindArray != 0 && k&kindObject == 0
	if enc.list {
		nodes = itemNodes(nodes)
		k = kindsOf(nodes)
	}
	for _, n := range nodes {
		enc.file = enc.file || n.binary
	}
	enc.json = k != kindAny && k&kindObject != 0 && !enc.file
	return enc
}

// encoding reads an Encoding Object.
func (f *Form) encoding(c *compiler, name string, e *element) error {
	enc := f.fields[name]
	at := f.at + "/encoding/" + jsonpointer.Escape(name)
	if content := e.get("contentType"); content.is(kindString) {
		enc.media = mediaRanges(content.text)
		some := slices.ContainsFunc(enc.media, jsonMedia)
		enc.file = !some && !slices.Contains(enc.media, "text/plain")
		if len(enc.media) < 2 { // of several, what a part is that does not say it stays a guess
			enc.json = some
		}
	}
	var err error
	if f.multipart {
		if enc.headers, err = c.headers(at+"/headers", e.get("headers")); err != nil {
			return err
		}
	}
	if f.multipart && c.doc.legacy { // OpenAPI 3.0.3, section 4.7.15.1: what follows is for urlencoded bodies
		f.fields[name] = enc
		return nil
	}
	s, explode := styleForm, true
	if v := e.get("style"); v != nil {
		known := false
		if s, known = stylesByName[v.text]; !known || !s.allowedIn(inQuery) {
			return Faults{c.doc.fault(at+"/style", "%s is not a style of form fields", v.raw)}
		}
		explode = s == styleForm || s == styleDeepObject
	}
	if v := e.get("explode"); v != nil {
		explode = v.isTrue()
	}
	if !explode {
		enc.delimiters = map[style][]string{styleForm: {","}, styleSpace: {" "}, stylePipe: {"|"}}[s]
	}
	f.fields[name] = enc
	return nil
}

// Read decodes an application/x-www-form-urlencoded body and checks it. It
// appends the body as JSON to dst, with defaults for what is missing. Besides
// the contract's styles, names in PHP's form are understood: a[]=1 and
// a[b]=2. The bytes appended mean nothing when there are violations.
func (f *Form) Read(dst, body []byte) ([]byte, Violations) {
	d := newDecoder(f.doc, dst)
	t := new(bracket.Tree)
	raw := string(body)
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		d.name = unescape(d.name[:0], name, true)
		d.text = unescape(d.text[:0], text, true)
		f.field(d, t, string(d.name), string(d.text), false)
	}
	return f.finish(d, t)
}

// field enters one value of the form.
func (f *Form) field(d *decoder, t *bracket.Tree, name, text string, json bool) {
	base, path := f.find(name)
	if !validText([]byte(text)) || !validText([]byte(name)) {
		d.refuse("/"+jsonpointer.Escape(strings.ToValidUTF8(base, "\ufffd")), KeywordStyle, f.at, "must be valid UTF-8")
		return
	}
	leaf := t.Child(base)
	if enc := f.fields[base]; enc.delimiters != nil && path == "" {
		split(text, enc.delimiters, func(part string) { leaf.Add("[]", bracket.Value{Text: part}) })
		return
	}
	if !leaf.Add(path, bracket.Value{Text: text, JSON: json}) {
		d.refuse("/"+jsonpointer.Escape(base), KeywordStyle, f.at, "has brackets that do not match")
	}
}

// find returns whose a name is, and the brackets behind it.
func (f *Form) find(name string) (base, path string) {
	if _, exact := f.fields[name]; exact { // it may be "ids[]"
		return name, ""
	}
	if base, path, ok := bracket.Under(f.stems, name); ok {
		return base, path
	}
	return bracket.Cut(name)
}

// finish writes the form as JSON and checks it.
func (f *Form) finish(d *decoder, t *bracket.Tree) ([]byte, Violations) {
	d.buf = append(d.buf, '{')
	for _, name := range t.Keys {
		start := len(d.buf)
		if start > 1 {
			d.buf = append(d.buf, ',')
		}
		d.buf = append(quoteJSON(d.buf, name), ':')
		if !d.tree(t.Children[name], memberNodes([]*node{f.root}, name), "/"+jsonpointer.Escape(name), f.at) {
			d.buf = d.buf[:start]
		}
	}
	d.buf = append(d.buf, '}')
	dst, v := d.check(f.root, f.mode)
	d.release()
	return dst, v
}
