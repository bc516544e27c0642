package build

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/internal/review"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

const reviewData = "../../../../internal/review/testdata/"

// TestLeanIsWhole holds that a review which reads what differs, and what that may be
// named after, says the same about generated code and its decoders as one that
// generates everything: for every edit and for versions of real contracts.
func TestLeanIsWhole(t *testing.T) {
	t.Parallel()
	edits, err := filepath.Glob(reviewData + "edits/*.txtar")
	if err != nil || len(edits) == 0 {
		t.Fatal("no edits", err)
	}
	for _, name := range edits {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string][]byte{}
		for _, f := range ar.Files {
			texts[f.Name] = f.Data
		}
		leanIsWhole(t, filepath.Base(name), "openapi.yaml", texts["base.yaml"], texts["head.yaml"])
	}
	bases, err := filepath.Glob(reviewData + "pairs/*.base.*.gz")
	if err != nil || len(bases) == 0 {
		t.Fatal("no pairs", err)
	}
	for _, name := range bases {
		base := unzipped(t, name)
		if len(base) > 600_000 {
			continue // the whole takes its time
		}
		file := "openapi" + filepath.Ext(strings.TrimSuffix(name, ".gz"))
		leanIsWhole(t, filepath.Base(name), file, base, unzipped(t, strings.Replace(name, ".base.", ".revision.", 1)))
	}
}

// TestLeanIsWholeAnywhere is TestLeanIsWhole for edits of lines that are drawn from
// real contracts.
func TestLeanIsWholeAnywhere(t *testing.T) {
	t.Parallel()
	swaps := strings.NewReplacer(`: string`, `: integer`, `: integer`, `: string`, `: true`, `: false`, `: "string"`, `: "integer"`, `: "object"`, `: "string"`, `"$ref": "#/components/schemas/`, `"x-ref": "`,
		`"required"`, `"x-required"`, `    required:`, `    x-required:`, `nullable`, `deprecated`, `enum`, `x-enum`, `"operationId": "`, `"operationId": "x`, `operationId: `, `operationId: x`)
	draw := rand.New(rand.NewPCG(8, 9))
	for _, name := range []string{"kratos-1.3.8-25.4.0.base.json.gz", "influx-orgid-not-required.base.yaml.gz"} {
		base := unzipped(t, reviewData+"pairs/"+name)
		lines := strings.SplitAfter(string(base), "\n")
		for edits := 0; edits < 3; {
			i := draw.IntN(len(lines))
			if edited := swaps.Replace(lines[i]); edited != lines[i] && !strings.HasPrefix(lines[i], "    \"") {
				lines[i] = edited
				edits++
			}
		}
		leanIsWhole(t, name, "openapi"+filepath.Ext(strings.TrimSuffix(name, ".gz")), base, []byte(strings.Join(lines, "")))
	}
}

func unzipped(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// leanIsWhole reviews two contracts in both ways.
func leanIsWhole(t tester, name, file string, base, head []byte) {
	t.Helper()
	side := func(name string, data []byte) review.Side {
		return review.Side{Name: name, FS: fstest.MapFS{
			"banyan.yaml": {Data: []byte("version: 1\nservices:\n  x: {contract: " + file + "}\ntargets:\n  goserver: {output: gen, package: example.org/gen}\n")},
			file:          {Data: data},
		}}
	}
	said := func(s review.Settings) (string, map[string][]string) {
		s.Now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		r, err := review.Workspaces(side("base", base), side("head", head), s)
		if err != nil {
			t.Fatal(err)
		}
		symbols := map[string][]string{}
		for _, service := range r.Services {
			for _, c := range service.Changes {
				symbols[c.ID], c.Symbols = c.Symbols, nil
			}
		}
		out, err := json.MarshalIndent(r.Services, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		return string(out), symbols
	}
	whole, broken := said(review.Settings{Surfaces: Surfaces, Decoders: Decoders})
	lean, seen := said(review.Settings{Surfaces: Surfaces, Stems: Stems, Decoders: Decoders})
	if diff := cmp.Diff(whole, lean); diff != "" {
		t.Errorf("%s: whole -, lean +:\n%s", name, diff)
	}
	// A component that is used in many places gives the first ones only.
	for id, all := range broken {
		if (len(all) == 0) != (len(seen[id]) == 0) {
			t.Errorf("%s: %s breaks %q, and %q in the lean review", name, id, all, seen[id])
		}
	}
}

// TestLeanIsWholeWhereNamesCollide is TestLeanIsWhole for contracts whose names are
// drawn so that many collide once they are Go names, whose components are shared, put
// together, and hold schemas that get their names from whoever comes first.
func TestLeanIsWholeWhereNamesCollide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base := drawContract(t)
		head := base.edited(t)
		leanIsWhole(t, fmt.Sprintf("base:\n%s\nhead:\n%s\n", base.text(), head.text()), "openapi.yaml", base.text(), head.text())
	})
}

