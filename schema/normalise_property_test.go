package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/schema"
)

// likePHP writes a value as PHP might: what JSON tells apart and PHP does not
// is written as something else here and there.
func (g generator) likePHP(v any) string {
	odd := func() bool { return rapid.IntRange(0, 2).Draw(g.t, "odd") == 0 }
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		if odd() {
			return g.pick("bool", fmt.Sprintf("%q", fmt.Sprint(v)), map[bool]string{true: `"1"`, false: `"0"`}[v], map[bool]string{true: "1", false: "0"}[v])
		}
		return fmt.Sprint(v)
	case json.Number:
		switch {
		case !odd():
			return v.String()
		case !strings.ContainsAny(v.String(), ".eE"):
			return g.pick("whole", `"`+v.String()+`"`, v.String()+".0")
		}
		return `"` + v.String() + `"`
	case string:
		text, _ := json.Marshal(v)
		return string(text)
	case []any:
		var list, members []string
		for i, item := range v {
			text := g.likePHP(item)
			list = append(list, text)
			members = append(members, fmt.Sprintf("%q: %s", fmt.Sprint(2*i), text))
		}
		if odd() {
			return "{" + strings.Join(members, ",") + "}"
		}
		return "[" + strings.Join(list, " ,") + "]"
	}
	object := v.(map[string]any)
	var list, members []string
	for _, name := range []string{"a", "b", "c", "x-d"} {
		member, has := object[name]
		if !has && rapid.IntRange(0, 5).Draw(g.t, "null") == 0 {
			members = append(members, fmt.Sprintf("%q:null", name))
		}
		if has {
			text := g.likePHP(member)
			list = append(list, text)
			members = append(members, fmt.Sprintf("%q : %s", name, text))
		}
	}
	if rapid.IntRange(0, 9).Draw(g.t, "list") == 0 || len(members) == 0 {
		return "[" + strings.Join(list, ",") + "]"
	}
	return "{" + strings.Join(members, ",") + "}"
}

// typed draws a schema of the kind that contracts have, and a value of it.
func (g generator) typed(depth int) (string, any) {
	kind := rapid.IntRange(0, 11).Draw(g.t, "typed")
	if depth == 0 {
		kind %= 5
	}
	switch kind {
	case 0:
		return `{"type":"integer"}`, json.Number(g.pick("integer", "0", "1", "42", "-7", "9007199254740992"))
	case 1:
		return `{"type":"number","minimum":-5}`, json.Number(g.pick("number", "0", "1", "9.90", "-0.5", "1.0e+25"))
	case 2:
		return `{"type":"boolean"}`, rapid.Bool().Draw(g.t, "bool")
	case 3:
		return `{"type":["string","null"],"maxLength":3}`, g.pick("text", "", "a", "42", "é")
	case 4:
		return `{"type":["integer","boolean","null"]}`, json.Number("7")
	case 5, 6:
		item, value := g.typed(depth - 1)
		list := make([]any, rapid.IntRange(0, 3).Draw(g.t, "items"))
		for i := range list {
			list[i] = value
		}
		return `{"type":"array","items":` + item + `}`, list
	case 7:
		item, value := g.typed(depth - 1)
		object := map[string]any{}
		for _, name := range []string{"a", "b"}[:rapid.IntRange(0, 2).Draw(g.t, "members")] {
			object[name] = value
		}
		return `{"type":"object","additionalProperties":` + item + `}`, object
	case 8:
		one, value := g.typed(depth - 1)
		other, _ := g.typed(depth - 1)
		return `{"` + g.pick("group", "oneOf", "anyOf") + `":[` + one + `,` + other + `]}`, value
	}
	object := map[string]any{}
	var properties, required []string
	for _, name := range []string{"a", "b", "c"} {
		text, value := g.typed(depth - 1)
		properties = append(properties, fmt.Sprintf("%q:%s", name, text))
		if rapid.Bool().Draw(g.t, "required") {
			required = append(required, fmt.Sprintf("%q", name))
			object[name] = value
		} else if rapid.Bool().Draw(g.t, "has") {
			object[name] = value
		}
	}
	return `{"type":"object","properties":{` + strings.Join(properties, ",") + `},"required":[` + strings.Join(required, ",") + `]}`, object
}

// TestNormalisePromises draws schemas and bodies near them as PHP writes them:
// what comes out is valid or reported, is not changed again, and what is valid
// is not touched. Numbers and texts that go in come out.
func TestNormalisePromises(t *testing.T) {
	t.Parallel()
	changed, mended, total := 0, 0, 0
	n := allRules(t)
	rapid.Check(t, func(t *rapid.T) {
		g := generator{t, rapid.SampledFrom(themes).Draw(t, "theme")}
		text, like := g.document(), any(nil)
		if rapid.Bool().Draw(t, "typed") {
			text, like = g.typed(3)
		}
		doc, err := schema.Load([]byte(text), schema.Options{})
		if err != nil {
			t.Skip(err)
		}
		s, err := doc.Compile("")
		if err != nil {
			t.Skip(err)
		}
		for range 8 {
			body := g.value(3)
			d := json.NewDecoder(strings.NewReader(body))
			d.UseNumber()
			var v any
			if err := d.Decode(&v); err != nil {
				t.Fatal(err)
			}
			if like != nil {
				v = like
			}
			in := []byte(g.likePHP(v))
			kept := string(in)
			got := s.Normalise(nil, in, schema.Answer, n)
			if string(in) != kept {
				t.Fatalf("%s: the body that was given was written to: %s", text, in)
			}
			holdNormalised(failer{t, text}, s, in, got, n)
			total++
			if len(got.Coercions) > 0 {
				if changed++; len(got.Violations) == 0 {
					mended++
				}
				if !json.Valid(got.Body) {
					t.Fatalf("%s: %s became %s", text, in, got.Body)
				}
			}
		}
	})
	if changed < total/20 || mended < changed/10 {
		t.Errorf("of %d bodies only %d were changed and %d mended: this proves little", total, changed, mended)
	}
}

// failer says which schema a failure is about.
type failer struct {
	*rapid.T
	schema string
}

func (f failer) Errorf(format string, args ...any) {
	f.T.Helper()
	f.T.Errorf(f.schema+": "+format, args...)
}

// FuzzNormalise feeds arbitrary bodies to schemas of all kinds.
func FuzzNormalise(f *testing.F) {
	n := allRules(f)
	var schemas []*schema.Schema
	known := map[string]int{}
	for _, c := range readNormaliseCases(f) {
		i, ok := known[c.schema]
		if !ok {
			i = len(schemas)
			known[c.schema] = i
			schemas = append(schemas, compile(f, c.schema, schema.Options{Version: schema.OpenAPI30}))
		}
		f.Add(i, []byte(c.in))
	}
	f.Fuzz(func(t *testing.T, which int, body []byte) {
		s := schemas[uint(which)%uint(len(schemas))]
		kept := string(body)
		got := s.Normalise(nil, body, schema.Answer, n)
		if string(body) != kept {
			t.Fatalf("the body that was given was written to: %q", body)
		}
		holdNormalised(t, s, body, got, n)
	})
}
