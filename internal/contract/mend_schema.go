package contract

import (
	"slices"
	"strings"
)

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
