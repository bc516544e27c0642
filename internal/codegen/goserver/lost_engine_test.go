package goserver_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/schema"
)

// engine breaks one constraint after the other of every schema in a bundle,
// wherever it stands: under components, in bodies, parameters and headers, in
// webhooks and callbacks, and in the branches of others. It expects whoever
// checks messages to refuse that, and because of that constraint.
type engine struct {
	*lost
	root             any
	doc              *schema.Document
	schemas, refused int
}

func newEngine(l *lost, bundle []byte) *engine {
	e := &engine{lost: l}
	d := json.NewDecoder(strings.NewReader(string(bundle)))
	d.UseNumber()
	if err := d.Decode(&e.root); err != nil {
		l.Fatal(err)
	}
	var err error
	if e.doc, err = schema.Load(bundle, schema.Options{}); err != nil {
		l.Fatal(err)
	}
	return e
}

var pointerToken = strings.NewReplacer("~", "~0", "/", "~1")

// visit looks for schemas in what is none.
func (e *engine) visit(at string, node any) {
	switch n := node.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(n)) {
			below := at + "/" + pointerToken.Replace(name)
			switch {
			case strings.HasPrefix(name, "x-"), name == "example", name == "examples", name == "links":
			case name == "schema", at == "/components/schemas":
				e.schema(below, n[name])
			default:
				e.visit(below, n[name])
			}
		}
	case []any:
		for i, one := range n {
			e.visit(at+"/"+strconv.Itoa(i), one)
		}
	}
}

// schema breaks a schema and those in it.
func (e *engine) schema(at string, node any) {
	s, ok := node.(map[string]any)
	if !ok || s["$ref"] != nil {
		return
	}
	e.breaks(at, s)
	for _, name := range []string{"not", "items", "additionalProperties", "contains", "if", "then", "else"} {
		if s[name] != nil {
			e.schema(at+"/"+name, s[name])
		}
	}
	for _, name := range []string{"allOf", "oneOf", "anyOf", "prefixItems"} {
		list, _ := s[name].([]any)
		for i, one := range list {
			e.schema(at+"/"+name+"/"+strconv.Itoa(i), one)
		}
	}
	for _, name := range []string{"properties", "patternProperties", "dependentSchemas"} {
		object, _ := s[name].(map[string]any)
		for key, one := range object {
			e.schema(at+"/"+name+"/"+pointerToken.Replace(key), one)
		}
	}
}

func (e *engine) breaks(at string, s map[string]any) {
	var compiled *schema.Schema
	try := func(keyword, value string) {
		if compiled == nil {
			var err error
			if compiled, err = e.doc.Compile(at); err != nil {
				e.say(at, "%v", err)
				return
			}
			e.schemas++
		}
		found := compiled.Validate([]byte(value), schema.Plain)
		if !slices.ContainsFunc(found, func(v schema.Violation) bool { return v.Keyword == keyword }) {
			e.say(at+"/"+keyword, "the engine takes %.80s, or refuses it for another reason: %.100s", value, found.Error())
		}
		e.refused++
	}
	for keyword, value := range breaking(s) {
		try(keyword, value)
	}
}

// breaking returns for constraints of a schema a value each that breaks it.
func breaking(s map[string]any) map[string]string {
	out := map[string]string{}
	typ, _ := s["type"].(string)
	count := func(name string) (int, bool) {
		n, err := strconv.Atoi(fmt.Sprint(s[name]))
		return n, s[name] != nil && err == nil && n < 5000
	}
	if values, ok := s["enum"].([]any); ok && len(values) > 0 && s["type"] == "string" {
		out["enum"] = `"no value of any enum at all"`
		return out // which comes first, or alone
	}
	switch typ {
	case "string":
		if n, ok := count("maxLength"); ok {
			out["maxLength"] = strconv.Quote(strings.Repeat("a", n+1))
		}
		if n, ok := count("minLength"); ok && n > 0 {
			out["minLength"] = strconv.Quote(strings.Repeat("a", n-1))
		}
		if p, ok := s["pattern"].(string); ok {
			if text, ok := unmatched(p); ok {
				out["pattern"] = text
			}
		}
		if f, _ := s["format"].(string); checkedFormats[f] {
			out["format"] = `"\t#no"`
		}
	case "object":
		if list, ok := s["required"].([]any); ok && len(list) > 0 {
			out["required"] = "{}"
		}
	case "array":
		if n, ok := count("minItems"); ok && n > 0 {
			out["minItems"] = "[]"
		}
		if n, ok := count("maxItems"); ok && n < 40 { // of more violations not all are said
			out["maxItems"] = "[" + strings.TrimSuffix(strings.Repeat("null,", n+1), ",") + "]"
		}
	case "integer", "number":
		if limit, ok := new(big.Rat).SetString(fmt.Sprint(s["minimum"])); ok && limit.IsInt() {
			out["minimum"] = limit.Sub(limit, big.NewRat(1, 1)).Num().String()
		}
		if limit, ok := new(big.Rat).SetString(fmt.Sprint(s["maximum"])); ok && limit.IsInt() && limit.Num().BitLen() < 62 {
			out["maximum"] = limit.Add(limit, big.NewRat(1, 1)).Num().String()
		}
		if m, ok := new(big.Rat).SetString(fmt.Sprint(s["multipleOf"])); ok && m.Sign() > 0 {
			half := m.Quo(m, big.NewRat(2, 1))
			if typ == "number" {
				out["multipleOf"] = half.FloatString(12)
			} else if half.Cmp(big.NewRat(1, 2)) > 0 {
				out["multipleOf"] = "1"
			}
		}
	}
	if typ != "" && typ != "object" && typ != "null" && s["nullable"] == nil {
		out["type"] = `{"no": 1}`
	}
	return out
}

// checkedFormats are those that the text in breaking is none of.
var checkedFormats = map[string]bool{"date": true, "date-time": true, "uuid": true, "email": true, "ipv4": true, "ipv6": true, "uri": true, "hostname": true, "byte": true}

// unmatched finds a text that a pattern does not match, by Go's own engine.
func unmatched(pattern string) (quoted string, ok bool) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return "", false
	}
	for _, text := range []string{"\t", "~", "a", "0", "", "A~0\t", "-"} {
		if !re.MatchString(text) {
			data, err := json.Marshal(text)
			return string(data), err == nil
		}
	}
	return "", false
}
