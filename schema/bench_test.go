package schema_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/banyan-go/banyan/schema"
)

// benchItem is a body of 522 bytes; benchBatch is forty of them.
const benchItem = `{"availableAt":"2026-12-01T09:30:00Z","contact":"orders@warehouse.example.com",` +
	`"description":"Countersunk wood screws, zinc plated, sold by the box of two hundred. Keep dry; recycle the box.",` +
	`"name":"Wood screw 4x40 mm","ownerId":"0b8a7d7c-4f4b-4f0e-8d3a-7f1de5a0c2b4",` +
	`"parts":[{"code":"screw-4x40","count":200,"note":"zinc plated, partially threaded"},` +
	`{"code":"box-small","count":1,"note":"recycled board, printed on one side"},` +
	`{"code":"label","count":2}],"priority":3,"quantity":1250,"sku":"SCR-40040","status":"active"}`

var benchBatch = `{"items":[` + strings.TrimSuffix(strings.Repeat(benchItem+",", 40), ",") + `]}`

var benchBodies = []struct{ name, schema, body string }{
	{"item", "ItemInput", benchItem},
	{"batch", "ItemBatch", benchBatch},
}

func benchSchema(t testing.TB, name string) *schema.Schema {
	t.Helper()
	data, err := os.ReadFile("testdata/bench.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := schema.Load(data, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := doc.Compile("/components/schemas/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// contestants check a body from its bytes; the floor only reads its tokens.
func contestants(b *testing.B, name string) map[string]func([]byte) error {
	data, err := os.ReadFile("testdata/bench.json")
	if err != nil {
		b.Fatal(err)
	}
	kin, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		b.Fatal(err)
	}
	// OpenAPI 3.0's one spelling that JSON Schema lacks.
	spelled := bytes.ReplaceAll(data, []byte(`"type": "string", "maxLength": 500, "nullable": true`), []byte(`"type": ["string", "null"], "maxLength": 500`))
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(spelled))
	if err != nil {
		b.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("bench.json", parsed); err != nil {
		b.Fatal(err)
	}
	santhosh := c.MustCompile("bench.json#/components/schemas/" + name)
	ours := benchSchema(b, name)
	return map[string]func([]byte) error{
		"banyan": func(body []byte) error {
			if v := ours.Validate(body, schema.Request); v != nil {
				return v
			}
			return nil
		},
		"floor": readTokens(),
		"kin": func(body []byte) error {
			var v any
			if err := json.Unmarshal(body, &v); err != nil {
				return err
			}
			return kin.Components.Schemas[name].Value.VisitJSON(v)
		},
		"santhosh": func(body []byte) error {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
			if err != nil {
				return err
			}
			return santhosh.Validate(v)
		},
	}
}

func readTokens() func([]byte) error {
	var src bytes.Buffer
	var d jsontext.Decoder
	return func(body []byte) error {
		src = *bytes.NewBuffer(body)
		d.Reset(&src)
		for {
			if _, err := d.ReadToken(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
}

// BenchmarkPeers takes turns between the contestants and reports the best time
// of each over ours, so that a busy machine hurts all alike.
func BenchmarkPeers(b *testing.B) {
	for _, body := range benchBodies {
		b.Run(body.name, func(b *testing.B) {
			all := contestants(b, body.schema)
			best := map[string]float64{}
			raw := []byte(body.body)
			for b.Loop() {
				for name, check := range all {
					n := max(1, 50_000/len(raw))
					start := time.Now()
					for range n {
						if err := check(raw); err != nil {
							b.Fatal(name, err)
						}
					}
					each := float64(time.Since(start).Nanoseconds()) / float64(n)
					if t, ok := best[name]; !ok || each < t {
						best[name] = each
					}
				}
			}
			ours := best["banyan"]
			b.ReportMetric(math.Round(ours), "ns/body")
			b.ReportMetric(ours/best["floor"], "x-floor")
			b.ReportMetric(best["kin"]/ours, "x-faster-than-kin")
			b.ReportMetric(best["santhosh"]/ours, "x-faster-than-santhosh")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func BenchmarkValidate(b *testing.B) {
	for _, body := range append(benchBodies[:len(benchBodies):len(benchBodies)], struct{ name, schema, body string }{
		"refused", "ItemInput", strings.Replace(benchItem, "SCR-40040", "SCR40040", 1),
	}) {
		b.Run(body.name, func(b *testing.B) {
			s, raw := benchSchema(b, body.schema), []byte(body.body)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				s.Validate(raw, schema.Request)
			}
		})
	}
}

func TestValidBodiesDoNotAllocate(t *testing.T) {
	for _, body := range benchBodies {
		s, raw := benchSchema(t, body.schema), []byte(body.body)
		if v := s.Validate(raw, schema.Request); v != nil {
			t.Fatal(v)
		}
		if n := testing.AllocsPerRun(100, func() { s.Validate(raw, schema.Request) }); n > 0 && !raced {
			t.Errorf("%s: %v allocations", body.name, n)
		}
	}
	// Alternatives, patterns, unknown and escaped names, exact numbers and
	// unique items: none of them needs memory either.
	s := compile(t, `{"properties":{"o":{"oneOf":[{"type":"object","required":["a"]},{"type":"object","required":["b"]}]},
		"n":{"multipleOf":0.01,"maximum":1e3},"u":{"uniqueItems":true}},
		"patternProperties":{"^x":{"type":"integer"}},"additionalProperties":{"type":"string","pattern":"^(?!no).*$"}}`, schema.Options{})
	raw := []byte(`{"o":{"b":1,"c":"\u00e9"},"n":19.99,"u":[1,2,"a",{"k":[1.5]}],"x1":1,"free":"yes","\u0066ree2":"\""}`)
	if v := s.Validate(raw, schema.Plain); v != nil {
		t.Fatal(v)
	}
	if n := testing.AllocsPerRun(100, func() { s.Validate(raw, schema.Plain) }); n > 0 && !raced {
		t.Errorf("%v allocations", n)
	}
}
