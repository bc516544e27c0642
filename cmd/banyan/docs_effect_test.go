//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// edits are banyan.yaml with one key changed, by the key as the table of
// docs/configuration.md has it: of the workspace, or of what stands in front.
var edits = map[string]string{
	"services contract":   "services: {shop: {contract: api/shop/other.yaml}}",
	"services base-path":  "services: {shop: {base-path: /v2}}",
	"services body-limit": "services: {shop: {body-limit: 2MiB}}",
	"services operations": "services: {shop: {operations: {list: {body-limit: 2MiB}}}}",
	"services validation": "services: {shop: {validation: {status: 400}}}",
	"services legacy":     "services: {shop: {legacy: other/legacy.yaml}}",
	"services":            "services: {shop: {}, more: {contract: api/shop/other.yaml, base-path: /more}}",

	"unmatched":            "unmatched: legacy",
	"unmatched-body-limit": "unmatched: legacy\nunmatched-body-limit: 1MiB",
	"trusted-proxies":      "trusted-proxies: [10.0.0.1]",
	"upstream":             "upstream: http://127.0.0.1:2",
	"fastcgi":              "fastcgi: {index: start.php}",
	"timeout":              "timeout: 1s",
	"validation":           "validation: {status: 400}",
	"rollout":              "rollout: other/rollout.yaml",

	"targets output":      "targets: {goserver: {output: out}}",
	"targets package":     "targets: {goserver: {output: gen, package: example.com/other}}",
	"targets initialisms": "targets: {goserver: {output: gen, initialisms: [SKU]}}",

	"remote-refs": "remote-refs: [\"https://example.com/\"]",
	"review":      "review: {fail-on: [source]}",
}

// An edit takes effect after generate and a build if and only if generate makes
// something else of it.
func TestTableOfEffectsIsTrue(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const contract = "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths: {/skus: {get: {operationId: list, responses: {'200': {description: All}}}}}\n" +
		"components: {schemas: {One: {type: object, properties: {sku: {type: string}}}}}\n"
	write := func(name, text string) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// workspace is banyan.yaml with some keys written otherwise.
	workspace := func(edit string) string {
		text := edit + "\n"
		for _, line := range []string{"version: 1", "services: {shop: {}}", "upstream: http://127.0.0.1:1", "targets: {goserver: {output: gen}}"} {
			key, _, _ := strings.Cut(line, ":")
			if !regexp.MustCompile(`(?m)^` + key + `:`).MatchString(edit) {
				text += line + "\n"
			}
		}
		return text
	}
	for name, text := range map[string]string{
		"go.mod": "module example.com/shop\n", "api/shop/openapi.yaml": contract, "api/shop/other.yaml": contract,
		"other/legacy.yaml": "version: 1\n", "other/rollout.yaml": "version: 1\n", "banyan.yaml": workspace(""),
	} {
		write(name, text)
	}
	banyan := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(append([]string{"-C", dir}, args...), &out, &out)
		return code, out.String()
	}
	if code, out := banyan("generate"); code != exitOK {
		t.Fatal(out)
	}
	table := effects(t)
	for key, edit := range edits {
		after, listed := table[key]
		if !listed {
			t.Errorf("the table does not say when %s takes effect", key)
			continue
		}
		write("banyan.yaml", workspace(edit))
		code, out := banyan("generate", "--check")
		if stale := code == exitFindings && strings.Contains(out, "stale "); stale != strings.Contains(after, "`generate` and a build") || code == exitFailed || strings.Contains(out, "error") {
			t.Errorf("%s: the table says %q; generate --check exits with %d and says\n%s", key, after, code, out)
		}
	}
	for key := range table {
		if _, tried := edits[key]; !tried && key != "services unsupported" { // it takes a contract that needs it
			t.Errorf("%s is in the table, and not tried", key)
		}
	}
}

// effects are the second cells of the table, by the keys in the first.
func effects(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	_, table, found := strings.Cut(readDoc(t, "configuration.md"), "### When an edit takes effect\n")
	if !found {
		t.Fatal("the section is gone")
	}
	table, _, _ = strings.Cut(table, "\n### ")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for part := range strings.SplitSeq(cells[1], ";") {
			owner := ""
			if before, after, ok := strings.Cut(part, ": "); ok && strings.Contains(before, "`") {
				owner, part = strings.Trim(before, " `")+" ", after
			}
			for _, piece := range strings.Split(part, ",") {
				for _, key := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(piece, -1) {
					out[owner+key[1]] = cells[2]
				}
			}
		}
	}
	return out
}
