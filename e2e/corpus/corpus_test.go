package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The documents of testdata pass, or those of BANYAN_CORPUS.
func TestCorpus(t *testing.T) {
	if testing.Short() && os.Getenv("CI") != "true" {
		t.Skip("builds what is generated from real documents")
	}
	out := logger{t}
	code, err := run(t.Context(), out, os.Getenv("BANYAN_CORPUS"), t.TempDir(), false, false)
	if err != nil || code != 0 {
		t.Errorf("exit code %d, %v", code, err)
	}
}

type logger struct{ t *testing.T }

func (l logger) Write(p []byte) (int, error) { l.t.Log(string(p)); return len(p), nil }

// A document that fails says why in its line, and in the exit code.
func TestFault(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"broken.yaml": "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/None'}}}}}\n",
		"old.json":    `{"swagger": "2.0", "info": {"title": "Shop", "version": "1"}, "paths": {"/a": {"get": {"responses": {"200": {"description": "fine"}}}}}}`,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	code, err := run(t.Context(), &out, folder, t.TempDir(), false, false)
	if code != 1 || err != nil {
		t.Errorf("exit code %d, %v", code, err)
	}
	for _, want := range []string{
		`(?m)^broken .* check: 1 errors?, first api/it/broken.yaml:3: .*leads nowhere`,
		`(?m)^old .* ok$`,
		`(?m)^1 of 2 documents, operations 1 of 2\n\z`,
	} {
		if !regexp.MustCompile(want).Match(out.Bytes()) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
}

// The checkout is found from within, also by a binary that does not know where it was
// compiled.
func TestCheckoutAround(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(here, "..", "..")
	t.Chdir(filepath.Join(want, "internal", "codegen"))
	if got, err := findCheckout(); got != want || err != nil {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
	t.Chdir(t.TempDir())
	if got, err := findCheckout(); err == nil && got != want || err != nil && !strings.Contains(err.Error(), "not within a checkout") {
		t.Errorf("%s, %v", got, err)
	}
}
