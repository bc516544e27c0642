package render_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/internal/review/render"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestMachinesFindWhatTheyAskFor holds the reports for other programs to schemas:
// what must be there, and that nothing is there which the formats do not have.
func TestMachinesFindWhatTheyAskFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		format render.Format
		// spoilt goes from words of the report to others that its schema must refuse.
		spoilt map[string]string
	}{
		{"sarif", render.SARIF, map[string]string{`"2.1.0"`: `"2.0.0"`, `"level": "error"`: `"level": "fatal"`, `"driver"`: `"engine"`, `"ruleIndex": `: `"ruleIndex": -`, `"startLine": `: `"startLine": -`}},
		{"codequality", render.GitLab, map[string]string{`"critical"`: `"worst"`, `"fingerprint"`: `"finger"`, `"begin": `: `"begin": -`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile("testdata/" + c.name + ".schema.json")
			if err != nil {
				t.Fatal(err)
			}
			schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			compiler := jsonschema.NewCompiler()
			if err := compiler.AddResource("schema.json", schema); err != nil {
				t.Fatal(err)
			}
			compiled, err := compiler.Compile("schema.json")
			if err != nil {
				t.Fatal(err)
			}
			fits := func(text string) error {
				doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
				if err != nil {
					t.Fatal(err, text)
				}
				return compiled.Validate(doc)
			}
			text := string(shown(t, c.format))
			if err := fits(text); err != nil {
				t.Errorf("%v\n%s", err, text)
			}
			for word, other := range c.spoilt {
				if spoilt := strings.ReplaceAll(text, word, other); spoilt == text {
					t.Errorf("the report does not have %s", word)
				} else if fits(spoilt) == nil {
					t.Errorf("the schema allows %s", other)
				}
			}
		})
	}
}
