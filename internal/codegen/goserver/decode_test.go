package goserver_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/sample"
)

// instead are put in the place of what stands in a sample.
var instead = []string{
	"null", "true", "0", "-1", "1.5", "300", "2147483648", "9223372036854775807", "9223372036854775808", "1e400",
	`""`, `"x"`, `"7"`, `"2026-01-02"`, `"2026-13-02"`, `"2026-01-02T03:04:05Z"`, `"2026-01-02 03:04"`, `"YWJj"`, `"*"`, `[]`, `{}`, `["x"]`, `[1,2,3,4,5,6]`, `{"a":1}`, `{"a":null}`,
}

// TestDecoder compares what the decoder says with what compiled packages do: with
// samples of every component of the cases, and with what becomes of them when
// something in them is another value or is not there.
func TestDecoder(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	module := map[string][]byte{}
	var imports, table strings.Builder
	compared, refused := 0, 0
	for _, file := range names {
		base := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if !decoded.MatchString(base) {
			continue
		}
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		id := "c" + strings.ReplaceAll(base, "-", "")
		ws := load(t, archive, "example.com/cases/"+id)
		files, list := goserver.Target{}.Generate(ws, ws.Targets[0], codegen.Unwatched)
		if list.Errors() > 0 {
			continue
		}
		c := ws.Service("svc")
		doc, err := c.Spec()
		if err != nil {
			t.Fatal(err)
		}
		decode, err := goserver.Target{}.Decoder(ws, c, doc)
		if err != nil {
			t.Fatal(err)
		}
		_, types, _, _ := goserver.TypesOf(c, "svc")
		used := false
		for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
			ref := &openapi.SchemaRef{Ref: "#/components/schemas/" + name, Value: doc.Components.Schemas[name].Value}
			var rows strings.Builder
			for _, value := range changed(ref) {
				misfits, known := decode(ref, []byte(value))
				if !known {
					continue
				}
				if compared++; len(misfits) > 0 {
					refused++
				}
				fmt.Fprintf(&rows, "\t\t{%q, %t},\n", value, len(misfits) == 0)
			}
			if rows.Len() > 0 {
				used = true
				fmt.Fprintf(&table, "\tdecodes(t, %q, func() any { return new(%s.%s) }, []want{\n%s\t})\n", base+" "+name, id, types[name], &rows)
			}
		}
		if !used {
			continue
		}
		fmt.Fprintf(&imports, "\t%s \"example.com/cases/%s/gen/svc\"\n", id, id)
		for _, f := range files {
			if path.Dir(f.Path) == "svc" && !strings.HasSuffix(f.Path, "_test.go") {
				module[path.Join(id, "gen", f.Path)] = f.Data
			}
		}
	}
	module["decode_test.go"] = []byte("package cases\n\nimport (\n\t\"testing\"\n\n\t\"github.com/banyan-go/banyan/wire\"\n" + imports.String() + `)

type want struct {
	value string
	ok    bool
}

func decodes(t *testing.T, name string, fresh func() any, list []want) {
	for _, w := range list {
		if err := wire.Unmarshal([]byte(w.value), fresh()); (err == nil) != w.ok {
			t.Errorf("%s: %s: decodes: %t, but the decoder of the generator says %t (%v)", name, w.value, err == nil, w.ok, err)
		}
	}
}

func TestAll(t *testing.T) {
` + table.String() + "}\n")
	goRun(t, writeModule(t, module), "test", "-vet=off", ".")
	t.Logf("%d values, of which %d do not decode", compared, refused)
	if compared < 5000 || refused < compared/10 || refused > compared*9/10 {
		t.Errorf("%d of %d values are refused: that shows little", refused, compared)
	}
}

// decoded are the cases whose types differ in how they are read.
var decoded = regexp.MustCompile(`^(additional|allof(-additional|-nullable|-formats|-inheritance|-recursive)?$|anyof|bytes|dates|decimals|enum|integers|later-(const|null|types|patterns)|maps|names-symbols|nullable|oneof|read-write|recurs|tuple|types|undeclared|unions|extensions)`)

// changed are samples of a schema, and those with something changed.
func changed(ref *openapi.SchemaRef) []string {
	const most = 300
	seen := map[string]bool{}
	for _, s := range sample.Of(ref, nil) {
		seen[string(s.JSON)] = true
	}
	for _, text := range slices.Sorted(maps.Keys(seen)) {
		var v any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&v) != nil {
			continue
		}
		edit(&v, func() {
			if data, err := json.Marshal(v); err == nil && len(seen) < most {
				seen[string(data)] = true
			}
		})
	}
	return slices.Sorted(maps.Keys(seen))
}

// edit makes one change after the other in a value, and tells of each.
func edit(at *any, tell func()) {
	was := *at
	for _, text := range instead {
		*at = json.RawMessage(text)
		tell()
	}
	switch v := was.(type) {
	case map[string]any:
		*at = v
		for _, name := range slices.Sorted(maps.Keys(v)) {
			member := v[name]
			delete(v, name)
			tell()
			v[name] = member
			edit(&member, func() { v[name] = member; tell() })
			v[name] = member // which is what it was
		}
	case []any:
		*at = v
		for i := range v {
			edit(&v[i], tell)
		}
		*at = append(slices.Clone(v), json.Number("1"))
		tell()
		if len(v) > 0 {
			*at = v[:len(v)-1]
			tell()
		}
	}
	*at = was
}

// What does not fit is told in the names that the package has.
func TestDecoderSettings(t *testing.T) {
	t.Parallel()
	archive := txtar.Parse([]byte(`-- banyan.yaml --
version: 1
services: {svc: {validation: {formats: warn}}}
targets: {goserver: {output: gen, initialisms: [ID]}}
-- api/svc/openapi.yaml --
openapi: 3.0.3
info: {title: T, version: "1"}
paths: {}
components:
  schemas:
    user_id: {type: object, properties: {n: {type: integer}}}
`))
	ws := load(t, archive, "example.com/x")
	c := ws.Service("svc")
	doc, err := c.Spec()
	if err != nil {
		t.Fatal(err)
	}
	decode, err := goserver.Target{}.Decoder(ws, c, doc)
	if err != nil {
		t.Fatal(err)
	}
	misfits, known := decode(&openapi.SchemaRef{Ref: "#/components/schemas/user_id", Value: doc.Components.Schemas["user_id"].Value}, []byte("7"))
	if want := map[string]string{"": "a number does not fit UserID"}; !known || !maps.Equal(misfits, want) {
		t.Errorf("%v, want %v", misfits, want)
	}
}
