package schema_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/banyan-go/banyan/schema"
)

// openapi wraps schemas in a document of OpenAPI 3.0.
func openapi(schemas string) []byte {
	return []byte(`{"openapi":"3.0.3","components":{"schemas":{` + schemas + `}}}`)
}

func TestCompileReportsEveryFault(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load(openapi(`"A":{"type":"object","properties":{
		"type":{"type":"text"},"types":{"type":["string"]},"null":{"type":"null"},"ref":{"$ref":"#/components/schemas/B"},"gone":{"$ref":"#/components/schemas/Z"},
		"other":{"$ref":"other.yaml#/X"},"pattern":{"pattern":"a("},"length":{"minLength":-1,"maxLength":"3"},"bound":{"minimum":"1","exclusiveMinimum":2},
		"step":{"multipleOf":0},"enum":{"enum":"a"},"items":{"items":[{}]},"all":{"allOf":[]},"list":[],"required":{"required":true},
		"loop":{"$ref":"#/components/schemas/Loop"},"flag":{"uniqueItems":"yes"},"disc":{"oneOf":[{"type":"object"}],"discriminator":"x"}}},
		"B":{"format":7},"Loop":{"$ref":"#/components/schemas/Pool"},"Pool":{"$ref":"#/components/schemas/Loop"},"Fine":{"type":"string"}`),
		schema.Options{Locate: func(p string) string { return fmt.Sprintf("api.yaml:%d:1", len(p)) }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = doc.Compile("/components/schemas/A")
	var faults schema.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	var got []string
	for _, f := range faults {
		got = append(got, strings.TrimPrefix(f.Pointer, "/components/schemas/")+": "+f.Message)
		if f.Position != fmt.Sprintf("api.yaml:%d:1", len(f.Pointer)) || !strings.HasPrefix(f.String(), f.Position+": ") {
			t.Errorf("position %q of %s", f.Position, f.Pointer)
		}
	}
	want := []string{
		`A/properties/all/allOf: must be an array of one or more schemas`,
		`A/properties/bound/exclusiveMinimum: must be true or false in OpenAPI 3.0`,
		`A/properties/bound/minimum: must be a number`,
		`A/properties/disc/discriminator: must be an object with a propertyName`,
		`A/properties/enum/enum: must be an array`,
		`A/properties/flag/uniqueItems: must be true or false`,
		`A/properties/gone/$ref: the reference "#/components/schemas/Z" leads nowhere`,
		`A/properties/items/items: must be a schema; an array of schemas is prefixItems in OpenAPI 3.1`,
		`A/properties/length/maxLength: must be a whole number, zero or more`,
		`A/properties/length/minLength: must be a whole number, zero or more`,
		`A/properties/list: a schema must be an object`,
		`A/properties/null/type: null is not a type in OpenAPI 3.0; use nullable`,
		`A/properties/other/$ref: the reference "other.yaml#/X" leads out of the document: bundle it first`,
		`A/properties/pattern/pattern: "a(" is not a regular expression of ECMA-262: a group is not closed (at character 3)`,
		`A/properties/required/required: must be an array of strings`,
		`A/properties/step/multipleOf: must be greater than zero`,
		`A/properties/type/type: "text" is not a type; types are array, boolean, integer, number, object and string`,
		`A/properties/types/type: must be a string in OpenAPI 3.0; use nullable or anyOf`,
		`B/format: must be a string`,
		`Loop/$ref: the reference only leads back to itself`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := doc.Compile("/components/schemas/A"); err == nil || len(err.(schema.Faults)) != len(want) {
		t.Errorf("the second time: %v", err)
	}
	if _, err := doc.Compile("/components/schemas/Fine"); err != nil {
		t.Errorf("a schema without faults: %v", err)
	}
}

func TestSchemasThatCannotBe(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"anyOf":[{"$ref":"#"},{"type":"string"}]}`: "#: the schema applies itself to the same value, without end",
		`{"not":{"$ref":"#"}}`:                       "#: the schema applies itself to the same value, without end",
		`{"$dynamicRef":"#x"}`:                       "#/$dynamicRef: is not supported; use $ref",
		`{"$ref":"#x"}`:                              `#/$ref: the reference "#x" leads nowhere: there is no such $anchor`,
		`{"type":"object","type":"string"}`:          `#: not JSON: line 1, column 34: the name "type" occurs twice in an object`,
		`{"openapi":"2.0"}`:                          "#/openapi: OpenAPI 2.0 is not supported; 3.0, 3.1 and 3.2, read as 3.1, are",
		`{"swagger":"2.0"}`:                          "#/swagger: Swagger 2.0 is not supported; convert the document to OpenAPI 3",
		"{\n \"a\": tru}":                            "#: not JSON: line 2, column 7: a value is expected",
		`{"pattern":"^a(?=b)"}`:                      `#/pattern: "^a(?=b)": the pattern needs a backtracking engine (look-around or a back reference), which the configuration refuses`,
		`{"oneOf":[{"$ref":"#/$defs/A"}],"discriminator":{"propertyName":"t","mapping":{"a":"#/no"}},"$defs":{"A":{}}}`: `#/discriminator: mapping of "a": the reference "#/no" leads nowhere`,
	} {
		doc, err := schema.Load([]byte(text), schema.Options{Backtracking: schema.Refuse})
		if err == nil {
			_, err = doc.Compile("")
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
	if _, err := schema.Load([]byte(`{`), schema.Options{}); err == nil {
		t.Error("half a document")
	}
	doc, _ := schema.Load([]byte(`{}`), schema.Options{})
	for _, pointer := range []string{"/none", "none", "/a/0"} {
		if _, err := doc.Compile(pointer); err == nil {
			t.Errorf("Compile(%q)", pointer)
		}
		if _, err := doc.Parameters(pointer); err == nil {
			t.Errorf("Parameters(%q)", pointer)
		}
		if _, err := doc.Form(pointer); err == nil {
			t.Errorf("Form(%q)", pointer)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load(openapi(`"A":{"type":"object","required":["a"],"propertyNames":{},"minLenght":1,"properties":{
		"a":{"$ref":"#/components/schemas/B","maxLength":1,"description":"fine"},"b":{"nullable":true},"c":{"type":"integer","default":"x"},
		"d":{"type":"string","nullable":true,"enum":["x"]},"e":{"type":"string","format":"zip"}}},"B":{"type":"string"}`), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doc.Compile("/components/schemas/A"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range doc.Warnings() {
		got = append(got, strings.TrimPrefix(w.String(), "#/components/schemas/"))
	}
	want := []string{
		"A/minLenght: is not a keyword and has no effect",
		"A/properties/a/maxLength: has no effect beside $ref in OpenAPI 3.0; use allOf",
		"A/properties/b/nullable: has no effect without type in the same schema",
		"A/properties/c/default: is not supplied: it breaks its own schema: the value must be an integer, not a string",
		"A/properties/d/enum: nullable has no effect: the enum does not list null",
		`A/properties/e/format: "zip" is not a format that is checked`,
		"A/propertyNames: has no effect in OpenAPI 3.0: it is a keyword of OpenAPI 3.1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var warned []schema.Violation
	const text = `{"properties":{"at":{"format":"date"},"n":{"format":"int32"},"x":{"anyOf":[{"format":"ipv4"},{"format":"ipv6"}]}}}`
	body := []byte(`{"at":"soon","n":3000000000,"x":"nowhere"}`)
	s := compile(t, text, schema.Options{Formats: schema.Warn, OnWarning: func(v schema.Violation) {
		mu.Lock()
		defer mu.Unlock()
		warned = append(warned, v)
	}})
	if v := s.Validate(body, schema.Plain); v != nil {
		t.Errorf("Warn: %v", v)
	}
	if len(warned) != 2 || warned[0].Pointer != "/at" || warned[1].Keyword != "format" {
		t.Errorf("warned of %v", warned)
	}
	if v := compile(t, text, schema.Options{Formats: schema.Ignore}).Validate(body, schema.Plain); v != nil {
		t.Errorf("Ignore: %v", v)
	}
	if v := compile(t, text, schema.Options{}).Validate(body, schema.Plain); len(v) != 4 {
		t.Errorf("Refuse: %v", v)
	}
	few := compile(t, `{"items":{"type":"string"}}`, schema.Options{MaxViolations: 3, MaxDepth: 2})
	if v := few.Validate([]byte(`[1,2,3,4,5]`), schema.Plain); len(v) != 3 {
		t.Errorf("MaxViolations: %v", v)
	}
	if v := few.Validate([]byte(`["a",[[]]]`), schema.Plain); v[len(v)-1].Keyword != schema.KeywordDepth {
		t.Errorf("MaxDepth: %v", v)
	}
	slow := compile(t, `{"pattern":"^(a+)+(?!\\w)$"}`, schema.Options{PatternTime: time.Millisecond})
	v := slow.Validate([]byte(`"`+strings.Repeat("a", 5000)+`!"`), schema.Plain)
	if len(v) != 1 || v[0].Message != `takes too long to check against the pattern ^(a+)+(?!\w)$` {
		t.Errorf("PatternTime: %v", v)
	}
	old := compile(t, `{"type":"integer"}`, schema.Options{Version: schema.OpenAPI30})
	if v := old.Validate([]byte(`1.0`), schema.Plain); len(v) != 1 {
		t.Errorf("Version: %v", v)
	}
}

func TestValidateReader(t *testing.T) {
	t.Parallel()
	s := compile(t, `{"type":"string"}`, schema.Options{})
	body, v, err := s.ValidateReader(iotest.OneByteReader(strings.NewReader(`"abc"`)), 5, schema.Plain)
	if string(body) != `"abc"` || v != nil || err != nil {
		t.Errorf("%q %v %v", body, v, err)
	}
	if _, _, err := s.ValidateReader(strings.NewReader(`"abcd"`), 5, schema.Plain); !errors.Is(err, schema.ErrTooLarge) {
		t.Errorf("one byte too many: %v", err)
	}
	if _, _, err := s.ValidateReader(iotest.ErrReader(io.ErrUnexpectedEOF), 5, schema.Plain); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a reader that fails: %v", err)
	}
}

// Compiling goes on while what has been compiled is in use.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var schemas []string
	for i := range 30 {
		schemas = append(schemas, fmt.Sprintf(`"S%d":{"type":"object","properties":{"v":{"type":"integer","default":%d,"maximum":100},"pw":{"type":"string","format":"password","enum":["x"]},"next":{"$ref":"#/components/schemas/S%d"}}}`, i, i, (i+1)%30))
	}
	doc, err := schema.Load(openapi(strings.Join(schemas, ",")), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			s, err := doc.Compile(fmt.Sprintf("/components/schemas/S%d", i))
			if err != nil {
				t.Error(err)
				return
			}
			for range 20 {
				out, v := s.WithDefaults(nil, []byte(`{"next":{}}`), schema.Request)
				if want := fmt.Sprintf(`{"next":{"v":%d},"v":%d}`, (i+1)%30, i); string(out) != want || v != nil {
					t.Errorf("got %s %v, want %s", out, v, want)
				}
				if v := s.Validate([]byte(`{"next":{"v":101,"pw":"secret"}}`), schema.Request); len(v) != 2 || strings.Contains(v.Error(), "secret") {
					t.Error(v)
				}
			}
			doc.Warnings()
		})
	}
	wg.Wait()
}
