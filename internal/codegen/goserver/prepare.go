package goserver

import (
	"fmt"
	"go/parser"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/getkin/kin-openapi/openapi3"
)

// prep decides every Go name and type of one contract before any code is
// printed. The document it reads is a private copy.
type prep struct {
	doc   *openapi3.T
	list  *diag.List
	names scope // of the package

	shapes map[schemaKey]*shape
	pairs  map[[2]schemaKey]*openapi3.SchemaRef
	// components are the Go names of components/schemas; hoisted those of
	// schemas that stand elsewhere.
	components map[string]string
	hoisted    map[schemaKey]string
	busy       map[schemaKey]bool
	raw        map[schemaKey]bool // those that were warned about
	decls      []*decl
	imports    map[string]string // path to name, from x-go-type-import
}

func newPrep(doc *openapi3.T, list *diag.List, reserved ...string) *prep {
	return &prep{
		doc: doc, list: list, names: newScope(reserved...),
		shapes: map[schemaKey]*shape{}, pairs: map[[2]schemaKey]*openapi3.SchemaRef{},
		components: map[string]string{}, hoisted: map[schemaKey]string{}, busy: map[schemaKey]bool{}, raw: map[schemaKey]bool{},
		imports: map[string]string{},
	}
}

const schemaPrefix = "#/components/schemas/"

// schemas returns the component schemas, or none.
func (p *prep) schemas() openapi3.Schemas {
	if p.doc.Components == nil {
		return nil
	}
	return p.doc.Components.Schemas
}

// nameComponents gives every component schema its Go name: x-go-name first,
// then names that are Go names as they stand, then the rest in order, so that a
// new schema never renames an old one that needed no change.
func (p *prep) nameComponents() {
	keys := sortedKeys(p.schemas())
	var plain, rest []string
	for _, key := range keys {
		ref := p.schemas()[key]
		if name, pos, ok := p.askedName(ref); ok {
			if !validIdentifier(name) {
				p.list.Add(ruleGoName, pos, fmt.Sprintf("%q is not a Go name of letters and digits that starts with an upper case letter", name), "use "+goName(name))
				name = goName(name)
			}
			if p.names[name] {
				p.list.Add(ruleGoName, pos, fmt.Sprintf("the Go name %s is taken%s", name, p.owner(name)), "choose another x-go-name")
			}
			p.components[key] = p.names.take(name)
		} else if goName(key) == key {
			plain = append(plain, key)
		} else {
			rest = append(rest, key)
		}
	}
	for _, key := range plain {
		p.components[key] = p.takeType(key)
	}
	for _, key := range rest {
		p.components[key] = p.takeType(goName(key))
	}
}

// owner says who has a name, as far as people chose it.
func (p *prep) owner(name string) string {
	if fixedNames[name] {
		return " by the generated package itself"
	}
	for _, key := range sortedKeys(p.components) {
		if p.components[key] == name {
			return fmt.Sprintf(" by the schema %s at %s", key, contract.Pos(p.schemas()[key].Value.Origin))
		}
	}
	return " by an operation or a problem"
}

// takeType hands out a type name. One that belongs to the service itself, such
// as Handlers, is not numbered but called a schema.
func (p *prep) takeType(name string) string {
	if p.names[name] && fixedNames[name] {
		name += "Schema"
	}
	return p.names.take(name)
}

// fixedNames are what every generated package declares.
var fixedNames = map[string]bool{
	"Handlers": true, "All": true, "Register": true, "Service": true, "Port": true, "NewPort": true, "StrictServerInterface": true,
}

// askedName returns the x-go-name or x-go-type-name of a schema.
func (p *prep) askedName(ref *openapi3.SchemaRef) (string, config.Pos, bool) {
	if ref == nil || ref.Value == nil || ref.Ref != "" {
		return "", config.Pos{}, false
	}
	for _, key := range []string{"x-go-name", "x-go-type-name"} {
		if name, ok := ref.Value.Extensions[key].(string); ok {
			return name, contract.Pos(ref.Value.Origin), true
		}
	}
	return "", config.Pos{}, false
}

// declareComponents declares all component schemas.
func (p *prep) declareComponents() {
	for _, key := range sortedKeys(p.schemas()) {
		ref := p.schemas()[key]
		d := &decl{name: p.components[key], source: key}
		p.decls = append(p.decls, d)
		switch {
		case ref == nil || ref.Value == nil:
			d.alias = &goType{expr: "interface{}", kind: anyKind}
		case ref.Ref != "":
			t := p.typeOf(ref, d.name)
			d.alias, d.doc, d.pos = &t, ref.Value.Description, contract.Pos(ref.Origin)
		default:
			p.hoisted[ref.Value] = d.name
			p.fill(d, ref.Value)
		}
	}
}

