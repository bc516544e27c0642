package contract

import (
	"slices"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

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
