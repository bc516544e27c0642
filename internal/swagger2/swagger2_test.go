package swagger2

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// sources are the documents of testdata and, where BANYAN_SWAGGER2 names a
// folder, those in it.
func sources(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, dir := range []string{"testdata", os.Getenv("BANYAN_SWAGGER2")} {
		if dir == "" {
			continue
		}
		for _, pattern := range []string{"*.yaml", "*.json"} {
			files, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				if out[filepath.Base(file)], err = os.ReadFile(file); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return out
}

// What kin-openapi's converter makes of a document is in ours as well: every
// operation with its parameters, body and answers, and every schema with its
// properties.
func TestNothingThatAnotherConverterHasIsMissing(t *testing.T) {
	t.Parallel()
	compared := 0
	for name, data := range sources(t) {
		t.Run(name, func(t *testing.T) {
			doc, list := Upgrade(name, data, nil)
			if doc == nil {
				t.Fatal(list)
			}
			text := asJSON(t, data)
			var old openapi2.T
			if err := json.Unmarshal(text, &old); err != nil {
				t.Log("the other reader refuses it: ", err)
				return
			}
			theirs, err := openapi2conv.ToV3(&old)
			if err != nil {
				t.Log("the other converter refuses it: ", err)
				return
			}
			ours, err := openapi3.NewLoader().LoadFromData(doc.YAML)
			if err != nil {
				t.Fatal(err)
			}
			compared++
			want, got := outline(theirs), outline(ours)
			for _, line := range want {
				if _, found := slices.BinarySearch(got, line); !found {
					t.Errorf("missing: %s", line)
				}
			}
		})
	}
	if refused := len(sources(t)) - compared; refused > 1 { // one has two bodies in an operation, on purpose
		t.Errorf("%d documents were not compared", refused)
	}
}

func asJSON(t *testing.T, data []byte) []byte {
	t.Helper()
	if json.Valid(data) {
		return data
	}
	var tree any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(jsonTree(tree))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func jsonTree(v any) any {
	switch v := v.(type) {
	case map[any]any:
		out := map[string]any{}
		for key, value := range v {
			text, _ := yaml.Marshal(key)
			out[strings.TrimSpace(string(text))] = jsonTree(value)
		}
		return out
	case map[string]any:
		for key := range v {
			v[key] = jsonTree(v[key])
		}
	case []any:
		for i := range v {
			v[i] = jsonTree(v[i])
		}
	}
	return v
}

// outline lists what a document has, a line each, sorted.
func outline(doc *openapi3.T) []string {
	var out []string
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			at := method + " " + path
			out = append(out, at+" "+op.OperationID)
			for _, p := range append(slices.Clone(op.Parameters), item.Parameters...) {
				if p.Value != nil {
					out = append(out, at+" parameter "+p.Value.In+" "+p.Value.Name)
				}
			}
			if op.RequestBody != nil {
				out = append(out, at+" body")
			}
			for status := range op.Responses.Map() {
				out = append(out, at+" answers "+status)
			}
		}
	}
	for name, s := range doc.Components.Schemas {
		if !componentName.MatchString(name) {
			continue // it is called otherwise
		}
		if s.Value == nil || s.Value.Extensions["x-formData-name"] != nil {
			continue // where that converter keeps form fields
		}
		out = append(out, "schema "+name)
		for property := range s.Value.Properties {
			out = append(out, "schema "+name+" "+property)
		}
	}
	for name, s := range doc.Components.SecuritySchemes {
		out = append(out, "security "+name+" "+s.Value.Type)
	}
	for _, s := range doc.Servers {
		out = append(out, "server "+strings.TrimRight(s.URL, "/"))
	}
	slices.Sort(out)
	return slices.DeleteFunc(out, func(line string) bool { return strings.HasPrefix(line, "server ws") })
}

// The same document in JSON becomes the same, comments aside.
func TestJSON(t *testing.T) {
	t.Parallel()
	data := sources(t)["shop.yaml"]
	text := asJSON(t, data)
	a, _ := Upgrade("shop.yaml", data, nil)
	b, list := Upgrade("shop.json", text, nil)
	if b == nil {
		t.Fatal(list)
	}
	var x, y any
	if err := yaml.Unmarshal(a.YAML, &x); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b.YAML, &y); err != nil {
		t.Fatal(err)
	}
	order := func(v any) string { // a number's spelling and the order of keys are lost on the way through Go
		text, _ := json.Marshal(v)
		return string(text)
	}
	if diff := cmp.Diff(order(x), order(y)); diff != "" && !strings.Contains(diff, "12345678901234567890") {
		t.Error(diff)
	}
}

// FuzzUpgrade: no input panics, and what comes out is OpenAPI 3.0 that can be
// read, and the same each time.
func FuzzUpgrade(f *testing.F) {
	for _, data := range sources(f) {
		f.Add(data)
	}
	f.Add([]byte(`{"swagger":"2.0","paths":{"/a":{"$ref":"#/paths/~1a","get":{"parameters":[{"$ref":"#"}]}}},"definitions":{"a":{"items":{"$ref":"#/definitions/a/items"}}}}`))
	f.Add([]byte("swagger: 2.0\npaths: {/a: {get: {parameters: [{in: formData, name: 0x1, type: file}, {in: body}]}}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			t.Skip()
		}
		doc, list := Upgrade("in.yaml", data, nil)
		if (doc == nil) != (list.Errors() > 0) {
			t.Fatalf("document: %v, %v", doc != nil, list)
		}
		if doc == nil {
			return
		}
		again, _ := Upgrade("in.yaml", data, nil)
		if !bytes.Equal(doc.YAML, again.YAML) {
			t.Error("twice is not the same")
		}
		_, found := contract.LoadFS(fstest.MapFS{
			contract.WorkspaceFile: {Data: []byte("version: 1\nservices: {it: {contract: it.yaml}}\n")},
			"it.yaml":              {Data: doc.YAML},
		}, "")
		for _, d := range found {
			if d.Rule == "syntax" || d.Rule == "openapi-version" {
				t.Errorf("%v: %s\n%s", d.Pos, d.Message, doc.YAML)
			}
		}
	})
}
