package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

var schemaTypes = []string{"array", "boolean", "integer", "number", "object", "string"}

// plainTypes are words that are no types and mean one all the same, with its
// format.
var plainTypes = map[string][2]string{
	"file": {"string", "binary"}, "binary": {"string", "binary"}, "date": {"string", "date"}, "datetime": {"string", "date-time"},
	"date-time": {"string", "date-time"}, "timestamp": {"string", "date-time"}, "uuid": {"string", "uuid"}, "email": {"string", "email"},
	"uri": {"string", "uri"}, "url": {"string", "uri"}, "text": {"string"}, "str": {"string"}, "enum": {"string"},
	"int": {"integer"}, "int32": {"integer", "int32"}, "int64": {"integer", "int64"}, "long": {"integer", "int64"},
	"float": {"number", "float"}, "double": {"number", "double"}, "decimal": {"number"}, "bool": {"boolean"},
	"list": {"array"}, "dict": {"object"}, "map": {"object"}, "hash": {"object"}, "any": {}, "mixed": {}, "*": {}, "": {},
}

// types reads the type of a schema: one word in OpenAPI 3.0, where a list may
// only come from somebody who thinks of 3.1.
func (r *reader) types(n *node, name string, pos config.Pos) *value {
	switch {
	case n.kind == stringNode, n.kind == nullNode:
		return textValueAt(n.text, pos)
	case n.kind != listNode:
		return r.wrong(n, name, "the name of a type")
	}
	out := &value{kind: listValue, pos: pos}
	for _, item := range n.items {
		word := item.text
		switch item.kind {
		case stringNode:
		case nullNode: // [string, null] without quotes
			r.list.Repairable(ruleUnquoted, item.pos(), `type: null is read as the type "null"`, `write it in quotes: "null"`,
				n.file.rewrite(`write null in quotes`, item, `"null"`))
			word = "null"
		default:
			return r.wrong(n, name, "a type or a list of types")
		}
		if !slices.ContainsFunc(out.items, func(v *value) bool { return v.text == word }) {
			out.items = append(out.items, textValueAt(word, item.pos()))
		}
	}
	return out
}

// dropped are keywords that say something about the document rather than about
// values. References are followed already, so nothing needs them any more; and
// an $id would change what the bundle's own references mean.
func (r *reader) dropped(name string) bool {
	return r.v31 && slices.Contains([]string{"$defs", "definitions", "$id", "$anchor", "$dynamicAnchor", "$schema", "$vocabulary"}, name)
}

