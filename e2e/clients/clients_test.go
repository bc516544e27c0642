//go:build unix

// Package clients has servers that Banyan generated answer clients that other
// tools generated from the same documents.
package clients

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/*/want.txt")

// The tools, as they are pinned.
const (
	oapiCodegen = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2"
	runtime     = "github.com/oapi-codegen/runtime v1.8.0"
)

var npmTools = []string{"openapi-typescript@7.13.0", "openapi-fetch@0.15.0", "typescript@5.9.3", "@types/node@20.19.25"}

// documents are those of e2e/corpus, with the path that their server has.
var documents = []struct{ name, file, base string }{
	{"petstore", "petstore-codegen.yaml.gz", "/v2"},
	{"spotify", "spotify.yaml.gz", "/v1"},
	{"tinkoff", "tinkoff-invest.json.gz", "/openapi"},
}

func TestOtherToolsClients(t *testing.T) {
	if testing.Short() && os.Getenv("CI") != "true" {
		t.Skip("builds servers and clients")
	}
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tools := t.TempDir()
	command(t, checkout, nil, "go", "build", "-o", filepath.Join(tools, "banyan"), "./cmd/banyan")
	_, noGo := try(t, tools, []string{"GOBIN=" + tools, "GOFLAGS=-mod=mod"}, "go", "install", oapiCodegen)
	put(t, filepath.Join(tools, "package.json"), `{"type": "module", "private": true}`)
	_, noNPM := try(t, tools, nil, "npm", append([]string{"install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact"}, npmTools...)...)
	for _, d := range documents {
		t.Run(d.name, func(t *testing.T) {
			dir := t.TempDir()
			module(t, dir, checkout, d.name)
			contract := filepath.Join(dir, "api", "it", strings.TrimSuffix(d.file, ".gz"))
			unpack(t, filepath.Join(checkout, "e2e", "corpus", "testdata", d.file), contract)
			put(t, filepath.Join(dir, "banyan.yaml"), fmt.Sprintf("version: 1\nservices:\n  it: {contract: api/it/%s}\ntargets: {goserver: {output: gen}}\n", filepath.Base(contract)))
			command(t, dir, nil, filepath.Join(tools, "banyan"), "generate")
			command(t, dir, goEnv, "go", "build", "-o", "served", "./server")
			url := serve(t, filepath.Join(dir, "served")) + d.base

			t.Run("oapi-codegen", func(t *testing.T) {
				if noGo != nil {
					needs.Unavailable(t, noGo)
				}
				put(t, filepath.Join(dir, "client", "doc.go"), "package client\n")
				command(t, dir, nil, filepath.Join(tools, "oapi-codegen"), "-config", "oapi-codegen.yaml", "-o", "client/client.go", contract)
				command(t, dir, goEnv, "go", "build", "-o", "called", "./call")
				compare(t, d.name, command(t, dir, nil, filepath.Join(dir, "called"), url))
			})
			t.Run("openapi-typescript", func(t *testing.T) {
				if noNPM != nil {
					needs.Unavailable(t, noNPM)
				}
				bin := filepath.Join(tools, "node_modules", ".bin")
				ts := filepath.Join(tools, d.name) // where node finds the packages above
				put(t, filepath.Join(ts, "client.ts"), read(t, filepath.Join("testdata", d.name, "client.ts.txt")))
				command(t, ts, nil, filepath.Join(bin, "openapi-typescript"), contract, "-o", "schema.ts")
				command(t, ts, nil, filepath.Join(bin, "tsc"), "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "--types", "node", "--outDir", "out", "client.ts")
				compare(t, d.name, command(t, ts, nil, "node", "out/client.js", url))
			})
		})
	}
}

var goEnv = []string{"GOFLAGS=-mod=mod", "GOWORK=off"}

// module makes a Go module of the server's stub and the client's calls.
func module(t *testing.T, dir, checkout, name string) {
	t.Helper()
	mod := strings.Replace(read(t, filepath.Join(checkout, "go.mod")), "module github.com/banyan-go/banyan", "module example.com/clients", 1)
	put(t, filepath.Join(dir, "go.mod"), mod+"\nrequire github.com/banyan-go/banyan v0.0.0\nrequire "+runtime+"\nreplace github.com/banyan-go/banyan => "+checkout+"\n")
	put(t, filepath.Join(dir, "go.sum"), read(t, filepath.Join(checkout, "go.sum")))
	for to, from := range map[string]string{
		"server/main.go": "server.go.txt", "server/stub.go": name + "/stub.go.txt",
		"call/main.go": "client.go.txt", "call/calls.go": name + "/client.go.txt", "oapi-codegen.yaml": "oapi-codegen.yaml",
	} {
		put(t, filepath.Join(dir, to), read(t, filepath.Join("testdata", from)))
	}
}

// compare holds what a client printed against what all clients should: a line
// per call, of a name, a status and JSON.
func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name, "want.txt")
	if *update {
		put(t, file, string(got))
	}
	want := strings.Split(strings.TrimSpace(read(t, file)), "\n")
	lines := strings.Split(strings.TrimSpace(string(got)), "\n")
	if len(want) != len(lines) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), got)
	}
	for i := range want {
		if !sameLine(want[i], lines[i]) {
			t.Errorf("line %d (-want +got):\n%s", i+1, cmp.Diff(want[i], lines[i]))
		}
	}
}

func sameLine(a, b string) bool {
	split := func(line string) (string, any) {
		at := strings.IndexAny(line, "{[")
		if at < 0 {
			return line, nil
		}
		var v any
		if err := json.Unmarshal([]byte(line[at:]), &v); err != nil {
			return line, nil
		}
		return line[:at], v
	}
	headA, valueA := split(a)
	headB, valueB := split(b)
	return headA == headB && reflect.DeepEqual(valueA, valueB)
}

// serve starts a server and returns its address. It is ended with the test.
func serve(t *testing.T, program string) string {
	t.Helper()
	cmd := exec.Command(program)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the server said:\n%s", stderr.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		t.Fatalf("the server did not start: %v\n%s", err, stderr.String())
	}
	return strings.TrimSpace(line)
}

// command runs a program that must succeed, and returns what it printed.
func command(t *testing.T, dir string, env []string, name string, args ...string) []byte {
	t.Helper()
	out, err := try(t, dir, env, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func try(t *testing.T, dir string, env []string, name string, args ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, err
		}
		said := append(stderr.Bytes(), stdout.Bytes()...)
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, said[:min(len(said), 4000)])
	}
	return stdout.Bytes(), nil
}

func unpack(t *testing.T, from, to string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	put(t, to, string(data))
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
