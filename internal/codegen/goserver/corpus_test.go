package goserver_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/contract/contracttest"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema"
)

// document is an OpenAPI document to generate from.
type document struct{ name, root, file string }

// corpus returns the contracts of this repository, and the documents below the
// folder that BANYAN_CORPUS names: a folder each. The contract that its
// banyan.yaml names counts, or else its first document.
func corpus(t *testing.T) []document {
	t.Helper()
	root := filepath.Join("..", "..", "..")
	list := []document{
		{"users", root, "api/users/openapi.yaml"},
		{"orders", root, "api/orders/openapi.yaml"},
		{"feed", root, "api/feed/openapi.yaml"},
		{"everything", filepath.Join(root, "internal/codegen/goserver/testdata/golden"), "api/everything/openapi.yaml"},
		{"types", filepath.Join(root, "internal/codegen/goserver/testdata"), "roundtrip.yaml"},
		{"types31", filepath.Join(root, "internal/codegen/goserver/testdata"), "roundtrip31.yaml"},
		{"lost", filepath.Join(root, "internal/codegen/goserver/testdata"), "lost.yaml"},
	}
	more := os.Getenv("BANYAN_CORPUS")
	if more == "" {
		return list
	}
	entries, err := os.ReadDir(more)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		dir := filepath.Join(more, e.Name())
		if file := namedContract(t, dir); file != "" {
			list = append(list, document{e.Name(), dir, file})
			continue
		}
		var found []string
		for _, pattern := range []string{"*.yaml", "*.yml", "*.json"} {
			files, _ := filepath.Glob(filepath.Join(dir, pattern))
			found = append(found, files...)
		}
		if len(found) > 0 {
			list = append(list, document{e.Name(), dir, filepath.Base(found[0])})
		}
	}
	return list
}

// namedContract is the contract that the banyan.yaml of a folder names, for
// documents of many files, or nothing where there is none.
func namedContract(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, contract.WorkspaceFile))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	var workspace struct {
		Services map[string]struct{ Contract string }
	}
	if err == nil {
		err = yaml.Unmarshal(data, &workspace)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range workspace.Services {
		return service.Contract
	}
	return ""
}

func (d document) load(t *testing.T) *contract.Contract {
	t.Helper()
	fsys := contracttest.Workspace(os.DirFS(d.root), "version: 1\nservices:\n  it: {contract: "+d.file+"}\ntargets: {goserver: {output: gen}}\n")
	ws, findings := contract.LoadFS(fsys, "example.com/"+d.name)
	if findings.Errors() > 0 {
		for _, f := range findings[:min(3, len(findings))] {
			t.Log(f.Pos, f.Message)
		}
		return nil
	}
	return ws.Services[0]
}

// Values made from a schema are read into its Go type and written as the same
// JSON: for every component of every document.
func TestValuesSurvive(t *testing.T) {
	if testing.Short() && os.Getenv("CI") != "true" {
		t.Skip("compiles the types of all documents")
	}
	for _, d := range corpus(t) {
		t.Run(d.name, func(t *testing.T) {
			c := d.load(t)
			if c == nil {
				t.Fatal("the document has errors")
			}
			survive(t, c)
		})
	}
}

// tries is how many values are drawn for each component, and valuesFor how many
// of them must not be refused by the schema.
const tries = 60