// componentOf returns the component that a reference names.
func (p *prep) componentOf(ref string) (string, bool) {
	key, ok := strings.CutPrefix(ref, schemaPrefix)
	if !ok {
		return "", false
	}
	key = strings.NewReplacer("~1", "/", "~0", "~").Replace(key)
	_, ok = p.components[key]
	return key, ok
}

// typeOf returns the Go type of a schema where it is used. hint names the type
// if it must be declared.
func (p *prep) typeOf(ref *openapi3.SchemaRef, hint string) goType {
	if ref == nil || ref.Value == nil {
		return goType{expr: "interface{}", kind: anyKind}
	}
	s := ref.Value
	if key, ok := p.componentOf(ref.Ref); ok {
		target := p.resolve(ref)
		return goType{expr: p.components[key], kind: p.kindOf(ref), nullable: target.nullable || p.nullable(ref)}
	}
	if t, ok := p.override(s); ok {
		return t
	}
	sh := p.shapeOf(s)
	if sh.ref != nil {
		t := p.typeOf(sh.ref, hint)
		t.nullable = t.nullable || sh.nullable
		return t
	}
	if name, ok := p.hoisted[s]; ok {
		return goType{expr: name, kind: p.kindOf(ref), nullable: sh.nullable}
	}
	if p.busy[s] {
		// A list or map that contains itself needs a name.
		return goType{expr: "interface{}", kind: anyKind}
	}
	if p.needsName(sh) {
		return goType{expr: p.hoist(s, hint), kind: p.kindOf(ref), nullable: sh.nullable}
	}
	if sh.lossy != "" {
		p.warnRaw(s, hint, sh)
	}
	p.busy[s] = true
	defer delete(p.busy, s)
	t := p.plainType(sh, hint)
	t.nullable = sh.nullable
	return t
}

// nullable reports whether a reference or any alias behind it allows null.
func (p *prep) nullable(r *openapi3.SchemaRef) bool {
	for range 64 {
		if r == nil || r.Value == nil {
			return false
		}
		sh := p.shapeOf(r.Value)
		if sh.nullable || sh.ref == nil {
			return sh.nullable
		}
		r = sh.ref
	}
	return false
}

// endless reports whether a schema is defined only in terms of itself.
func (p *prep) endless(r *openapi3.SchemaRef) bool {
	for range 64 {
		if r == nil || r.Value == nil {
			return false
		}
		if r = p.shapeOf(r.Value).ref; r == nil {
			return false
		}
	}
	return true
}

// hoist declares a type for a schema that stands inside another one.
func (p *prep) hoist(s *openapi3.Schema, hint string) string {
	if name, _, ok := p.askedName(&openapi3.SchemaRef{Value: s}); ok && validIdentifier(name) {
		hint = name
	}
	return p.hoistAs(s, p.takeType(hint))
}

// hoistAs declares a type under a name that is already taken for it.
func (p *prep) hoistAs(s *openapi3.Schema, name string) string {
	d := &decl{name: name}
	p.hoisted[s] = d.name
	p.decls = append(p.decls, d)
	p.fill(d, s)
	return d.name
}

// needsName reports whether a shape cannot be written in place.
func (p *prep) needsName(sh *shape) bool {
	if sh.lossy != "" {
		return false
	}
	return len(sh.variants) > 0 || len(sh.props) > 0 || goEnum(sh)
}

// goEnum reports whether a shape becomes a type with constants.
func goEnum(sh *shape) bool {
	if len(sh.enum) == 0 {
		return false
	}
	switch sh.typ {
	case "string":
		return stringType(sh.format) == "string"
	case "integer", "number":
		return true
	}
	return false
}

// plainType returns the type of a shape that needs no name.
func (p *prep) plainType(sh *shape, hint string) goType {
	switch {
	case sh.lossy != "":
		return goType{expr: "json.RawMessage", kind: listKind}
	case sh.typ == "array":
		return goType{expr: "[]" + p.typeOf(sh.items, hint+"Item").item(), kind: listKind}
	case sh.typ == "object" && sh.rest != nil:
		return goType{expr: "map[string]" + p.typeOf(sh.rest, hint+"Value").item(), kind: mapKind}
	case sh.typ == "object":
		return goType{expr: "map[string]interface{}", kind: mapKind}
	case sh.typ == "string":
		expr := stringType(sh.format)
		if expr == "[]byte" {
			return goType{expr: expr, kind: listKind}
		}
		return goType{expr: expr}
	case sh.typ == "integer":
		return goType{expr: integerType(sh.format)}
	case sh.typ == "number":
		return goType{expr: "float64"}
	case sh.typ == "boolean":
		return goType{expr: "bool"}
	}
	return goType{expr: "interface{}", kind: anyKind}
}

