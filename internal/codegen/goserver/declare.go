package goserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// fill works out what a declaration is.
func (p *prep) fill(d *decl, s *openapi.Schema) {
	d.doc, d.deprecated, d.pos = s.Description, s.Deprecated, s.Pos
	d.extensions = s.Extensions
	if t, ok := p.override(s); ok {
		d.alias = &t
		return
	}
	sh := p.shapeOf(s)
	switch {
	case sh.ref != nil && p.endless(d, sh.ref):
		d.alias = &goType{expr: "interface{}", kind: anyKind}
	case sh.ref != nil:
		t := p.typeOf(sh.ref, d.name+"Value")
		d.alias = &t
	case sh.lossy != "":
		p.warnRaw(s, named(d), sh)
		d.alias = &goType{expr: "json.RawMessage", kind: listKind}
	case sh.tuple != nil:
		p.fillTuple(d, s, sh)
	case len(sh.variants) > 0 || len(sh.props) > 0:
		p.fillStruct(d, sh)
	case goEnum(sh):
		p.fillEnum(d, sh)
	case sh.typ == "array":
		t := p.itemType(sh.items, d.name+"Item")
		d.elem = &t
	case sh.typ == "object" && sh.rest != nil:
		t := p.typeOf(sh.rest, d.name+"Value")
		d.value = &t
	default:
		t := p.plainType(sh, d.name)
		d.alias = &t
	}
}

// warnRaw says once for each schema that it has no Go type.
func (p *prep) warnRaw(s *openapi.Schema, name string, sh *shape) {
	if !p.raw[s] {
		p.raw[s] = true
		p.list.Warn(ruleGoType, s.Pos, "the schema "+name+" becomes raw JSON in Go: "+sh.lossy, "")
	}
}

func named(d *decl) string {
	if d.source != "" {
		return d.source
	}
	return d.name
}

func (p *prep) fillStruct(d *decl, sh *shape) {
	o := &structDecl{validates: sh.validates}
	d.object = o
	if sh.rest != nil {
		t := p.typeOf(sh.rest, d.name+"Value")
		o.rest, o.restRef = &t, sh.rest
	} else if sh.anyRest {
		o.rest = &goType{expr: "interface{}", kind: anyKind}
	}
	p.fillVariants(d, sh)
	p.addUndeclared(sh)
	for name := range sh.props {
		o.unnamed = o.unnamed || !taggable(name)
	}
	if o.unnamed && o.rest == nil {
		// What no struct tag can name stays reachable by its name.
		o.rest = &goType{expr: "interface{}", kind: anyKind}
	}
	ruled := mentioned(sh)
	for _, f := range p.fieldNames(sh.props, reservedFields(o), named(d)) {
		prop := sh.props[f.json]
		required := slices.Contains(sh.required, f.json)
		f.ref, f.required = prop, required
		f.typ = p.typeOf(prop, d.name+f.name)
		f.typ.merged = ruled[f.json]
		if prop != nil && prop.Value != nil {
			v := prop.Value
			f.doc, f.deprecated, f.extensions = v.Description, v.Deprecated, propertyExtensions(prop)
			if prop.Ref != "" && f.doc == p.describedBy(prop) {
				f.doc = "" // the type says it already
			}
			said := limitsOf(v)
			f.readOnly, f.writeOnly = said.readOnly, said.writeOnly
			f.only = onlyBoolean(p.resolve(prop))
			if f.writeOnly && required {
				f.required = false // answers leave it out
			}
		}
		if o.discriminator == f.json && !p.discriminable(prop) {
			o.discriminator, o.mapping = "", nil
		}
		o.fields = append(o.fields, f)
	}
}

// reservedFields are the names that a struct has for what is no property.
func reservedFields(o *structDecl) scope {
	fields := newScope()
	if o.rest != nil {
		fields = newScope("AdditionalProperties", "Get", "Set", "MarshalJSON", "UnmarshalJSON")
	}
	if len(o.variants) > 0 {
		for _, method := range []string{"MarshalJSON", "UnmarshalJSON", "Value", "Discriminator", "ValueByDiscriminator"} {
			fields[method] = true
		}
		for _, v := range o.variants {
			fields["As"+v], fields["From"+v], fields["Merge"+v] = true, true, true
		}
	}
	return fields
}

// addUndeclared adds the properties that an object requires and does not
// declare: without a place for them no value of the type would be valid.
func (p *prep) addUndeclared(sh *shape) {
	if sh.rest != nil || sh.anyRest || len(sh.variants) > 0 || p.branch {
		return
	}
	for _, name := range sh.required {
		if sh.props[name] == nil {
			sh.props = maps.Clone(sh.props)
			sh.props[name] = &openapi.SchemaRef{Value: &openapi.Schema{}}
		}
	}
}

// describedBy returns the description that a referenced component prints.
func (p *prep) describedBy(ref *openapi.SchemaRef) string {
	if _, ok := p.componentOf(ref.Ref); ok {
		return ref.Value.Description
	}
	return ""
}

// discriminable reports whether a property can be set to a string constant.
func (p *prep) discriminable(ref *openapi.SchemaRef) bool {
	sh := p.resolve(ref)
	return sh.typ == "string" && sh.lossy == "" && stringType(sh.format) == "string"
}

