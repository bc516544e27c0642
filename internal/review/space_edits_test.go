package review

func init() {
	const strings, numbers = `["", "a", "ab", "abc", "abcd", "b", "xyz", null, 1, true]`, `[-2, -1, 0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 100, null, "1"]`
	const mixed = `[null, true, 1, 1.5, "a", "", [], ["a"], [1], {}, {"a": 1}]`
	const objects = `[{}, {"a": "x"}, {"a": 1}, {"a": null}, {"b": "x"}, {"a": "x", "b": "x"}, {"a": "x", "b": 1}, {"a": "x", "b": "x", "c": "x"}, null, "x"]`
	const lists = `[[], ["a"], ["a", "a"], ["a", "b"], ["a", "b", "c"], [1], [1, "a"], ["a", 1], [null], null, "a"]`
	add := func(name, a, b, values string, open ...string) {
		e := keywordEdit{a: a, b: b, values: values}
		if len(open) > 0 {
			e.open = open[0]
		}
		keywordEdits[name] = e
	}
	add("type any to string", `{}`, `{"type": "string"}`, mixed)
	add("type string to integer", `{"type": "string"}`, `{"type": "integer"}`, mixed)
	add("type integer to number", `{"type": "integer"}`, `{"type": "number"}`, mixed)
	add("type number to string", `{"type": "number"}`, `{"type": "string"}`, mixed)
	add("type object to array", `{"type": "object"}`, `{"type": "array", "items": {}}`, mixed)
	add("type string to list of them", `{"type": "string"}`, `{"type": "array", "items": {"type": "string"}}`, mixed)
	add("type boolean to string", `{"type": "boolean"}`, `{"type": "string"}`, mixed)
	add("type list longer", `{"type": ["string", "integer"]}`, `{"type": ["string", "integer", "boolean"]}`, mixed)
	add("type list of one", `{"type": ["string"]}`, `{"type": "string"}`, mixed)
	add("type list of integer and number", `{"type": ["integer", "number"]}`, `{"type": "number"}`, mixed)
	add("null", `{"type": "string"}`, `{"type": ["string", "null"]}`, mixed)
	add("null beside enum", `{"type": "string", "enum": ["a", "b"]}`, `{"type": ["string", "null"], "enum": ["a", "b", null]}`, strings)
	add("null by anyOf", `{"type": "string"}`, `{"anyOf": [{"type": "string"}, {"type": "null"}]}`, mixed)
	add("null by type or by anyOf", `{"type": ["string", "null"]}`, `{"anyOf": [{"type": "string"}, {"type": "null"}]}`, mixed)
	add("null by type or by oneOf", `{"type": ["object", "null"], "properties": {"a": {"type": "string"}}}`, `{"oneOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"type": "string"}}}]}`, objects)
	add("null in enum without type", `{"enum": ["a", null]}`, `{"enum": ["a"]}`, strings)

	add("enum", `{"type": "string"}`, `{"type": "string", "enum": ["a", "b"]}`, strings)
	add("enum value", `{"type": "string", "enum": ["a", "b"]}`, `{"type": "string", "enum": ["a", "b", "abc"]}`, strings)
	add("enum swapped", `{"type": "string", "enum": ["a", "b"]}`, `{"type": "string", "enum": ["a", "abc"]}`, strings)
	add("enum reordered", `{"type": "string", "enum": ["a", "b"]}`, `{"type": "string", "enum": ["b", "a"]}`, strings)
	add("enum of numbers", `{"type": "integer", "enum": [1, 2]}`, `{"type": "integer", "enum": [1.0, 2, 3]}`, numbers)
	add("enum of one or const", `{"type": "string", "enum": ["a"]}`, `{"type": "string", "const": "a"}`, strings)
	add("enum without type", `{"type": "string", "enum": ["a"]}`, `{"enum": ["a"]}`, strings)
	add("const", `{"type": "string"}`, `{"type": "string", "const": "a"}`, strings)
	add("const changed", `{"const": "a"}`, `{"const": "b"}`, strings)
	add("const to enum", `{"const": "a"}`, `{"enum": ["a", "b"]}`, strings)
	add("enum within maxLength", `{"type": "string", "enum": ["a", "b"]}`, `{"type": "string", "enum": ["a", "b"], "maxLength": 5}`, strings)
	add("enum beyond maxLength", `{"type": "string", "enum": ["a", "abc"]}`, `{"type": "string", "enum": ["a", "abc"], "maxLength": 2}`, strings)
	add("enum beyond maximum", `{"type": "integer", "enum": [1, 2, 3]}`, `{"type": "integer", "enum": [1, 2, 3], "maximum": 2}`, numbers)
	add("enum of other type", `{"type": "integer", "enum": [1, "a"]}`, `{"type": "integer", "enum": [1]}`, numbers)
	add("enum by anyOf of consts", `{"enum": ["a", "b"]}`, `{"anyOf": [{"const": "a"}, {"const": "b"}]}`, strings)
	add("enum by oneOf of consts", `{"type": "string", "enum": ["a", "b"]}`, `{"oneOf": [{"type": "string", "const": "a", "title": "A"}, {"type": "string", "const": "b", "title": "B"}]}`, strings)
	add("oneOf of consts longer", `{"oneOf": [{"const": "a"}, {"const": "b"}]}`, `{"oneOf": [{"const": "a"}, {"const": "b"}, {"const": "abc"}]}`, strings)

	for _, k := range []struct{ name, tight, loose string }{
		{"minLength", "2", "1"}, {"maxLength", "2", "3"},
	} {
		add(k.name, `{"type": "string"}`, `{"type": "string", "`+k.name+`": `+k.tight+`}`, strings)
		add(k.name+" moved", `{"type": "string", "`+k.name+`": `+k.tight+`}`, `{"type": "string", "`+k.name+`": `+k.loose+`}`, strings)
		add(k.name+" without type", `{}`, `{"`+k.name+`": `+k.tight+`}`, strings)
		add(k.name+" on a number", `{"type": "integer"}`, `{"type": "integer", "`+k.name+`": `+k.tight+`}`, numbers)
	}
	add("minLength of 0", `{"type": "string"}`, `{"type": "string", "minLength": 0}`, strings)
	add("pattern", `{"type": "string"}`, `{"type": "string", "pattern": "^a"}`, strings)
	add("pattern changed", `{"type": "string", "pattern": "^a"}`, `{"type": "string", "pattern": "^b"}`, strings, "patterns are not compared")
	add("pattern of all", `{"type": "string", "pattern": ".*"}`, `{"type": "string"}`, strings)
	for _, k := range []struct{ name, tight, loose string }{
		{"minimum", "2", "1"}, {"maximum", "2", "3"}, {"exclusiveMinimum", "2", "1"}, {"exclusiveMaximum", "2", "3"},
	} {
		add(k.name, `{"type": "number"}`, `{"type": "number", "`+k.name+`": `+k.tight+`}`, numbers)
		add(k.name+" moved", `{"type": "integer", "`+k.name+`": `+k.tight+`}`, `{"type": "integer", "`+k.name+`": `+k.loose+`}`, numbers)
		add(k.name+" on a string", `{"type": "string"}`, `{"type": "string", "`+k.name+`": `+k.tight+`}`, strings)
	}
	add("minimum exclusive", `{"type": "number", "minimum": 1}`, `{"type": "number", "exclusiveMinimum": 1}`, numbers)
	add("minimum exclusive of integer", `{"type": "integer", "minimum": 1}`, `{"type": "integer", "exclusiveMinimum": 0}`, numbers)
	add("maximum exclusive of integer", `{"type": "integer", "maximum": 3}`, `{"type": "integer", "exclusiveMaximum": 4}`, numbers)
	add("minimum of integer with fraction", `{"type": "integer", "minimum": 0.5}`, `{"type": "integer", "minimum": 1}`, numbers)
	add("minimum weaker than exclusive", `{"type": "number", "exclusiveMinimum": 2}`, `{"type": "number", "exclusiveMinimum": 2, "minimum": 1}`, numbers)
	add("multipleOf", `{"type": "number"}`, `{"type": "number", "multipleOf": 2}`, numbers)
	add("multipleOf finer", `{"type": "integer", "multipleOf": 4}`, `{"type": "integer", "multipleOf": 2}`, numbers)
	add("multipleOf other", `{"type": "integer", "multipleOf": 2}`, `{"type": "integer", "multipleOf": 3}`, numbers)
	add("multipleOf 1 of integer", `{"type": "integer"}`, `{"type": "integer", "multipleOf": 1}`, numbers)
	add("multipleOf 1 or integer", `{"type": "integer"}`, `{"type": "number", "multipleOf": 1}`, numbers)

	for _, k := range []struct{ name, tight, loose string }{{"minItems", "2", "1"}, {"maxItems", "1", "2"}} {
		add(k.name, `{"type": "array", "items": {"type": "string"}}`, `{"type": "array", "items": {"type": "string"}, "`+k.name+`": `+k.tight+`}`, lists)
		add(k.name+" moved", `{"type": "array", "items": {"type": "string"}, "`+k.name+`": `+k.loose+`}`, `{"type": "array", "items": {"type": "string"}, "`+k.name+`": `+k.tight+`}`, lists)
	}
	add("uniqueItems", `{"type": "array", "items": {}}`, `{"type": "array", "items": {}, "uniqueItems": true}`, lists)
	add("uniqueItems false", `{"type": "array", "items": {}}`, `{"type": "array", "items": {}, "uniqueItems": false}`, lists)
	add("items", `{"type": "array", "items": {}}`, `{"type": "array", "items": {"type": "string"}}`, lists)
	add("items changed", `{"type": "array", "items": {"type": "string"}}`, `{"type": "array", "items": {"type": "integer"}}`, lists)
	add("prefixItems", `{"type": "array"}`, `{"type": "array", "prefixItems": [{"type": "string"}]}`, lists)
	add("prefixItems longer", `{"type": "array", "prefixItems": [{"type": "string"}]}`, `{"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}]}`, lists)
	add("items after prefixItems", `{"type": "array", "prefixItems": [{"type": "string"}]}`, `{"type": "array", "prefixItems": [{"type": "string"}], "items": false}`, lists)
	add("contains", `{"type": "array"}`, `{"type": "array", "contains": {"type": "string"}}`, lists, "conditions are not compared")
	add("maxItems beside items", `{"type": "array", "items": {"type": "string"}}`, `{"type": "array", "items": {"type": "string"}, "maxItems": 0}`, lists)

	obj := func(rest string) string { return `{"type": "object"` + rest + `}` }
	a, ab := `, "properties": {"a": {"type": "string"}}`, `, "properties": {"a": {"type": "string"}, "b": {"type": "string"}}`
	add("required", obj(a), obj(a+`, "required": ["a"]`), objects)
	add("required of undeclared", obj(a), obj(a+`, "required": ["b"]`), objects)
	add("required reordered", obj(ab+`, "required": ["a", "b"]`), obj(ab+`, "required": ["b", "a"]`), objects)
	add("required elsewhere in allOf", obj(a+`, "required": ["a"]`), `{"allOf": [`+obj(a)+`, {"required": ["a"]}]}`, objects)
	add("property required", obj(a), obj(ab+`, "required": ["b"]`), `[{}, {"a": "x"}, {"a": "x", "b": "x"}]`)
	add("property optional", obj(a), obj(ab), `[{}, {"a": "x"}]`)
	add("property of closed", obj(a+`, "additionalProperties": false`), obj(ab+`, "additionalProperties": false`), objects, "whether clients mind what they do not know is open")
	add("property type", obj(a), obj(`, "properties": {"a": {"type": "integer"}}`), `[{}, {"a": "x"}, {"a": 1}]`)
	add("property false", obj(a), obj(`, "properties": {"a": false}`), `[{}, {"a": "x"}]`)
	add("additionalProperties", obj(a), obj(a+`, "additionalProperties": false`), objects, "whether clients mind what they do not know is open")
	add("additionalProperties true", obj(a), obj(a+`, "additionalProperties": true`), objects)
	add("additionalProperties empty", obj(a), obj(a+`, "additionalProperties": {}`), objects)
	add("additionalProperties schema", obj(a), obj(a+`, "additionalProperties": {"type": "string"}`), objects)
	add("additionalProperties type", obj(`, "additionalProperties": {"type": "string"}`), obj(`, "additionalProperties": {"type": "integer"}`), objects)
	add("additionalProperties loosened", obj(`, "additionalProperties": {"type": "integer"}`), obj(`, "additionalProperties": {"type": "number"}`), `[{"b": 1}, {"b": 1.5}, {}]`)
	for _, k := range []struct{ name, tight, loose string }{{"minProperties", "2", "1"}, {"maxProperties", "1", "2"}} {
		add(k.name, obj(""), obj(`, "`+k.name+`": `+k.tight), objects)
		add(k.name+" moved", obj(`, "`+k.name+`": `+k.loose), obj(`, "`+k.name+`": `+k.tight), objects)
	}
	add("minProperties implied", obj(ab+`, "required": ["a", "b"]`), obj(ab+`, "required": ["a", "b"], "minProperties": 2`), objects)
	add("patternProperties", obj(""), obj(`, "patternProperties": {"^a": {"type": "string"}}`), objects)
	add("patternProperties changed", obj(`, "patternProperties": {"^a": {"type": "integer"}}`), obj(`, "patternProperties": {"^a": {"type": "string"}}`), objects)
	add("propertyNames", obj(""), obj(`, "propertyNames": {"maxLength": 0}`), objects, "conditions are not compared")
	add("dependentRequired", obj(""), obj(`, "dependentRequired": {"a": ["b"]}`), objects, "conditions are not compared")
	add("dependentSchemas", obj(""), obj(`, "dependentSchemas": {"a": {"required": ["b"]}}`), objects, "conditions are not compared")
	add("unevaluatedProperties", obj(a), obj(a+`, "unevaluatedProperties": false`), objects, "conditions are not compared")

	add("allOf part", obj(a), `{"allOf": [`+obj(a)+`, {"required": ["a"]}]}`, objects)
	add("allOf of one", obj(a), `{"allOf": [`+obj(a)+`]}`, objects)
	add("allOf merged", `{"type": "string", "minLength": 1, "maxLength": 2}`, `{"allOf": [{"type": "string", "minLength": 1}, {"maxLength": 2}]}`, strings)
	add("anyOf branch", `{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, `{"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]}`, mixed)
	add("oneOf branch", `{"oneOf": [{"type": "string"}, {"type": "integer"}]}`, `{"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]}`, mixed)
	add("oneOf or anyOf", `{"oneOf": [{"type": "string"}, {"type": "integer"}]}`, `{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, mixed)
	add("oneOf of types or type list", `{"oneOf": [{"type": "string"}, {"type": "integer"}]}`, `{"type": ["string", "integer"]}`, mixed)
	add("anyOf of types or type list", `{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, `{"type": ["string", "integer"]}`, mixed)
	add("anyOf branch within another", `{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, `{"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "string", "maxLength": 3}]}`, mixed)
	add("one to choice", `{"type": "string"}`, `{"oneOf": [{"type": "string"}, {"type": "integer"}]}`, mixed)
	add("one to choice with narrower branches", `{"type": "string"}`, `{"oneOf": [{"type": "string", "maxLength": 1}, {"type": "integer"}]}`, `["a", "abcd", 1, true]`)
	add("one to choice of others", `{"type": "string"}`, `{"oneOf": [{"type": "boolean"}, {"type": "integer"}]}`, mixed)
	add("branch tightened", `{"oneOf": [{"type": "string"}, {"type": "integer"}]}`, `{"oneOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}]}`, strings)
	add("branch type", `{"oneOf": [{"type": "string"}, {"type": "integer"}]}`, `{"oneOf": [{"type": "string"}, {"type": "boolean"}]}`, mixed)
	add("not", `{"type": "string"}`, `{"type": "string", "not": {"enum": ["a"]}}`, strings)
	add("not changed", `{"type": "string", "not": {"enum": ["a"]}}`, `{"type": "string", "not": {"enum": ["a", "b"]}}`, strings, "what not excludes is not compared")
	add("not of another type", `{"type": "string"}`, `{"type": "string", "not": {"type": "integer"}}`, strings)
	add("if", `{"type": "string"}`, `{"type": "string", "if": {"minLength": 2}, "then": {"maxLength": 2}}`, strings, "conditions are not compared")
	add("if without then", `{"type": "string"}`, `{"type": "string", "if": {"minLength": 2}}`, strings)
	add("true", `true`, `{}`, mixed)
	add("description", `{"type": "string", "description": "a"}`, `{"type": "string", "description": "b", "title": "c", "examples": ["x"], "$comment": "d"}`, strings)
	add("deprecated", `{"type": "string"}`, `{"type": "string", "deprecated": true}`, strings)
	add("example", `{"type": "string"}`, `{"type": "string", "example": "x", "externalDocs": {"url": "https://example.org"}, "xml": {"name": "x"}}`, strings)

	for _, k := range []struct{ name, format, values string }{
		{"date", "date", `["2020-01-01", "x", ""]`}, {"date-time", "date-time", `["2020-01-01T00:00:00Z", "x"]`}, {"uuid", "uuid", `["123e4567-e89b-12d3-a456-426614174000", "x"]`},
		{"email", "email", `["a@b.org", "x"]`}, {"ipv4", "ipv4", `["127.0.0.1", "x"]`}, {"uri", "uri", `["https://a.org/", "%"]`},
	} {
		add("format "+k.name, `{"type": "string"}`, `{"type": "string", "format": "`+k.format+`"}`, k.values)
	}
	add("format date to date-time", `{"type": "string", "format": "date"}`, `{"type": "string", "format": "date-time"}`, `["2020-01-01", "2020-01-01T00:00:00Z"]`)
	add("format uri to uri-reference", `{"type": "string", "format": "uri"}`, `{"type": "string", "format": "uri-reference"}`, `["https://a.org/", "/a"]`)
	add("format password", `{"type": "string"}`, `{"type": "string", "format": "password"}`, strings)
	add("format for people", `{"type": "string"}`, `{"type": "string", "format": "phone number"}`, strings, "whether anybody checks it is open")
	add("format for people changed", `{"type": "string", "format": "slug"}`, `{"type": "string", "format": "phone number"}`, strings, "whether anybody checks it is open")
	add("format on integer", `{"type": "integer"}`, `{"type": "integer", "format": "date"}`, numbers)
}
