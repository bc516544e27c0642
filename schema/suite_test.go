package schema_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/schema"
)

// suiteGroup is one schema of the JSON Schema Test Suite with its cases.
type suiteGroup struct {
	File        string          `json:"file"`
	Description string          `json:"description"`
	Schema      json.RawMessage `json:"schema"`
	Components  json.RawMessage `json:"components"`
	Tests       []struct {
		Description string          `json:"description"`
		Data        json.RawMessage `json:"data"`
		Valid       bool            `json:"valid"`
	} `json:"tests"`
}

// suiteException is a case that this engine reads differently, and why.
type suiteException struct {
	File, Group, Test, Reason string
}

func readJSON(t testing.TB, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// compileGroup compiles a group's schema; what components it refers to are its own.
func compileGroup(g suiteGroup, o schema.Options) (*schema.Schema, error) {
	document := fmt.Sprintf(`{"schema":%s`, g.Schema)
	if g.Components != nil {
		document += fmt.Sprintf(`,"components":%s`, g.Components)
	}
	doc, err := schema.Load([]byte(document+"}"), o)
	if err != nil {
		return nil, err
	}
	return doc.Compile("/schema")
}

// TestSuite prints the line that make suite shows. An exception that is not
// needed any more fails, as an unexpected failure does.
func TestSuite(t *testing.T) {
	var exceptions []suiteException
	readJSON(t, "testdata/suite/exceptions.json", &exceptions)
	excused := map[string]string{}
	for _, e := range exceptions {
		excused[strings.Join([]string{e.File, e.Group, e.Test}, " | ")] = e.Reason
	}
	var line []string
	for _, part := range []struct{ name, file string }{
		{"required", "oas30-draft4.json"}, {"optional", "oas30-draft4-optional.json"},
	} {
		var groups []suiteGroup
		readJSON(t, filepath.Join("testdata/suite", part.file), &groups)
		passed, total := 0, 0
		for _, g := range groups {
			s, err := compileGroup(g, schema.Options{Version: schema.OpenAPI30})
			if err != nil {
				t.Errorf("%s | %s: %v", g.File, g.Description, err)
				total += len(g.Tests)
				continue
			}
			for _, c := range g.Tests {
				total++
				name := strings.Join([]string{g.File, g.Description, c.Description}, " | ")
				v := s.Validate(c.Data, schema.Plain)
				ok := (len(v) == 0) == c.Valid
				reason, expected := excused[name]
				delete(excused, name)
				switch {
				case ok:
					passed++
					if expected {
						t.Errorf("%s passes: its exception is stale", name)
					}
				case expected:
					fmt.Printf("differs: %s: %s\n", name, reason)
				default:
					t.Errorf("%s: valid must be %v: %v", name, c.Valid, v)
				}
			}
		}
		line = append(line, fmt.Sprintf("%s %d/%d", part.name, passed, total))
	}
	for name := range excused {
		t.Errorf("the exception %q fits no case", name)
	}
	fmt.Println(strings.Join(line, " "))
}
