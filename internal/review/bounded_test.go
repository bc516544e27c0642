package review

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
)

// TestHostileSchemasAreBounded compares schemas that hold each other in many ways:
// looking at every way would never end. The work that is done is counted, so that
// the test does not hang on the machine's speed.
func TestHostileSchemasAreBounded(t *testing.T) {
	t.Parallel()
	const n = 12
	every := func(prefix, format string) string {
		var parts []string
		for i := range n {
			parts = append(parts, fmt.Sprintf(format, prefix, i))
		}
		return strings.Join(parts, ", ")
	}
	for name, component := range map[string]func(prefix string, i int) string{
		"renamed": func(p string, i int) string {
			return "{type: object, properties: {" + every(p, `p%[2]d: {$ref: "#/components/schemas/%[1]s%[2]d"}`) + "}}"
		},
		"inlineUnions": func(p string, i int) string {
			return "{type: object, properties: {u: {oneOf: [" + every(p, `{type: object, required: [k%[2]d], properties: {k%[2]d: {oneOf: [{$ref: "#/components/schemas/%[1]s%[2]d"}, {type: string}]}}}`) + "]}}}"
		},
		"joined": func(p string, i int) string {
			return fmt.Sprintf(`{allOf: [{$ref: "#/components/schemas/%s%d"}, {type: object, properties: {l: {$ref: "#/components/schemas/%s0"}, r: {$ref: "#/components/schemas/%s%d"}}}]}`, p, min(i+1, n), p, p, i)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := func(prefix, last string) []byte {
				var b strings.Builder
				b.WriteString("openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\npaths:\n  /a:\n    post:\n      operationId: a\n      requestBody: {content: {application/json: {schema: {$ref: \"#/components/schemas/" + prefix + "0\"}}}}\n      responses: {\"200\": {description: ok}}\ncomponents:\n  schemas:\n")
				for i := range n {
					fmt.Fprintf(&b, "    %s%d: %s\n", prefix, i, component(prefix, i))
				}
				fmt.Fprintf(&b, "    %s%d: %s\n", prefix, n, last)
				return []byte(b.String())
			}
			base, head := document(t, doc("A", "{type: object, properties: {l: {type: string}}}")), document(t, doc("B", "{type: object, properties: {l: {type: integer}}}"))
			done := make(chan int)
			go func() { done <- len(Compare(base, head, Options{})) }()
			select {
			case changes := <-done:
				if changes == 0 {
					t.Error("nothing was found")
				}
			case <-time.After(2 * time.Minute): // it takes a moment, or until the end of time
				t.Fatal("the comparison does not end")
			}
		})
	}
}

// TestWideSchemasAreBounded reviews contracts with thousands of changes, as machines
// write them: what is done for each must not grow with the number of all.
func TestWideSchemasAreBounded(t *testing.T) {
	t.Parallel()
	const n = 1000
	each := func(format string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(format, "%", strconv.Itoa(i)) + "\n")
		}
		return b.String()
	}
	object := "    S:\n      type: object\n      properties:\n"
	for name, c := range map[string]struct {
		base, head string
		changes    int
	}{
		"limits":     {object + each("        p%: {type: string, maxLength: 1%}"), object + each("        p%: {type: string, maxLength: 2%}"), n},
		"renamed":    {object + each("        p%: {type: string}"), object + each("        q%: {type: string}"), 2 * n},
		"types":      {object + each("        p%: {type: string}"), object + each("        p%: {type: integer}"), n},
		"required":   {object + each("        p%: {type: string}"), "    S:\n      type: object\n      required:\n" + each("        - p%") + "      properties:\n" + each("        p%: {type: string}"), n},
		"values":     {"    S:\n      type: string\n      enum:\n" + each("        - v%"), "    S:\n      type: string\n      enum:\n" + each("        - w%"), 2 * n},
		"components": {object + each(`        p%: {$ref: "#/components/schemas/A%"}`) + each("    A%: {type: object, properties: {a: {type: string, maxLength: 1%}}}"), object + each(`        p%: {$ref: "#/components/schemas/B%"}`) + each("    B%: {type: object, properties: {a: {type: string, maxLength: 1%}}}"), n},
		"branches":   {"    S:\n      oneOf:\n" + each("        - {type: object, required: [k], properties: {k: {type: string, maxLength: 1%}}}"), "    S:\n      oneOf:\n" + each("        - {type: object, required: [k], properties: {k: {type: string, maxLength: 1%, minLength: 1}}}"), 2 * n},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			side := func(name, schemas string) Side {
				text := "openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\npaths:\n  /a:\n    get:\n      operationId: a\n      responses: {\"200\": {description: ok, content: {application/json: {schema: {$ref: \"#/components/schemas/S\"}}}}}\ncomponents:\n  schemas:\n" + schemas
				return Side{Name: name, FS: fstest.MapFS{
					"banyan.yaml":  {Data: []byte("version: 1\nservices:\n  x: {contract: openapi.yaml}\ntargets:\n  goserver: {output: gen, package: example.org/gen}\n")},
					"openapi.yaml": {Data: []byte(text)},
				}}
			}
			done := make(chan string)
			go func() {
				r, err := Workspaces(side("base", c.base), side("head", c.head), Settings{Surfaces: goSurfaces, Stems: goserver.Target{}.Stems, Decoders: goDecoders})
				if err != nil {
					done <- err.Error()
				} else if len(r.All()) < c.changes {
					done <- fmt.Sprintf("%d changes, want %d: %v", len(r.All()), c.changes, r.Problems)
				}
				close(done)
			}()
			select {
			case wrong := <-done:
				if wrong != "" {
					t.Error(wrong)
				}
			case <-time.After(4 * time.Minute): // it takes a second, or many minutes
				t.Fatal("the review does not end")
			}
		})
	}
}