// fieldNames gives the properties of an object their field names.
func (p *prep) fieldNames(props map[string]*openapi.SchemaRef, taken scope, owner string) []fieldDecl {
	var keys []string
	for _, key := range sortedKeys(props) {
		if taggable(key) {
			keys = append(keys, key)
		}
	}
	wishes := make([]wish, len(keys))
	for i, key := range keys {
		wishes[i] = wish{text: key, what: "the property " + key + " of " + owner}
		ref := props[key]
		if ref == nil {
			continue
		}
		wishes[i].pos = ref.Pos
		if name, ok := extension(ref, "x-go-name").(string); ok {
			wishes[i].asked = p.checkedName(name, ref.Pos)
		}
	}
	out := make([]fieldDecl, len(keys))
	for i, name := range p.nameAll(taken, wishes) {
		out[i] = fieldDecl{name: name, json: keys[i]}
	}
	return out
}

// taggable reports whether a struct tag can hold a JSON name.
func taggable(name string) bool {
	if name == "" || name == "-" || strings.ContainsAny(name, ",\\'\"`") {
		return false
	}
	for _, r := range name {
		if !strconv.IsPrint(r) {
			return false
		}
	}
	return true
}

func extension(ref *openapi.SchemaRef, key string) any {
	if v, ok := ref.Extensions[key]; ok {
		return v
	}
	if ref.Value != nil && ref.Ref == "" {
		return ref.Value.Extensions[key]
	}
	return nil
}

// propertyExtensions are what oapi-codegen reads on a property beside its type.
func propertyExtensions(ref *openapi.SchemaRef) map[string]any {
	out := map[string]any{}
	for _, key := range []string{"x-oapi-codegen-extra-tags", "x-order", "x-deprecated-reason", "x-go-json-ignore"} {
		if v := extension(ref, key); v != nil {
			out[key] = v
		}
	}
	return out
}

// variantHint is what a branch of a choice is called.
func (p *prep) variantHint(d *decl, i int, ref *openapi.SchemaRef) string {
	if ref.Ref == "" && ref.Value.Title != "" {
		return d.name + p.words.goName(ref.Value.Title)
	}
	return d.name + strconv.Itoa(i)
}

func (p *prep) variantType(ref *openapi.SchemaRef, hint string) goType {
	outer := p.branch
	p.branch = true
	defer func() { p.branch = outer }()
	return p.typeOf(ref, hint)
}

func (p *prep) fillVariants(d *decl, sh *shape) {
	o := d.object
	original := map[string]string{} // variant to component key
	for i, ref := range sh.variants {
		hint := p.variantHint(d, i, ref)
		t := p.variantType(ref, hint)
		name := t.expr
		if key, ok := p.componentOf(ref.Ref); ok {
			original[name] = key
		} else if !p.declared(name) {
			// The accessors are named after types, so every branch has one.
			name = p.names.take(hint)
			p.decls = append(p.decls, &decl{name: name, alias: &goType{expr: t.expr, kind: t.kind}, doc: ref.Value.Description})
		}
		if !slices.Contains(o.variants, name) {
			o.variants = append(o.variants, name)
		}
	}
	if sh.disc == nil || len(original) != len(o.variants) || !taggable(sh.disc.PropertyName) {
		return
	}
	mapping := map[string]string{}
	mapped := map[string]bool{}
	for _, value := range sortedKeys(sh.disc.Mapping) {
		ref := sh.disc.Mapping[value]
		key, ok := p.componentOf(ref)
		if !ok {
			key, ok = p.componentOf(schemaPrefix + ref)
		}
		if name := p.components[key]; ok && original[name] != "" {
			mapping[value], mapped[name] = name, true
		}
	}
	p.mapUnsaid(sh, original, mapping, mapped)
	for value := range mapping {
		if strings.ContainsAny(value, "\"`\\") || !taggable("x"+value) {
			return
		}
	}
	o.discriminator, o.mapping = sh.disc.PropertyName, mapping
}

// mapUnsaid adds the types that a discriminator's mapping leaves out. They are
// meant by their names; or, where each lists values of the property that no
// other has, by these: to the letter no value would fit them.
func (p *prep) mapUnsaid(sh *shape, original map[string]string, mapping map[string]string, mapped map[string]bool) {
	owners := map[string][]string{} // of a value
	for _, name := range sortedKeys(original) {
		if mapped[name] {
			continue
		}
		key := original[name]
		for _, v := range p.resolve(p.resolve(p.schemas()[key]).props[sh.disc.PropertyName]).enum {
			if text, ok := discriminated(v); ok && !slices.Contains(owners[text], name) {
				owners[text] = append(owners[text], name)
			}
		}
	}
	listed := map[string]bool{}
	for _, value := range sortedKeys(owners) {
		if _, taken := mapping[value]; !taken && len(owners[value]) == 1 {
			mapping[value] = owners[value][0]
			listed[owners[value][0]] = true
		}
	}
	for name, key := range original {
		if _, taken := mapping[key]; !taken && !mapped[name] && !listed[name] {
			mapping[key] = name
		}
	}
}

// onlyBoolean is the one boolean that a shape lists; its Go type takes both.
func onlyBoolean(sh *shape) (only string) {
	for _, v := range sh.enum {
		if b, ok := v.(bool); ok && sh.typ == "boolean" {
			if only != "" && only != strconv.FormatBool(b) {
				return ""
			}
			only = strconv.FormatBool(b)
		}
	}
	return only
}

// discriminated is what a discriminator says that has a value: text, or a number or
// boolean as JSON writes it.
func discriminated(v any) (text string, ok bool) {
	switch v.(type) {
	case string, bool, json.Number:
		return fmt.Sprint(v), true
	}
	return "", false
}

func (p *prep) declared(name string) bool {
	return slices.ContainsFunc(p.decls, func(d *decl) bool { return d.name == name })
}