func survive(t *testing.T, c *contract.Contract) {
	doc, names, files, list := goserver.TypesOf(c, "types")
	if list.Errors() > 0 {
		t.Fatal(list)
	}
	bundle, err := c.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := schema.Load(bundle, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	run := compileTypes(t, names, files)
	drawn, unmade, failures := 0, []string{}, 0
	for _, key := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		compiled, err := engine.Compile("/components/schemas/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
		if err != nil {
			t.Logf("%s: %v", key, err)
			continue
		}
		made := 0
		seen := map[string]bool{}
		for _, value := range draw(doc.Components.Schemas[key], key) {
			text, err := json.Marshal(value)
			if err != nil || seen[string(text)] || len(compiled.Validate(text, schema.Plain)) > 0 {
				continue
			}
			seen[string(text)] = true
			made++
			answer := run(names[key], text)
			if diff := compareJSON(text, answer); diff != "" {
				if failures++; failures <= 40 {
					t.Errorf("%s (%s): %s\n  sent %s\n  got  %s", key, names[key], diff, shorten(text), shorten(answer))
				}
				break
			}
		}
		if drawn += made; made == 0 {
			unmade = append(unmade, key)
		}
	}
	t.Logf("%d components, %d values, %d components without a value, %d failures: %s", len(names), drawn, len(unmade), failures, strings.Join(unmade, " "))
}

func shorten(text []byte) string { return string(text[:min(len(text), 700)]) }

// draw makes values for a component, always the same.
func draw(ref *openapi.SchemaRef, key string) []any {
	h := fnv.New64a()
	h.Write([]byte(key))
	g := &values{Rand: rand.New(rand.NewPCG(h.Sum64(), 1))}
	var out []any
	for range tries {
		if v := g.of(ref); v != (any)(nothing{}) {
			out = append(out, v)
		}
	}
	return out
}

func compareJSON(sent, got []byte) string {
	if bytes.HasPrefix(got, []byte("error: ")) {
		return string(got)
	}
	var a, b any
	for _, one := range []struct {
		text []byte
		into *any
	}{{sent, &a}, {got, &b}} {
		dec := json.NewDecoder(bytes.NewReader(one.text))
		dec.UseNumber()
		if err := dec.Decode(one.into); err != nil {
			return err.Error()
		}
	}
	return contracttest.Difference(a, b, "", contracttest.Equal)
}

// compileTypes builds a program that reads and writes values of the types, and
// returns what sends it a value.
func compileTypes(t *testing.T, names map[string]string, files map[string][]byte) func(name string, value []byte) []byte {
	t.Helper()
	var b strings.Builder
	b.WriteString(`package types

import (
	"bufio"
	"bytes"
	"io"

	"github.com/banyan-go/banyan/wire"
)

var makers = map[string]func() any{
`)
	for _, key := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&b, "\t%q: func() any { return new(*%s) },\n", names[key], names[key])
	}
	b.WriteString(`}

// Serve reads lines of a type's name and a value, and answers with lines.
func Serve(r io.Reader, w io.Writer) error {
	in, out := bufio.NewReaderSize(r, 1<<20), bufio.NewWriter(w)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return err
		}
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte(" "))
		v := makers[string(name)]()
		var answer []byte
		if err = wire.Unmarshal(value, v); err == nil {
			answer, err = wire.Marshal(v)
		}
		if err != nil {
			answer = append([]byte("error: "), bytes.ReplaceAll([]byte(err.Error()), []byte("\n"), []byte(" "))...)
		}
		out.Write(append(answer, '\n'))
		if err := out.Flush(); err != nil {
			return err
		}
	}
}
`)
	module := map[string][]byte{
		"types/serve.go": []byte(b.String()),
		"main.go":        []byte("package main\n\nimport (\n\t\"os\"\n\n\t\"example.com/cases/types\"\n)\n\nfunc main() { _ = types.Serve(os.Stdin, os.Stdout) }\n"),
	}
	for name, data := range files {
		module["types/"+name] = data
	}
	dir := writeModule(t, module)
	goRun(t, dir, "build", "-o", "main", ".")
	cmd := exec.Command(filepath.Join(dir, "main"))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	lines := bufio.NewReaderSize(out, 1<<20)
	return func(name string, value []byte) []byte {
		if _, err := in.Write(slices.Concat([]byte(name), []byte(" "), value, []byte("\n"))); err != nil {
			t.Fatal(err)
		}
		line, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatalf("%s: %v", strconv.Quote(string(value)), err)
		}
		return bytes.TrimSpace(line)
	}
}
