package review

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review/oasdiff"
	"github.com/rogpeppe/go-internal/txtar"
)

// disagreements are the findings of oasdiff that our comparison does not share,
// by case, each with the reason.
var disagreements = map[string]string{
	"nullable-beside-all-of.txtar": "it merges allOf with what stands beside it and loses the properties; they are as they were",
}

// TestSecondOpinion holds our comparison against oasdiff's in all cases: what it
// takes to be breaking, one of our changes says.
func TestSecondOpinion(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/edits/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for name := range disagreements {
		if !slices.Contains(names, filepath.Join("testdata", "edits", name)) {
			t.Errorf("disagreements: there is no case %s", name)
		}
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			was, is := loaded(t, ar, "base.yaml"), loaded(t, ar, "head.yaml")
			a, err := was.Spec()
			if err != nil {
				t.Fatal(err)
			}
			b, err := is.Spec()
			if err != nil {
				t.Fatal(err)
			}
			changes := Compare(a, b, editOptions(t, ar))
			extra, err := secondOpinion(changes, was, is)
			if err != nil {
				t.Fatal(err)
			}
			known := disagreements[filepath.Base(name)] != ""
			if known && len(extra) == 0 {
				t.Error("oasdiff and our comparison agree: the entry in disagreements can go")
			}
			for _, c := range extra {
				if !known {
					t.Errorf("nothing of ours says what %s", c.Message)
				}
			}
		})
	}
}

func loaded(t *testing.T, ar *txtar.Archive, name string) *contract.Contract {
	t.Helper()
	for _, f := range ar.Files {
		if f.Name == name {
			ws, list := contract.LoadFS(fstest.MapFS{
				"banyan.yaml":  {Data: []byte("version: 1\nservices:\n  x: {contract: openapi.yaml}\n")},
				"openapi.yaml": {Data: f.Data},
			}, "")
			if ws == nil || len(ws.Services) != 1 {
				t.Fatal(list)
			}
			return ws.Services[0]
		}
	}
	t.Fatalf("no file %s", name)
	return nil
}

// Circles with many choices are left out, with a word: oasdiff would not be done
// with them. What else changed is asked all the same.
func TestSecondOpinionLeavesKnots(t *testing.T) {
	t.Parallel()
	document := func(kind string, circle int) *contract.Contract {
		var b strings.Builder
		b.WriteString("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n" +
			"  /nodes: {get: {operationId: nodes, responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/N0'}}}}}}}\n" +
			"  /flat: {get: {operationId: flat, responses: {'200': {description: ok, content: {application/json: {schema: {type: " + kind + "}}}}}}}\ncomponents:\n  schemas:\n")
		for i := range circle {
			fmt.Fprintf(&b, "    N%d:\n      type: object\n      properties: {id: {type: %s}, next: {oneOf: [{$ref: '#/components/schemas/N%d'}, {type: array, items: {$ref: '#/components/schemas/N0'}}]}}\n", i, kind, (i+1)%circle)
		}
		return loaded(t, &txtar.Archive{Files: []txtar.File{{Name: "x.yaml", Data: []byte(b.String())}}}, "x.yaml")
	}
	for _, tc := range []struct {
		circle int
		want   string
	}{
		{4, ""},
		{manyBranches/2 + 1, "components of one operation refer to each other in a circle with more than 32 branches, or have a choice of more than 150, and that would take it too long"},
	} {
		was, is := document("string", tc.circle), document("integer", tc.circle)
		nothing := &Change{Rule: "description-changed", uses: map[string][]string{"GET /flat": nil, "GET /nodes": nil}}
		extra, err := secondOpinion([]*Change{nothing}, was, is)
		if got := fmt.Sprint(err); tc.want != "" && got != tc.want || tc.want == "" && err != nil {
			t.Errorf("a circle of %d: %v", tc.circle, err)
		}
		asked := map[string]bool{}
		for _, c := range extra {
			asked[c.Place] = true
		}
		if !asked["GET /flat"] || asked["GET /nodes"] != (tc.want == "") {
			t.Errorf("a circle of %d: oasdiff was asked about %v", tc.circle, asked)
		}
	}
}

// TestOpinionsAreOurs holds that whatever rule of oasdiff is broken, a sentence of ours
// says so: with what it is about, and not in its words.
func TestOpinionsAreOurs(t *testing.T) {
	t.Parallel()
	vague := 0
	for rule, level := range oasdiff.Rules() {
		if level == oasdiff.Info {
			continue
		}
		got := opinion(oasdiff.Finding{Rule: rule, Text: "removed the `x`", Args: []string{"`x`"}})
		if strings.Contains(got, "removed the") || strings.Contains(got, rule) || !strings.HasSuffix(got, " (x)") {
			t.Errorf("%s: %s", rule, got)
		}
		if strings.Contains(got, "see: something") {
			vague++
		}
	}
	if vague > 3 {
		t.Errorf("of %d rules it does not say what they are about", vague)
	}
	for rule, want := range map[string]string{
		"request-property-removed":           "a property of the request is gone (x)",
		"response-body-max-length-increased": "the body of an answer: maxLength is higher (x)",
		"request-parameter-pattern-changed":  "a parameter: pattern changed (x)",
		"new-required-request-property":      "a required property of the request is new (x)",
	} {
		if got := opinion(oasdiff.Finding{Rule: rule, Args: []string{"x"}}); got != "perhaps a break that our comparison does not see: "+want {
			t.Errorf("%s: %s", rule, got)
		}
	}
}