// drawn is a contract: the members of each section, each a piece of YAML.
type drawn struct {
	sections map[string]map[string]string
	// rank of schemas: each refers to those of a lower one. Only some objects hold
	// themselves, for what is put together of what holds itself has no end.
	rank map[string]int
	at   int // the rank of the schema that is drawn
}

var drawnNames = []string{"a", "A", "a_b", "aB", "AB", "ABEnum", "aBItem", "b", "B", "BC", "b-c", "BParams", "BRequestObject", "B200JSONResponse", "c", "C", "CA", "CB", "CAOne", "b2", "B2", "getB", "Port",
	"dog", "elk", "fox", "gnu", "hen", "ibis", "jay", "kite", "lynx", "mole", "newt", "orca"}

func (d *drawn) text() []byte {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\npaths:\n")
	for _, name := range slices.Sorted(maps.Keys(d.sections["paths"])) {
		fmt.Fprintf(&b, "  %s:\n%s", name, d.sections["paths"][name])
	}
	b.WriteString("components:\n")
	for _, section := range []string{"schemas", "responses", "headers", "requestBodies", "parameters", "securitySchemes"} {
		if len(d.sections[section]) > 0 {
			fmt.Fprintf(&b, "  %s:\n", section)
		}
		for _, name := range slices.Sorted(maps.Keys(d.sections[section])) {
			fmt.Fprintf(&b, "    %s:\n      %s\n", name, d.sections[section][name])
		}
	}
	return []byte(b.String())
}

const users = 1 << 20 // the rank of what is no schema

func drawContract(t *rapid.T) *drawn {
	d := &drawn{rank: map[string]int{}, at: users, sections: map[string]map[string]string{
		"securitySchemes": {"key": "{type: apiKey, in: header, name: k}", "token": "{type: http, scheme: bearer}"},
	}}
	for i, name := range rapid.Permutation(drawnNames).Draw(t, "rank") {
		d.rank[name] = i
	}
	inOrder := []string{"schemas", "headers", "parameters", "requestBodies", "responses"}
	for i, section := range inOrder {
		d.sections[section] = map[string]string{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(drawnNames), 2, []int{8, 2, 2, 2, 3}[i], rapid.ID[string]).Draw(t, section) {
			d.sections[section][name] = ""
		}
	}
	for _, section := range inOrder {
		for _, name := range slices.Sorted(maps.Keys(d.sections[section])) {
			if d.sections[section][name] == "" {
				d.sections[section][name] = d.member(t, section, name)
			}
		}
	}
	for _, name := range loops {
		d.sections["schemas"][name] = d.loop(t)
	}
	d.sections["paths"] = map[string]string{}
	for i, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(drawnNames), 2, 6, rapid.ID[string]).Draw(t, "ids") {
		d.sections["paths"][fmt.Sprintf("/p%d", i)] = d.path(t, id)
	}
	return d
}

// edited is the contract with one or two members that say something else.
func (d *drawn) edited(t *rapid.T) *drawn {
	out := &drawn{rank: d.rank, at: users, sections: map[string]map[string]string{}}
	for section, members := range d.sections {
		out.sections[section] = maps.Clone(members)
	}
	for range rapid.IntRange(1, 2).Draw(t, "edits") {
		section := rapid.SampledFrom([]string{"schemas", "schemas", "schemas", "responses", "headers", "requestBodies", "parameters", "paths", "paths"}).Draw(t, "section")
		switch {
		case section == "paths":
			name := fmt.Sprintf("/p%d", rapid.IntRange(0, 7).Draw(t, "path"))
			used := slices.Collect(maps.Values(out.sections["paths"]))
			free := slices.DeleteFunc(slices.Clone(drawnNames), func(id string) bool {
				return slices.ContainsFunc(used, func(text string) bool { return strings.Contains(text, "operationId: "+id+"\n") })
			})
			if out.sections["paths"][name] != "" && len(out.sections["paths"]) > 2 && rapid.Bool().Draw(t, "remove") {
				delete(out.sections["paths"], name)
				continue
			}
			out.sections["paths"][name] = out.path(t, rapid.SampledFrom(free).Draw(t, "id"))
		case rapid.Bool().Draw(t, "add"):
			name := rapid.SampledFrom(drawnNames).Draw(t, "name")
			out.sections[section][name] = out.member(t, section, name)
		default:
			name := rapid.SampledFrom(slices.Sorted(maps.Keys(out.sections[section]))).Draw(t, "member")
			out.sections[section][name] = out.member(t, section, name)
		}
	}
	return out
}

