//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// yamlBlocks returns the YAML examples of docs/configuration.md by the first
// word of their section, and those of docs/legacy.md as legacy.yaml.
func yamlBlocks(t *testing.T) map[string][]string {
	t.Helper()
	blocks := map[string][]string{}
	for _, section := range strings.Split(readDoc(t, "configuration.md"), "\n## ")[1:] {
		name, rest, _ := strings.Cut(section, ":")
		blocks[name] = append(blocks[name], yamlIn(t, name, rest)...)
	}
	blocks["legacy.yaml"] = yamlIn(t, "legacy.md", readDoc(t, "legacy.md"))
	return blocks
}

func readDoc(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(checkoutDir(t), "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func yamlIn(t *testing.T, name, text string) (blocks []string) {
	t.Helper()
	for _, block := range strings.Split(text, "```yaml\n")[1:] {
		text, _, closed := strings.Cut(block, "```\n")
		if !closed {
			t.Fatalf("%s: an example is not closed", name)
		}
		blocks = append(blocks, text)
	}
	return blocks
}

// TestDocumentedFilesAreRight makes one workspace of the whole files that the
// documentation shows and checks it as users would.
func TestDocumentedFilesAreRight(t *testing.T) {
	t.Parallel()
	blocks := yamlBlocks(t)
	legacy, problems := beginning(blocks["legacy.yaml"], "# api/orders/legacy.yaml\n"), beginning(blocks["legacy.yaml"], "x-problems:\n")
	if len(blocks["banyan.yaml"]) != 1 || len(legacy) != 1 || len(problems) != 1 || len(blocks["rollout.yaml"]) != 1 {
		t.Fatalf("other examples than expected: %d, %d, %d, %d", len(blocks["banyan.yaml"]), len(legacy), len(problems), len(blocks["rollout.yaml"]))
	}
	operation := func(method, id, parameters string) string {
		return "    " + method + ": {operationId: " + id + ", " + parameters + "responses: {'204': {description: Done}}}\n"
	}
	const head = "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\n"
	const id = "parameters: [{name: orderId, in: path, required: true, schema: {type: string}}], "
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                 "module example.com/shop\n",
		"banyan.yaml":            blocks["banyan.yaml"][0],
		"api/rollout.yaml":       blocks["rollout.yaml"][0],
		"api/orders/legacy.yaml": legacy[0],
		"api/users/openapi.yaml": head + "paths:\n  /users:\n" + operation("get", "listUsers", ""),
		"api/users/legacy.yaml":  "version: 1\n",
		"api/orders/openapi.yaml": head + problems[0] +
			"  user-not-found: {status: 404, title: No such user}\n" +
			"  backend-down: {status: 503, title: Down}\n" +
			"  quota-exceeded: {status: 429, title: Quota exceeded}\n" +
			"  calculator-busy: {status: 503, title: Busy}\n" +
			"paths:\n  /buyers:\n" + operation("get", "listUsers", "") +
			"  /orders:\n" + operation("post", "importOrders", "") +
			"  /orders/{orderId}:\n" + operation("get", "getOrder", id) + operation("post", "calculateOrder", id),
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	if code := run([]string{"-C", dir, "check"}, &out, &errs); code != exitOK || strings.Contains(out.String(), "warning") {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errs.String())
	}
}

// beginning are the blocks that begin with a text.
func beginning(blocks []string, with string) (out []string) {
	for _, b := range blocks {
		if strings.HasPrefix(b, with) {
			out = append(out, b)
		}
	}
	return out
}

// TestGuideIsRight checks each step of docs/legacy.md in the place of the
// shop's own mapping.
func TestGuideIsRight(t *testing.T) {
	t.Parallel()
	steps := beginning(yamlBlocks(t)["legacy.yaml"], "version: 1\n")
	if len(steps) < 4 {
		t.Fatalf("%d steps", len(steps))
	}
	for i, step := range steps {
		dir := t.TempDir()
		if err := os.CopyFS(filepath.Join(dir, "api"), os.DirFS(filepath.Join(checkoutDir(t), "api"))); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"go.mod":                 "module example.com/shop\n",
			"banyan.yaml":            "version: 1\nservices: {users: {}, orders: {}, feed: {}}\nupstream: http://127.0.0.1:1\n",
			"api/orders/legacy.yaml": step,
		} {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var out, errs bytes.Buffer
		if code := run([]string{"-C", dir, "check"}, &out, &errs); code != exitOK {
			t.Errorf("step %d: exit code %d\n%s%s", i+1, code, out.String(), errs.String())
		}
	}
}

// TestEveryKeyIsDocumented: what a reader accepts stands in an example.
func TestEveryKeyIsDocumented(t *testing.T) {
	t.Parallel()
	blocks := yamlBlocks(t)
	tag := regexp.MustCompile("`yaml:\"([a-z-]+)\"`")
	for section, packages := range map[string]string{
		"banyan.yaml": "internal/contract", "legacy.yaml": "legacyproxy", "rollout.yaml": "rollout",
	} {
		sources, err := filepath.Glob(filepath.Join(checkoutDir(t), filepath.FromSlash(packages), "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, name := range sources {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, m := range tag.FindAllSubmatch(source, -1) {
				keys = append(keys, string(m[1]))
			}
		}
		if len(keys) < 5 {
			t.Errorf("%s: %d keys are found in %s, so this test looks in the wrong place", section, len(keys), packages)
		}
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			if !regexp.MustCompile(`(?m)(^|[ {])` + key + `:( |$)`).MatchString(strings.Join(blocks[section], "\n")) {
				t.Errorf("docs shows no %s: in %s", key, section)
			}
		}
	}
}
