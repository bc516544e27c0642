package oasdiff

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the levels down")

// TestLevelsArePinned fails when an upgrade of oasdiff brings rules, drops them or
// changes their level, and shows which: what it takes to be breaking is half of
// the gate.
func TestLevelsArePinned(t *testing.T) {
	t.Parallel()
	const file = "testdata/levels.txt"
	var b strings.Builder
	rules := Rules()
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		fmt.Fprintf(&b, "%s %s\n", [...]string{"info", "warning", "error"}[rules[id]], id)
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the levels of oasdiff's rules changed; look at each, then run go test ./internal/review/oasdiff -update:\n%s", diff)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	doc := func(required string) []byte {
		return []byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"parameters":[{"name":"q","in":"query","required":` + required + `,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}}}}`)
	}
	list, err := Findings(doc("false"), doc("true"))
	if err != nil || len(list) != 1 || list[0].Level != Error || list[0].Operation != "GET /a" {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := Findings([]byte("{"), doc("true")); err == nil {
		t.Error("a broken document is compared")
	}
}

// TestEndlessListsAreRefused holds that no list of itself fills the stack, which no
// one could recover from.
func TestEndlessListsAreRefused(t *testing.T) {
	t.Parallel()
	doc := func(schemas, typ string) []byte {
		return []byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"ok","headers":{"X-A":{"schema":` + typ + `}}}}}}},"components":{"schemas":` + schemas + `}}`)
	}
	for _, schemas := range []string{
		`{"A":{"type":"array","items":{"$ref":"#/components/schemas/A"}}}`,
		`{"A":{"type":"array","items":{"type":"array","items":{"$ref":"#/components/schemas/B"}}},"B":{"type":"array","items":{"$ref":"#/components/schemas/A"}}}`,
		`{"A":{"type":"array","items":{"allOf":[{"$ref":"#/components/schemas/A"},{"maxItems":3}]}}}`,
	} {
		_, err := Findings(doc(schemas, `{"type":"string"}`), doc(schemas, `{"$ref":"#/components/schemas/A"}`))
		if err == nil || !strings.Contains(err.Error(), "a list of itself") {
			t.Errorf("%s: %v", schemas, err)
		}
	}
	tree := `{"A":{"type":"array","items":{"type":"object","properties":{"below":{"$ref":"#/components/schemas/A"}}}}}`
	if _, err := Findings(doc(tree, `{"type":"string"}`), doc(tree, `{"$ref":"#/components/schemas/A"}`)); err != nil {
		t.Error(err)
	}
}

// TestFindingsAreTheSame holds that two runs say the same of circles beside allOf.
func TestFindingsAreTheSame(t *testing.T) {
	t.Parallel()
	doc := func(required string) []byte {
		return []byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"parameters":[{"name":"q","in":"query","required":` + required + `,"schema":{"type":"string"}}],
			"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","properties":{"c":{"$ref":"#/components/schemas/C"},"d":{"$ref":"#/components/schemas/D"}}}}}}}}}},
			"components":{"schemas":{
				"A":{"type":"object","properties":{"one":{"type":"object","properties":{"b":{"type":"string"},"l":{"$ref":"#/components/schemas/La"}}},"l":{"$ref":"#/components/schemas/Lb"}}},
				"B":{"allOf":[{"$ref":"#/components/schemas/A"},{"type":"object","properties":{"one":{"$ref":"#/components/schemas/A"},"l":{"$ref":"#/components/schemas/Lb"}}}]},
				"C":{"$ref":"#/components/schemas/B"},"D":{"$ref":"#/components/schemas/B"},
				"La":{"type":"object","properties":{"l":{"$ref":"#/components/schemas/Lb"}}},
				"Lb":{"type":"object","properties":{"l":{"$ref":"#/components/schemas/La"},"m":{"$ref":"#/components/schemas/Lb"}}}}}}`)
	}
	for range 30 {
		list, err := Findings(doc("false"), doc("true"))
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
	}
}
