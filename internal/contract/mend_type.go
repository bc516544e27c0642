package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
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