// specialSchema reads members of schemas whose value or name belongs to another
// version.
func (r *reader) specialSchema(n *node, m *member, out *value) bool {
	add := func(name string, v *value) { out.fields = append(out.fields, valueField{name, n.keyPos(m), v}) }
	raw := func(n *node) *value { return &value{kind: rawValue, raw: n, pos: n.pos()} }
	pos := n.keyPos(m)
	switch {
	case m.name == "required" && m.value.kind == boolNode: // the schema around it looks at it
		r.list.Warn(ruleWrongType, m.value.pos(), "required: want a list, found true or false; on a property it is read as its name in the list of the schema around it",
			"list the required properties in the schema around this one: required: [name]")
	case m.name == "const" && !r.v31:
		r.list.Repairable(ruleLaterField, pos, "const is OpenAPI 3.1; it is read as an enum of one", "write enum with one value",
			n.span("write const as enum", m, "enum: ["+string(m.value.written0())+"]"))
		if n.get("enum") == nil {
			add("enum", &value{kind: listValue, pos: pos, items: []*value{raw(m.value)}})
		}
	case (m.name == "exclusiveMinimum" || m.name == "exclusiveMaximum") && m.value.kind == numberNode && !r.v31:
		r.exclusiveNumber(n, m, add)
	case (m.name == "exclusiveMinimum" || m.name == "exclusiveMaximum") && m.value.kind == boolNode && r.v31:
		limit := strings.ToLower(m.name[len("exclusive"):])
		r.list.Warn(ruleWrongType, m.value.pos(), m.name+": true or false is OpenAPI 3.0; it is read as its number", "write "+m.name+" with the number, in place of "+limit)
		if bound := n.get(limit); bound != nil && bound.kind == numberNode && m.value.text == "true" {
			add(m.name, raw(bound))
		}
	case m.name == "discriminator" && m.value.kind == stringNode:
		r.list.Repairable(ruleWrongType, m.value.pos(), "discriminator: the name alone is Swagger 2.0; it is read as its propertyName", "write discriminator: {propertyName: "+m.value.text+"}",
			n.file.rewrite("write the discriminator as an object", m.value, `{"propertyName": `+quoted(m.value.text)+"}"))
		d := &value{kind: objectValue, object: discriminatorObject, pos: pos}
		d.set("propertyName", pos, textValueAt(m.value.text, pos))
		add("discriminator", d)
	case m.name == "items" && m.value.kind == listNode && r.v31 && n.get("prefixItems") == nil:
		r.list.Repairable(ruleWrongType, m.value.pos(), "items: want a schema, found a list; it is read as prefixItems", "write prefixItems",
			n.rename("write prefixItems", m, "prefixItems"))
		add("prefixItems", r.listOf(m.value, list(obj(schemaObject)), "prefixItems", pos))
	case m.name == "items" && m.value.kind == listNode && len(m.value.items) == 1:
		r.list.Warn(ruleWrongType, m.value.pos(), "items: want a schema, found a list of one; the one is read", "write items: {...}")
		add("items", r.read(m.value.items[0], obj(schemaObject), "items", pos))
	case m.name == "items" && m.value.kind == boolNode && !r.v31, m.name == "not" && m.value.kind == boolNode && !r.v31:
		r.list.Warn(ruleLaterField, m.value.pos(), m.name+": true or false in place of a schema is OpenAPI 3.1; any value is read", "write {}")
		add(m.name, &value{kind: objectValue, object: schemaObject, pos: pos})
	case m.name == "examples" && m.value.kind == mapNode && r.v31:
		r.list.Warn(ruleWrongType, m.value.pos(), "examples: want a list of values, found a mapping as media types have it; it is left out", "write examples: [value]")
	case m.name == "additionalProperties" && m.value.kind == stringNode:
		bare, ok := r.unquote(m.value, m.name, "true or false", boolNode)
		if ok {
			add(m.name, raw(bare))
		}
		return ok
	case m.name == "$dynamicRef" && r.v31 && m.value.kind == stringNode:
		r.list.Add(ruleDynamicRef, m.value.pos(), "$dynamicRef is read as $ref", "write $ref, unless other documents extend this schema")
	default:
		return false
	}
	return true
}

// written0 is a scalar as JSON.
func (n *node) written0() []byte {
	if n.kind == stringNode {
		return []byte(quoted(n.text))
	}
	return []byte(n.text)
}

// exclusiveNumber reads a limit of OpenAPI 3.1 in a 3.0 document.
func (r *reader) exclusiveNumber(n *node, m *member, add func(string, *value)) {
	limit := strings.ToLower(m.name[len("exclusive"):])
	hint := "a number is OpenAPI 3.1; write " + limit + " with the number and " + m.name + ": true"
	if n.get(limit) != nil {
		r.list.Add(ruleWrongType, m.value.pos(), m.name+": want true or false, found a number", hint)
		return
	}
	r.list.Warn(ruleWrongType, m.value.pos(), m.name+": want true or false, found a number; it is read as the limit", hint)
	add(limit, &value{kind: rawValue, raw: m.value, pos: m.value.pos()})
	add(m.name, rawBool(m.value, true))
}