// loops are objects that may hold each other by value.
var loops = []string{"La", "Lb", "Lc"}

func (d *drawn) loop(t *rapid.T) string {
	to := func() string { return rapid.SampledFrom(loops).Draw(t, "loop") }
	return fmt.Sprintf("{type: object, required: [l1], properties: {l1: {$ref: '#/components/schemas/%s'}, l2: {$ref: '#/components/schemas/%s'}}}", to(), to())
}

func (d *drawn) refer(t *rapid.T, section string) string {
	names := slices.Sorted(maps.Keys(d.sections[section]))
	if section == "schemas" {
		names = slices.DeleteFunc(names, func(name string) bool { return d.rank[name] >= d.at || slices.Contains(loops, name) })
		if len(names) == 0 {
			return "{type: string, enum: [a, c]}"
		}
	}
	return fmt.Sprintf("{$ref: '#/components/%s/%s'}", section, rapid.SampledFrom(names).Draw(t, "to"))
}

func (d *drawn) member(t *rapid.T, section, name string) string {
	switch section {
	case "schemas":
		if slices.Contains(loops, name) {
			return d.loop(t)
		}
		d.at = d.rank[name]
		defer func() { d.at = users }()
		return d.schema(t, 2)
	case "responses":
		return d.response(t)
	case "headers":
		return "{schema: " + d.schema(t, 1) + "}"
	case "requestBodies":
		media := rapid.SampledFrom([]string{"application/json", "application/json", "multipart/form-data"}).Draw(t, "media")
		return "{content: {" + media + ": {schema: {type: object, properties: {one: " + d.schema(t, 1) + "}}}}}"
	case "parameters":
		return "{name: q, in: query, schema: " + d.schema(t, 1) + "}"
	}
	return d.path(t, "x")
}

func (d *drawn) response(t *rapid.T) string {
	headers := ""
	if rapid.Bool().Draw(t, "headers") {
		headers = ", headers: {X-H: " + d.refer(t, "headers") + "}"
	}
	return "{description: d" + headers + ", content: {application/json: {schema: " + d.schema(t, 1) + "}}}"
}

func (d *drawn) path(t *rapid.T, id string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "    post:\n      operationId: %s\n", id)
	if security := rapid.SampledFrom([]string{"", "", "[{key: []}]", "[{token: []}, {}]", "\n      - key: []\n        token: []"}).Draw(t, "security"); security != "" {
		fmt.Fprintf(&b, "      security: %s\n", security)
	}
	if rapid.Bool().Draw(t, "parameter") {
		fmt.Fprintf(&b, "      parameters: [%s]\n", d.refer(t, "parameters"))
	}
	if rapid.Bool().Draw(t, "body") {
		fmt.Fprintf(&b, "      requestBody: %s\n", d.refer(t, "requestBodies"))
	}
	fmt.Fprintf(&b, "      responses:\n        '200': %s\n", d.response(t))
	if rapid.Bool().Draw(t, "shared") {
		fmt.Fprintf(&b, "        '400': %s\n", d.refer(t, "responses"))
	}
	return b.String()
}

func (d *drawn) schema(t *rapid.T, depth int) string {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	switch {
	case kind == 0 || depth == 0 && kind < 5:
		return "{type: string}"
	case kind == 1 || depth == 0 && kind < 7:
		return "{type: string, enum: [a, b]}"
	case kind < 5 || depth == 0:
		return d.refer(t, "schemas")
	case kind == 5:
		return "{allOf: [" + d.refer(t, "schemas") + ", " + d.object(t, depth) + "]}"
	case kind == 6:
		return "{oneOf: [" + d.refer(t, "schemas") + ", " + d.schema(t, depth-1) + "]}"
	case kind == 7:
		return "{type: array, items: " + d.schema(t, depth-1) + "}"
	}
	return d.object(t, depth)
}

func (d *drawn) object(t *rapid.T, depth int) string {
	asked := ""
	if rapid.IntRange(0, 9).Draw(t, "asked") == 0 {
		asked = "x-go-name: " + rapid.SampledFrom([]string{"A", "ABEnum", "BC"}).Draw(t, "name") + ", "
	}
	required := ""
	if rapid.Bool().Draw(t, "required") {
		required = ", required: [b]"
	}
	loop := ""
	if rapid.IntRange(0, 4).Draw(t, "loops") == 0 {
		loop = ", l: {$ref: '#/components/schemas/" + rapid.SampledFrom(loops).Draw(t, "loop") + "'}"
	}
	return fmt.Sprintf("{%stype: object, properties: {one: %s, b: %s%s}%s}", asked, d.schema(t, depth-1), d.schema(t, depth-1), loop, required)
}