// stringType is string for every format whose values a server may want to pass
// on as they came: a uuid in upper case, an email that a pattern of ours would
// refuse. Only what Go computes with has a type.
func stringType(format string) string {
	switch format {
	case "byte":
		return "[]byte"
	case "date":
		return "openapi_types.Date"
	case "date-time":
		return "time.Time"
	}
	return "string"
}

func integerType(format string) string {
	switch format {
	case "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64":
		return format
	}
	return "int"
}

// kindOf is the kind of the type that a reference leads to.
func (p *prep) kindOf(ref *openapi3.SchemaRef) kind {
	for range 64 {
		if ref == nil || ref.Value == nil {
			return anyKind
		}
		if t, ok := p.override(ref.Value); ok {
			return t.kind
		}
		sh := p.shapeOf(ref.Value)
		if sh.ref == nil {
			return shapeKind(sh)
		}
		ref = sh.ref
	}
	return anyKind
}

func shapeKind(sh *shape) kind {
	switch {
	case sh.lossy != "" || sh.typ == "array":
		return listKind
	case len(sh.variants) > 0:
		return unionKind
	case sh.typ == "object" && len(sh.props) > 0:
		return structKind
	case sh.typ == "object":
		return mapKind
	case sh.typ == "":
		return anyKind
	case sh.typ == "string" && stringType(sh.format) == "[]byte":
		return listKind
	}
	return scalarKind
}

// override reads x-go-type, which names a type of the user's.
func (p *prep) override(s *openapi3.Schema) (goType, bool) {
	expr, ok := s.Extensions["x-go-type"].(string)
	if !ok {
		return goType{}, false
	}
	if _, err := parser.ParseExpr(expr); err != nil || strings.ContainsAny(expr, "\"`;(){\n\r") && expr != "interface{}" {
		if !p.raw[s] {
			p.raw[s] = true
			p.list.Add(ruleGoName, contract.Pos(s.Origin), fmt.Sprintf("x-go-type %q is not the name of a Go type", expr), "")
		}
		return goType{}, false
	}
	if imp, ok := s.Extensions["x-go-type-import"].(map[string]any); ok {
		path, _ := imp["path"].(string)
		name, _ := imp["name"].(string)
		p.imports[path] = name
	}
	t := goType{expr: strings.TrimPrefix(expr, "*"), nullable: s.Nullable || strings.HasPrefix(expr, "*")}
	switch {
	case strings.HasPrefix(expr, "[]"):
		t.kind = listKind
	case strings.HasPrefix(expr, "map["):
		t.kind = mapKind
	case expr == "any" || expr == "interface{}":
		t.kind = anyKind
	}
	return t, true
}