// mendSchema completes a schema.
func (r *reader) mendSchema(n *node, v *value) {
	r.mendTypes(n, v)
	r.mendText(v)
	r.mendQuoted(v)
	r.mendNull(n, v)
	if v.str("type") == "array" && v.field("items") == nil && v.field("prefixItems") == nil && !r.v31 {
		r.list.Repairable(ruleInvalid, v.pos, "an array has no items; any items are read", "add items: {} or what they are",
			n.insert("add items: {}", "items", "{}"))
		v.set("items", v.pos, &value{kind: objectValue, object: schemaObject, pos: v.pos})
	}
	if v.flag("readOnly") && v.flag("writeOnly") {
		r.list.Warn(ruleInvalid, v.field("readOnly").pos, "a property cannot be both readOnly and writeOnly; it is read as neither", "keep one of them")
		v.drop("readOnly")
		v.drop("writeOnly")
	}
	if d := v.get("discriminator"); d != nil && d.object == discriminatorObject && d.str("propertyName") == "" && !d.broken {
		r.list.Warn(ruleMissingField, d.pos, "a discriminator has no propertyName; it is ignored", "add the property whose value tells the schemas apart")
		v.drop("discriminator")
	}
	for _, list := range []string{"allOf", "oneOf", "anyOf"} {
		if c := v.get(list); c != nil && c.kind == listValue && len(c.items) == 0 && !c.broken {
			r.list.Warn(ruleInvalid, c.pos, list+" is empty and is ignored", "name the schemas, or remove it")
			v.drop(list)
		}
	}
	if c := v.get("enum"); c != nil && c.kind == listValue && len(c.items) == 0 && !c.broken {
		r.list.Warn(ruleInvalid, c.pos, "enum is empty, so that no value fits; it is ignored", "list the values, or remove it")
		v.drop("enum")
	}
	r.requiredFlags(n, v)
	if !r.v31 {
		return
	}
	if own := n.get("$schema"); own != nil && own.kind == stringNode {
		r.dialect(own.text, own.pos())
	}
	if dynamic := n.get("$dynamicRef"); dynamic != nil && dynamic.kind == stringNode {
		text := *dynamic
		link := &node{kind: mapNode, file: n.file, place: n.place, members: []member{{name: "$ref", key: dynamic.place, value: &text}}}
		if t := r.target(link, schemaObject); t != nil {
			ref := &value{kind: refValue, object: schemaObject, pos: dynamic.pos(), ref: t}
			v.set("allOf", dynamic.pos(), &value{kind: listValue, pos: dynamic.pos(), items: append(v.get("allOf").list(), ref)})
		}
	}
}

// mendTypes replaces what is no type and means one.
func (r *reader) mendTypes(n *node, v *value) {
	field := v.field("type")
	if field == nil || field.value.broken {
		return
	}
	if field.value.kind == listValue {
		if !r.v31 {
			r.typesIn30(n, v, field)
			return
		}
		all := field.value.items
		field.value.items = nil
		for _, item := range all {
			if !slices.Contains(schemaTypes, item.text) && item.text != "null" {
				r.list.Add(ruleInvalid, item.pos, fmt.Sprintf("%q is not a type", item.text), config.Suggest(item.text, append(slices.Clone(schemaTypes), "null")))
				continue
			}
			field.value.items = append(field.value.items, item)
		}
		if len(field.value.items) == 0 {
			if len(all) == 0 {
				r.list.Warn(ruleInvalid, field.pos, "type is empty, so that no value fits; any value is read", "name the types, or leave it out")
			}
			v.drop("type")
		}
		return
	}
	word, pos := field.value.text, field.pos
	if slices.Contains(schemaTypes, word) || word == "null" && r.v31 {
		return
	}
	lower := strings.ToLower(word)
	means, plain := plainTypes[lower]
	m := n.member("type")
	switch {
	case slices.Contains(schemaTypes, lower):
		r.list.Repairable(ruleInvalid, pos, fmt.Sprintf("%q is not a type; %s is read", word, lower), "write type: "+lower, n.file.rewrite("write type: "+lower, m.value, quotedLike(m.value, lower)))
		field.value.text = lower
	case word == "null":
		r.list.Warn(ruleLaterField, pos, "the type null is OpenAPI 3.1's; it is read as null alone", "write enum: [null] and nullable: true")
		v.drop("type")
		v.set("nullable", pos, rawBool(m.value, true))
		v.set("enum", pos, &value{kind: listValue, pos: pos, items: []*value{nullAt(n, pos)}})
	case plain && means[0] == "":
		r.list.Warn(ruleInvalid, pos, fmt.Sprintf("%q is not a type; any value is read", word), "leave type out for any value")
		v.drop("type")
	case plain:
		read := means[0]
		if means[1] != "" && v.field("format") == nil {
			read += ", format " + means[1]
			v.set("format", pos, textValueAt(means[1], pos))
		}
		r.list.Repairable(ruleInvalid, pos, fmt.Sprintf("%q is not a type; %s is read", word, read), "write type: "+strings.Replace(read, ", format ", ", format: ", 1), nil)
		v.set("type", pos, textValueAt(means[0], pos))
	default:
		r.list.Add(ruleInvalid, pos, fmt.Sprintf("%q is not a type", word), config.Suggest(word, schemaTypes))
		v.drop("type")
	}
}