// TestIdentities holds that the ids of changes are the same whatever way the same
// contracts are written in, and in every run.
func TestIdentities(t *testing.T) {
	t.Parallel()
	base := `openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /a:
    get:
      operationId: getA
      parameters:
        - {name: q, in: query, schema: {type: string%s}}
        - {name: r, in: query, schema: {type: integer}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Out"}}}}
components:
  schemas:
    Out:
      oneOf:
        - {type: object, required: [a], properties: {a: {type: string%s}}}
        - {type: object, required: [b], properties: {b: {type: integer}}}
`
	rewritten := `{"components": {"schemas": {"Out": {"oneOf": [
  {"properties": {"b": {"type": "integer"}}, "required": ["b"], "type": "object"},
  {"properties": {"a": {"type": "string"%s}}, "required": ["a"], "type": "object"}]}}},
 "paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Out"}}}, "description": "ok"}},
  "parameters": [{"schema": {"type": "integer"}, "in": "query", "name": "r"}, {"schema": {"type": "string"%s}, "in": "query", "name": "q"}], "operationId": "getA"}}},
 "info": {"version": "1", "title": "t"}, "openapi": "3.0.3"}`
	moved := strings.Replace(base, "components:\n  schemas:\n    Out:\n", "components: {schemas: {Out: {$ref: \"%s/types.yaml#/Out\"}}}\n#", 1)
	moved, types, _ := strings.Cut(moved, "#      oneOf")
	types = "Out:\n      oneOf" + types

	ids := func(base, head fstest.MapFS) []string {
		var out []string
		was, is := loadedFiles(t, base), loadedFiles(t, head)
		a, err := was.Spec()
		if err != nil {
			t.Fatal(err)
		}
		b, err := is.Spec()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range Compare(a, b, Options{Service: "x"}) {
			out = append(out, c.Rule+" "+c.ID)
		}
		slices.Sort(out)
		return out
	}
	yaml := func(limit string) fstest.MapFS {
		return fstest.MapFS{"openapi.yaml": {Data: fmt.Appendf(nil, base, limit, limit)}}
	}
	want := ids(yaml(""), yaml(", maxLength: 3"))
	if len(want) != 2 {
		t.Fatalf("%q", want)
	}
	for name, with := range map[string]func(limit string) fstest.MapFS{
		"again": yaml,
		"as JSON, in another order": func(limit string) fstest.MapFS {
			if limit != "" {
				limit = `, "maxLength": 3`
			}
			return fstest.MapFS{"openapi.yaml": {Data: fmt.Appendf(nil, rewritten, limit, limit)}}
		},
		"in another file": func(limit string) fstest.MapFS {
			return fstest.MapFS{"openapi.yaml": {Data: fmt.Appendf(nil, moved, limit, "there")}, "there/types.yaml": {Data: fmt.Appendf(nil, types, limit)}}
		},
	} {
		if diff := cmp.Diff(want, ids(with(""), with(", maxLength: 3"))); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
		if diff := cmp.Diff(want, ids(yaml(""), with(", maxLength: 3"))); diff != "" {
			t.Errorf("%s, against the first form: want -, got +:\n%s", name, diff)
		}
	}
}