// fill works out what a declaration is.
func (p *prep) fill(d *decl, s *openapi3.Schema) {
	d.doc, d.deprecated, d.pos = s.Description, s.Deprecated, contract.Pos(s.Origin)
	d.extensions = s.Extensions
	if t, ok := p.override(s); ok {
		d.alias = &t
		return
	}
	sh := p.shapeOf(s)
	switch {
	case sh.ref != nil && p.endless(sh.ref):
		d.alias = &goType{expr: "interface{}", kind: anyKind}
	case sh.ref != nil:
		t := p.typeOf(sh.ref, d.name+"Value")
		d.alias = &t
	case sh.lossy != "":
		p.warnRaw(s, named(d), sh)
		d.alias = &goType{expr: "json.RawMessage", kind: listKind}
	case len(sh.variants) > 0 || len(sh.props) > 0:
		p.fillStruct(d, sh)
	case goEnum(sh):
		p.fillEnum(d, sh)
	case sh.typ == "array":
		t := p.typeOf(sh.items, d.name+"Item")
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
func (p *prep) warnRaw(s *openapi3.Schema, name string, sh *shape) {
	if !p.raw[s] {
		p.raw[s] = true
		p.list.Warn(ruleGoType, contract.Pos(s.Origin), "the schema "+name+" becomes raw JSON in Go: "+sh.lossy, "")
	}
}

func named(d *decl) string {
	if d.source != "" {
		return d.source
	}
	return d.name
}

func (p *prep) fillStruct(d *decl, sh *shape) {
	o := &structDecl{}
	d.object = o
	if sh.rest != nil {
		t := p.typeOf(sh.rest, d.name+"Value")
		o.rest = &t
	} else if sh.anyRest {
		o.rest = &goType{expr: "interface{}", kind: anyKind}
	}
	p.fillVariants(d, sh)
	fields := newScope()
	if o.rest != nil {
		fields = newScope("AdditionalProperties", "Get", "Set", "MarshalJSON", "UnmarshalJSON")
	}
	if len(o.variants) > 0 {
		fields["MarshalJSON"], fields["UnmarshalJSON"], fields["Discriminator"], fields["ValueByDiscriminator"] = true, true, true, true
		for _, v := range o.variants {
			fields["As"+v], fields["From"+v], fields["Merge"+v] = true, true, true
		}
	}
	for _, f := range p.fieldNames(sh.props, fields) {
		prop := sh.props[f.json]
		required := slices.Contains(sh.required, f.json)
		f.required = required
		f.typ = p.typeOf(prop, d.name+f.name)
		if prop != nil && prop.Value != nil {
			v := prop.Value
			f.doc, f.deprecated, f.extensions = v.Description, v.Deprecated, propertyExtensions(prop)
			if prop.Ref != "" && f.doc == p.describedBy(prop) {
				f.doc = "" // the type says it already
			}
			if v.WriteOnly && required {
				f.required = false // answers leave it out
			}
		}
		if o.discriminator == f.json && !discriminable(f.typ, p) {
			o.discriminator, o.mapping = "", nil
		}
		o.fields = append(o.fields, f)
	}
	if unnamable := len(o.fields) < len(sh.props); unnamable && o.rest == nil {
		// What no struct tag can name stays reachable by its name.
		o.rest = &goType{expr: "interface{}", kind: anyKind}
	}
}

// describedBy returns the description that a referenced component prints.
func (p *prep) describedBy(ref *openapi3.SchemaRef) string {
	if _, ok := p.componentOf(ref.Ref); ok {
		return ref.Value.Description
	}
	return ""
}

// discriminable reports whether a field can be set to a string constant.
func discriminable(t goType, p *prep) bool {
	if t.expr == "string" {
		return true
	}
	for _, d := range p.decls {
		if d.name == t.expr && d.enum != nil {
			return d.enum.base == "string"
		}
	}
	return false
}

// fieldNames gives properties their field names: x-go-name first, then those
// that are Go names as they stand, then the rest in order.
func (p *prep) fieldNames(props openapi3.Schemas, taken scope) []fieldDecl {
	type candidate struct {
		json, name string
		rank       int
	}
	var all []candidate
	for _, key := range sortedKeys(props) {
		if !taggable(key) {
			continue
		}
		c := candidate{json: key, name: goName(key), rank: 2}
		if c.name == key {
			c.rank = 1
		}
		if ref := props[key]; ref != nil {
			if name, ok := extension(ref, "x-go-name").(string); ok {
				if validIdentifier(name) {
					c.name, c.rank = name, 0
				} else {
					pos := config.Pos{}
					if ref.Value != nil {
						pos = contract.Pos(ref.Value.Origin)
					}
					p.list.Add(ruleGoName, pos, fmt.Sprintf("%q is not a Go name of letters and digits that starts with an upper case letter", name), "use "+goName(name))
				}
			}
		}
		all = append(all, c)
	}
	byKey := map[string]string{}
	for rank := range 3 {
		for _, c := range all {
			if c.rank == rank {
				byKey[c.json] = taken.take(c.name)
			}
		}
	}
	out := make([]fieldDecl, len(all))
	for i, c := range all {
		out[i] = fieldDecl{name: byKey[c.json], json: c.json}
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

func extension(ref *openapi3.SchemaRef, key string) any {
	if v, ok := ref.Extensions[key]; ok {
		return v
	}
	if ref.Value != nil && ref.Ref == "" {
		return ref.Value.Extensions[key]
	}
	return nil
}

// propertyExtensions are what oapi-codegen reads on a property beside its type.
func propertyExtensions(ref *openapi3.SchemaRef) map[string]any {
	out := map[string]any{}
	for _, key := range []string{"x-oapi-codegen-extra-tags", "x-order", "x-deprecated-reason", "x-go-json-ignore"} {
		if v := extension(ref, key); v != nil {
			out[key] = v
		}
	}
	return out
}

func (p *prep) fillVariants(d *decl, sh *shape) {
	o := d.object
	original := map[string]string{} // variant to component key
	for i, ref := range sh.variants {
		hint := d.name + strconv.Itoa(i)
		if ref.Ref == "" && ref.Value.Title != "" {
			hint = d.name + goName(ref.Value.Title)
		}
		t := p.typeOf(ref, hint)
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
		ref := sh.disc.Mapping[value].Ref
		key, ok := p.componentOf(ref)
		if !ok {
			key, ok = p.componentOf(schemaPrefix + ref)
		}
		if name := p.components[key]; ok && original[name] != "" {
			mapping[value], mapped[name] = name, true
		}
	}
	for name, key := range original {
		if !mapped[name] {
			mapping[key] = name
		}
	}
	for value := range mapping {
		if strings.ContainsAny(value, "\"`\\") || !taggable("x"+value) {
			return
		}
	}
	o.discriminator, o.mapping = sh.disc.PropertyName, mapping
}

func (p *prep) declared(name string) bool {
	return slices.ContainsFunc(p.decls, func(d *decl) bool { return d.name == name })
}
