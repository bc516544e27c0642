package goserver_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
)

// pairs are contracts in a document, each followed by the Go that it becomes.
var pairs = regexp.MustCompile("(?s)```yaml\n([^`]*?)```\n```go\n(.*?)\n```")

// TestDocumentation generates from every contract in docs/generator.md that has
// Go after it, and looks for each line of that Go in what comes out.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "generator.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := pairs.FindAllSubmatch(data, -1)
	const least = 17 // of constructs; more is fine
	if len(found) < least {
		t.Errorf("%d pairs of a contract and its Go", len(found))
	}
	for _, pair := range found {
		text := string(pair[1])
		name, _, _ := strings.Cut(strings.TrimPrefix(text, "# OpenAPI 3.1\n"), ":")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ws := load(t, &txtar.Archive{Files: []txtar.File{{Name: "api/svc/openapi.yaml", Data: []byte(wholeContract(text))}}}, "example.com/docs")
			files, list := goserver.Target{}.Generate(ws, ws.Targets[0], codegen.Unwatched)
			if list.Errors() > 0 {
				t.Fatal(list)
			}
			out := map[string]bool{}
			for _, f := range files {
				for line := range strings.SplitSeq(string(f.Data), "\n") {
					out[spaced(line)] = true
					before, _, _ := strings.Cut(line, " {")
					out[spaced(before)] = true
				}
			}
			for line := range strings.SplitSeq(string(pair[2]), "\n") {
				if line = spaced(line); !out[line] {
					t.Errorf("not in the generated code: %s", line)
				}
			}
		})
	}
}

// spaced leaves the layout of columns aside.
func spaced(line string) string { return strings.Join(strings.Fields(line), " ") }

// wholeContract puts a snippet where it belongs: paths, webhooks, security
// schemes, and schemas by their names.
func wholeContract(text string) string {
	version := "3.0.3"
	if strings.HasPrefix(text, "# OpenAPI 3.1\n") {
		version = "3.1.0"
	}
	parts := map[string]string{}
	at := ""
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '/':
			at = "paths"
		case strings.HasPrefix(line, "webhooks:") || strings.HasPrefix(line, "securitySchemes:"):
			at, _, _ = strings.Cut(line, ":")
			continue
		case line[0] != ' ':
			at = "schemas"
		}
		if at == "paths" || at == "schemas" {
			line = "  " + line
		}
		parts[at] += "  " + line + "\n"
	}
	out := fmt.Sprintf("openapi: %s\ninfo: {title: T, version: \"1\"}\n", version)
	if parts["paths"] == "" {
		out += "paths: {}\n"
	} else {
		out += "paths:\n" + parts["paths"]
	}
	if parts["webhooks"] != "" {
		out += "webhooks:\n" + parts["webhooks"]
	}
	if parts["schemas"] != "" {
		out += "components:\n  schemas:\n" + parts["schemas"]
	} else if parts["securitySchemes"] != "" {
		out += "components:\n  securitySchemes:\n" + strings.ReplaceAll(parts["securitySchemes"], "\n  ", "\n    ")
	}
	return out
}