// quotedLike writes a word as the scalar in whose place it goes.
func quotedLike(n *node, word string) string {
	if rest := n.file.text(n.offset); len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
		return string(rest[0]) + word + string(rest[0])
	}
	return word
}

// typesIn30 reads a list of types in a 3.0 document: null becomes nullable, and
// several types become anyOf.
func (r *reader) typesIn30(n *node, v *value, field *valueField) {
	var types []string
	null := false
	for _, item := range field.value.items {
		if item.text == "null" {
			null = true
		} else if slices.Contains(schemaTypes, item.text) {
			types = append(types, item.text)
		} else {
			r.list.Add(ruleInvalid, item.pos, fmt.Sprintf("%q is not a type", item.text), config.Suggest(item.text, schemaTypes))
		}
	}
	pos, at := field.pos, n.member("type").value
	const hint = "lists of types are OpenAPI 3.1; write one type, and nullable: true for null"
	if len(types) == 1 {
		fix := n.file.flowList("write one type", at, typeText(at, types[0], null))
		r.list.Repairable(ruleWrongType, at.pos(), "type: want text, found a list; "+typeText(nil, types[0], null)+" is read", hint, fix)
		v.set("type", pos, textValueAt(types[0], pos))
	} else {
		r.list.Warn(ruleWrongType, at.pos(), "type: want text, found a list; one of them is read", "lists of types are OpenAPI 3.1; write anyOf, with a branch for each type, and nullable: true in one of them for null")
		v.drop("type")
		if len(types) > 1 && v.field("anyOf") == nil {
			any := &value{kind: listValue, pos: pos}
			for _, t := range types {
				branch := &value{kind: objectValue, object: schemaObject, pos: pos}
				branch.set("type", pos, textValueAt(t, pos))
				if null {
					branch.set("nullable", pos, rawBool(at, true))
				}
				if t == "array" {
					branch.set("items", pos, &value{kind: objectValue, object: schemaObject, pos: pos})
				}
				any.items = append(any.items, branch)
			}
			v.set("anyOf", pos, any)
			null = false
		}
	}
	if null && len(types) > 0 {
		v.set("nullable", pos, rawBool(at, true))
	}
}

// typeText is how one type is written in 3.0.
func typeText(at *node, typ string, null bool) string {
	nullable := ", nullable: true"
	if at != nil {
		f := at.file
		if rest := f.text(at.offset); len(rest) > 1 && strings.Contains(string(rest[:min(len(rest), 64)]), `"`) {
			typ, nullable = quoted(typ), `, "nullable": true`
		}
		if _, alone := f.indent(at.place); alone || !f.inFlow(at) {
			nullable = "\n" + f.margin(at) + "nullable: true"
		}
	}
	if !null {
		return typ
	}
	return typ + nullable
}

// mendNull looks at nullable, which 3.1 does not have and which has no effect in
// 3.0 without a type beside it.
func (r *reader) mendNull(n *node, v *value) {
	field := v.field("nullable")
	if field == nil || field.value.raw == nil || field.value.broken {
		return
	}
	pos, on := field.pos, v.flag("nullable")
	typ := v.get("type")
	if r.v31 {
		hint := `write type: [..., "null"]`
		if typ == nil && on {
			hint = nullBranch(n, `{type: "null"}`)
		} else if !on {
			hint = "leave it out"
		}
		r.list.Warn(ruleInvalid, pos, `nullable is OpenAPI 3.0; it is read as the type "null"`, hint)
		v.drop("nullable")
		if !on || typ != nil && typ.broken {
			return
		}
		if typ != nil {
			v.set("type", typ.pos, withNull(typ, pos))
		} else {
			r.orNull(n, v, pos)
		}
		nullAmongValues(n, v, pos)
		return
	}
	if !on || n.member("nullable") == nil {
		return
	}
	if typ == nil && r.orNull(n, v, pos) {
		r.list.Warn(ruleNullable, pos, "nullable: true is meant for the type beside it, and there is none; null is read as one more alternative", nullBranch(n, `{type: object, nullable: true, enum: [null]}`))
	}
	if nullAmongValues(n, v, pos) {
		var fix *diag.Fix
		if list := n.get("enum"); list != nil && list.kind == listNode && len(list.items) > 0 {
			fix = list.insertItem("add null to the enum", "null")
		}
		r.list.Repairable(ruleNullable, pos, "nullable: true beside an enum without null has no effect; null is read as one of its values", "add null to the enum", fix)
	}
}