func loadedFiles(t *testing.T, files fstest.MapFS) *contract.Contract {
	t.Helper()
	files["banyan.yaml"] = &fstest.MapFile{Data: []byte("version: 1\nservices:\n  x: {contract: openapi.yaml}\n")}
	ws, list := contract.LoadFS(files, "")
	if ws == nil || len(ws.Services) != 1 || list.Errors() > 0 {
		t.Fatal(list)
	}
	return ws.Services[0]
}

// Whatever a file of approvals says: no panic, every fault placed, and what is
// accepted can be written again.
func FuzzParseApprovals(f *testing.F) {
	f.Add([]byte("version: 1\napprovals:\n  - change: dade4de89596\n    parties: [wire]\n    reason: r\n    by: Ada\n    until: 2026-12-31\n"))
	f.Add([]byte("approvals: [{chnage: x, until: never}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, faults := ParseApprovals("approvals.yaml", data)
		for _, fault := range faults {
			if fault.Pos.Line < 1 {
				t.Errorf("%v has no place", fault)
			}
		}
		if faults.Err() != nil {
			return
		}
		for _, entry := range a.list {
			again, faults := ParseApprovals("approvals.yaml", []byte("version: 1\napprovals:\n"+entry.Block()))
			if faults.Err() != nil || len(again.list) != 1 || again.list[0].Change != entry.Change {
				t.Fatalf("%q is not read again: %v", entry.Block(), faults)
			}
		}
	})
}

// Whatever two contracts say: no panic, no end to wait for, the same changes
// twice, and none against itself.
func FuzzCompare(f *testing.F) {
	names, err := filepath.Glob("testdata/edits/*.txtar")
	if err != nil || len(names) == 0 {
		f.Fatal("no cases", err)
	}
	for i, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if i%8 == 0 { // all of them take the time of a short run, and TestEdits has them
			f.Add(ar.Files[0].Data, ar.Files[1].Data)
		}
	}
	f.Fuzz(func(t *testing.T, base, head []byte) {
		load := func(data []byte) *contract.Contract {
			ws, list := contract.LoadFS(fstest.MapFS{"banyan.yaml": {Data: []byte("version: 1\nservices:\n  x: {contract: openapi.yaml}\n")}, "openapi.yaml": {Data: data}}, "")
			if ws == nil || len(ws.Services) != 1 || list.Errors() > 0 {
				return nil // no contract
			}
			return ws.Services[0]
		}
		was, is := load(base), load(head)
		if was == nil || is == nil {
			return
		}
		a, err := was.Spec()
		if err != nil {
			t.Fatal(err)
		}
		b, err := is.Spec()
		if err != nil {
			t.Fatal(err)
		}
		ids := func(list []*Change) (out []string) {
			for _, c := range list {
				out = append(out, c.ID)
			}
			return out
		}
		first := Compare(a, b, Options{})
		if diff := cmp.Diff(ids(first), ids(Compare(a, b, Options{}))); diff != "" {
			t.Error(diff)
		}
		if same := Compare(a, a, Options{}); len(same) > 0 {
			t.Errorf("a contract differs from itself: %s", same[0].Message)
		}
		if (len(base)+len(head))%8 == 0 { // it takes longer than all the rest
			_, _ = secondOpinion(first, was, is)
		}
	})
}

// TestNumbersInQueries: what is compared is the exact number, and one with more
// digits than anybody could mean stays as it was written.
func TestNumbersInQueries(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"1.50": "1.5", "2e2": "2e2", "3": "3", "5e-1": "0.5", "1e-25": "0.0000000000000000000000001", "-2.5e-3": "-0.0025", "true": "true",
		"1e-999999": "1e-999999",
	} {
		if got := digits(value); got != want {
			t.Errorf("%s: got %s, want %s", value, got, want)
		}
	}
}
