package schema_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/schema"
)

// compile compiles a bare JSON Schema.
func compile(t testing.TB, text string, o schema.Options) *schema.Schema {
	t.Helper()
	doc, err := schema.Load([]byte(text), o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := doc.Compile("")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// branches is a oneOf of n objects, told apart by nothing but their last
// property, each of which may hold the whole again.
func branches(n int, keyword string) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"type":"object","properties":{"next":{"$ref":"#"},"v":{"type":"integer","minimum":%d,"maximum":%d}},"required":["v"]}`, i, i))
	}
	return fmt.Sprintf(`{%q:[%s]}`, keyword, strings.Join(list, ","))
}

func nested(depth int, last string) string {
	return strings.Repeat(`{"next":`, depth) + last + strings.Repeat(`,"v":3}`, depth)
}

// TestHostileInput bounds what inputs made to hurt may cost: in bytes looked
// at (Options count them, and a violation ends what is too much) and in bytes
// allocated, not in time.
func TestHostileInput(t *testing.T) {
	million := 1_000_000
	if raced { // ten times slower
		million /= 10
	}
	const anything = `true`
	const open = `{"type":"object","additionalProperties":{"type":"integer"}}`
	manyKeys := func(n int) string {
		var b strings.Builder
		b.WriteString(`{"k":0`)
		for i := range n {
			fmt.Fprintf(&b, `,"key%d":%d`, i, i)
		}
		b.WriteString("}")
		return b.String()
	}
	items := func(n int, f string) string {
		var b strings.Builder
		b.WriteString("[0")
		for i := range n {
			fmt.Fprintf(&b, ","+f, i+1)
		}
		return b.String() + "]"
	}
	unique := `{"uniqueItems":true}`
	for _, c := range []struct {
		name, schema, body string
		want               string // keyword of the violation; "" for none
		memory             uint64 // bytes that may be allocated
	}{
		{"1 MB of [", anything, strings.Repeat("[", 1<<20), "depth", 1 << 20},
		{"1 MB of [ against a recursive schema", `{"items":{"$ref":"#"},"uniqueItems":true}`, strings.Repeat("[", 1<<20), "depth", 1 << 20},
		{`1 MB of {"a":`, anything, strings.Repeat(`{"a":`, 1<<20/5), "depth", 1 << 20},
		{"a million keys", open, manyKeys(million), "", 96 << 20},
		{"a million keys, the last twice", open, manyKeys(million)[:len(manyKeys(million))-1] + `,"key7":1}`, "duplicate", 96 << 20},
		{"a million unknown keys", `{"properties":{"a":true},"additionalProperties":false}`, manyKeys(million), "additionalProperties", 1 << 20},
		{"a 10 MB string", `{"type":"string","maxLength":10,"pattern":"^(a+)+$","format":"email"}`, `"` + strings.Repeat("a", 10<<20) + `"`, "maxLength", 1 << 20},
		{"a 10 MB string of escapes", `{"type":"string","maxLength":10}`, `"` + strings.Repeat(`\u00e9`, 10<<20/6) + `"`, "maxLength", 64 << 20},
		{"a 10 MB number", `{"type":"integer","multipleOf":7,"maximum":5}`, strings.Repeat("7", 10<<20), "range", 1 << 20},
		{"a 10 MB fraction", `{"type":"number","multipleOf":0.07,"enum":[1]}`, "0." + strings.Repeat("7", 10<<20), "multipleOf", 64 << 20},
		{"1e999999999", `{"type":"number","multipleOf":0.01}`, "1e999999999", "range", 1 << 20},
		{"1e-999999999", `{"type":"number","multipleOf":0.01}`, "1e-999999999", "range", 1 << 20},
		{"1e99999999999999999999", anything, "1e99999999999999999999", "range", 1 << 20},
		{"an exponential pattern", `{"pattern":"^(([a-z])+.)+[A-Z]([a-z])+$"}`, `"` + strings.Repeat("a", 1<<20) + `"`, "pattern", 1 << 20},
		{"an exponential pattern that backtracks", `{"pattern":"^(a+)+(?!\\w)$"}`, `"` + strings.Repeat("a", 20000) + `!"`, "pattern", 8 << 20},
		{"a long string and a pattern that backtracks", `{"pattern":"^(a+)+(?!\\w)$"}`, `"` + strings.Repeat("a", 1<<20) + `"`, "pattern", 8 << 20},
		{"oneOf of 50, 10 deep", branches(50, "oneOf"), nested(10, "null"), "oneOf", 1 << 20},
		{"oneOf of 50, 10 deep, valid", branches(50, "oneOf"), nested(10, `{"v":1}`), "", 1 << 20},
		{"anyOf of 50, 200 deep", branches(50, "anyOf"), nested(200, `{"v":51}`), "anyOf", 16 << 20},
		{"not in not, 200 deep", `{"not":{"properties":{"next":{"$ref":"#"}},"required":["v"]}}`, nested(200, `{}`), "", 4 << 20},
		{"a schema applied twice to each level, 200 deep", `{"properties":{"next":{"$ref":"#"}},"dependentSchemas":{"v":{"properties":{"next":{"$ref":"#"}}}}}`, nested(200, `{}`), "", 4 << 20},
		{"if and then at each level, 200 deep", `{"properties":{"next":{"$ref":"#"}},"if":{"required":["v"]},"then":{"properties":{"next":{"$ref":"#"}}}}`, nested(200, `1`), "", 4 << 20},
		{"contains and items at each level", `{"items":{"$ref":"#"},"contains":{"$ref":"#"}}`, strings.Repeat("[", 400) + "1" + strings.Repeat("]", 400), "", 4 << 20},
		{"200,000 different items", unique, items(200_000, "%d"), "", 32 << 20},
		{"20,000 items of equal length", unique, items(20_000, `{"a":[%d,{"b":"c"}]}`), "", 16 << 20},
		{"uniqueItems at every depth", `{"uniqueItems":true,"items":{"$ref":"#"}}`, strings.Repeat("[", 500) + strings.Repeat("]", 500), "", 1 << 20},
		{"100,000 syntax errors to be", open, strings.Repeat(`{"a":"x",`, 1), "syntax", 1 << 20},
		{"a violation in each of 100,000 items", `{"items":{"type":"integer"}}`, "[" + strings.Repeat(`"x",`, 100_000) + "1]", "type", 1 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := compile(t, c.schema, schema.Options{})
			body := []byte(c.body)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			v := s.Validate(body, schema.Plain)
			runtime.ReadMemStats(&after)
			got := ""
			if v != nil {
				got = v[0].Keyword
			}
			if got != c.want {
				t.Errorf("got %q, want %q: %.300v", got, c.want, v)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > c.memory {
				t.Errorf("allocated %d bytes, more than %d", used, c.memory)
			} else {
				t.Logf("%d bytes in, %d allocated", len(body), used)
			}
			if len(v) > 50 {
				t.Errorf("%d violations", len(v))
			}
		})
	}
}

// TestWorkIsBounded: what would look at the same bytes thousands of times ends
// with a violation instead.
func TestWorkIsBounded(t *testing.T) {
	t.Parallel()
	list := make([]string, 2000)
	for i := range list {
		list[i] = fmt.Sprintf(`{"type":"array","items":{"type":"string"},"maxItems":%d}`, i)
	}
	s := compile(t, `{"oneOf":[`+strings.Join(list, ",")+`]}`, schema.Options{})
	body := "[" + strings.Repeat(`"x",`, 50_000) + `"x"]`
	v := s.Validate([]byte(body), schema.Plain)
	if len(v) != 1 || v[0].Keyword != schema.KeywordWork {
		t.Errorf("got %v", v)
	}
}

// TestHostileParameters: what a long query, header or form costs grows with its
// length and no faster.
func TestHostileParameters(t *testing.T) {
	p := operation(t, "/x", `[
		{"name":"pipe","in":"query","style":"pipeDelimited","schema":`+texts+`},
		{"name":"comma","in":"query","explode":false,"schema":`+texts+`},
		{"name":"deep","in":"query","style":"deepObject","schema":{"type":"object"}},
		{"name":"list","in":"query","schema":`+texts+`},
		{"name":"head","in":"header","schema":`+texts+`}]`, schema.Options{})
	f := form(t, "application/x-www-form-urlencoded", userForm)
	for name, input := range map[string]func(n int) (query, header, body string){
		"pipes":           func(n int) (string, string, string) { return "pipe=" + strings.Repeat("|", n), "", "" },
		"commas":          func(n int) (string, string, string) { return "comma=" + strings.Repeat(",", n), "", "" },
		"pairs":           func(n int) (string, string, string) { return strings.Repeat("list=a&", n), "", "" },
		"empty pairs":     func(n int) (string, string, string) { return strings.Repeat("&", n), "", "" },
		"brackets":        func(n int) (string, string, string) { return strings.Repeat("deep[a][b][][c]=1&", n), "", "" },
		"nested brackets": func(n int) (string, string, string) { return "deep" + strings.Repeat("[a]", n) + "=1", "", "" },
		"open brackets":   func(n int) (string, string, string) { return "deep" + strings.Repeat("[", n) + "=1", "", "" },
		"header":          func(n int) (string, string, string) { return "", strings.Repeat(",", n), "" },
		"form":            func(n int) (string, string, string) { return "", "", strings.Repeat("tags[]=1&items[][sku]=x&", n) },
		"unknown fields": func(n int) (string, string, string) {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, "f%d=1&", i)
			}
			return "", "", b.String()
		},
	} {
		cost := func(n int) uint64 {
			query, header, body := input(n)
			r := request(t, "/x", http.Header{"Head": {header}})
			r.URL.RawQuery = query
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			p.Read(nil, r)
			f.Read(nil, []byte(body))
			runtime.ReadMemStats(&after)
			return after.TotalAlloc - before.TotalAlloc
		}
		cost(20_000)
		if small, large := cost(20_000), cost(80_000); large > 6*small+1<<20 {
			t.Errorf("%s: %d bytes allocated, and %d for four times the input", name, small, large)
		}
	}
}

// TestHostileSchemas bounds what schemas made to hurt may cost to compile: they are
// done, or the test never is.
func TestHostileSchemas(t *testing.T) {
	t.Parallel()
	ref := func(name string) string { return `{"$ref":"#/components/schemas/` + name + `"}` }
	// A schema is reached on 12 to the power of 16 ways.
	ways := `"U":{"oneOf":[` + ref("L0") + `,` + ref("Z") + `],"discriminator":{"propertyName":"k"}},"Z":{"properties":{"k":` + ref("L0") + `}}`
	for i := range 16 {
		ways += fmt.Sprintf(`,"L%d":{"allOf":[%s]}`, i, strings.Repeat(ref(fmt.Sprint("L", i+1))+",", 11)+ref(fmt.Sprint("L", i+1)))
	}
	for name, schemas := range map[string]string{
		"many ways":                           ways + `,"L16":{"type":"object"}`,
		"references with remarks in a circle": `"A":{"$ref":"#/components/schemas/B","description":"b"},"B":{"$ref":"#/components/schemas/A","description":"a"},"U":{"anyOf":[` + ref("A") + `,{"type":"string"}]}`,
	} {
		doc, err := schema.Load([]byte(`{"openapi":"3.1.0","components":{"schemas":{`+schemas+`}}}`), schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := doc.Compile("/components/schemas/U"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