// nullBranch says how a schema without a type can take null: a branch of its own takes it.
func nullBranch(n *node, branch string) string {
	switch {
	case n.get("anyOf") != nil:
		return "take nullable away, and add " + branch + " to anyOf"
	case n.get("oneOf") != nil:
		return "take nullable away, and add " + branch + " to oneOf"
	case n.get("$ref") != nil:
		return "to let null fit, write oneOf: [{$ref: ...}, " + branch + "] instead"
	case n.get("allOf") != nil:
		return "to let null fit, write oneOf: [{allOf: [...]}, " + branch + "] instead"
	case n.get("enum") != nil:
		return "take nullable away, and add null to the enum"
	case n.get("const") != nil:
		return "write enum, with the value and null, instead"
	}
	// Where a $ref stands beside it in 3.1, it is not among these fields.
	return "leave it out, because null fits where no type is said; beside a $ref, write oneOf: [{$ref: ...}, " + branch + "] instead"
}

// nullAmongValues adds null to the values that a schema lists, and reports whether
// it did.
func nullAmongValues(n *node, v *value, pos config.Pos) bool {
	isNull := func(v *value) bool { return v.raw != nil && v.raw.kind == nullNode }
	if field := v.field("const"); field != nil && !isNull(field.value) {
		one, at := field.value, field.pos
		v.drop("const")
		v.set("enum", at, &value{kind: listValue, pos: at, items: []*value{one, nullAt(n, pos)}})
		return true
	}
	enum := v.get("enum")
	if enum == nil || enum.kind != listValue || slices.ContainsFunc(enum.items, isNull) {
		return false
	}
	enum.items = append(enum.items, nullAt(n, pos))
	return true
}

// nullAt is null as a value of the contract.
func nullAt(n *node, pos config.Pos) *value {
	return &value{kind: rawValue, pos: pos, raw: &node{kind: nullNode, text: "null", file: n.file, place: n.place}}
}

func withNull(typ *value, pos config.Pos) *value {
	list := &value{kind: listValue, pos: typ.pos, items: slices.Clone(typ.items)}
	if typ.kind == textValue {
		list.items = []*value{textValueAt(typ.text, typ.pos)}
	}
	if !slices.ContainsFunc(list.items, func(v *value) bool { return v.text == "null" }) {
		list.items = append(list.items, textValueAt("null", pos))
	}
	return list
}

// orNull lets null fit a schema that is made of others. It reports whether it
// is.
func (r *reader) orNull(n *node, v *value, pos config.Pos) bool {
	null := &value{kind: objectValue, object: schemaObject, pos: pos}
	if r.v31 {
		null.set("type", pos, textValueAt("null", pos))
	} else {
		null.set("nullable", pos, rawBool(n, true))
		null.set("enum", pos, &value{kind: listValue, pos: pos, items: []*value{nullAt(n, pos)}})
	}
	if any := v.get("anyOf"); any != nil && any.kind == listValue && v.field("allOf") == nil && v.field("oneOf") == nil {
		any.items = append(any.items, null)
		return true
	}
	inner := &value{kind: objectValue, object: schemaObject, pos: pos}
	for _, name := range []string{"allOf", "oneOf", "anyOf", "discriminator"} {
		if f := v.field(name); f != nil {
			inner.set(name, f.pos, f.value)
			v.drop(name)
		}
	}
	if len(inner.fields) == 0 {
		return false
	}
	v.set("anyOf", pos, &value{kind: listValue, pos: pos, items: []*value{inner, null}})
	return true
}

// requiredFlags reads required: true on properties, as JSON Schema had it once.
func (r *reader) requiredFlags(n *node, v *value) {
	properties := n.get("properties")
	if properties == nil {
		return
	}
	for i := range properties.members {
		m := &properties.members[i]
		flag := m.value.get("required")
		if flag == nil || flag.kind != boolNode || flag.text != "true" || slices.Contains(v.strs("required"), m.name) {
			continue
		}
		list := v.get("required")
		if list == nil || list.kind != listValue {
			list = &value{kind: listValue, pos: flag.pos()}
			v.set("required", flag.pos(), list)
		}
		list.items = append(list.items, textValueAt(m.name, flag.pos()))
	}
}
