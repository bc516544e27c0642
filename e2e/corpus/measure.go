package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// bench has what all documents need: the command and a module's requirements.
type bench struct {
	checkout, work string
	banyan         string
	mod, sum       []byte
	peer           *peer // nil without a comparison
}

func newBench(ctx context.Context, checkout, work string, compared bool) (*bench, error) {
	work, err := filepath.Abs(work)
	if err != nil {
		return nil, err
	}
	if checkout, err = filepath.Abs(checkout); err != nil {
		return nil, err
	}
	b := &bench{checkout: checkout, work: work, banyan: filepath.Join(work, "banyan")}
	if b.sum, err = os.ReadFile(filepath.Join(checkout, "go.sum")); err != nil {
		return nil, err
	}
	if b.mod, err = os.ReadFile(filepath.Join(checkout, "go.mod")); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", b.banyan, "./cmd/banyan")
	cmd.Dir = checkout
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	if compared {
		b.peer, err = newPeer(ctx, checkout, work)
	}
	return b, err
}

// measure tries one document. Every fault is part of the result.
func (b *bench) measure(ctx context.Context, d document) Result {
	r := Result{Document: d.name}
	if err := b.try(ctx, d, &r); err != nil {
		r.Fault = strings.Join(strings.Fields(err.Error()), " ")
		if len(r.Fault) > 300 {
			r.Fault = r.Fault[:300]
		}
	}
	return r
}

func (b *bench) try(ctx context.Context, d document, r *Result) error {
	dir := filepath.Join(b.work, d.name)
	contract, err := b.workspace(ctx, dir, d, r)
	if err != nil {
		return err
	}

	check := b.tool(ctx, dir, "check", "--format", "json")
	r.Load, r.ToolMB = check.seconds, check.megabytes
	var found struct {
		Findings []struct {
			Severity, File, Message string
			Line                    int
		}
		Summary struct{ Errors, Warnings int }
	}
	if err := json.Unmarshal(check.stdout, &found); err != nil {
		return fmt.Errorf("check: %w", errors.Join(check.err, err))
	}
	r.Warnings = found.Summary.Warnings
	for _, f := range found.Findings {
		if f.Severity == "error" {
			return fmt.Errorf("check: %d errors, first %s:%d: %s", found.Summary.Errors, f.File, f.Line, f.Message)
		}
	}

	generate := b.tool(ctx, dir, "generate")
	r.Generate, r.ToolMB = generate.seconds, max(r.ToolMB, generate.megabytes)
	if generate.err != nil {
		return fmt.Errorf("generate: %w", generate.err)
	}
	gen := filepath.Join(dir, "gen")
	first, lines, err := fingerprint(gen)
	if err != nil {
		return err
	}
	r.Lines = lines
	if r.Operations, err = operations(filepath.Join(gen, "it")); err != nil {
		return err
	}
	if err := os.RemoveAll(gen); err != nil {
		return err
	}
	if again := b.tool(ctx, dir, "generate"); again.err != nil {
		return fmt.Errorf("generate again: %w", again.err)
	}
	if second, _, err := fingerprint(gen); err != nil || second != first {
		return errors.Join(errors.New("generating twice gives other bytes"), err)
	}

	build := b.command(ctx, dir, "go", "build", "./...")
	r.Build, r.BuildMB = build.seconds, build.megabytes
	if build.err != nil {
		return fmt.Errorf("go build: %w", build.err)
	}
	if vet := b.command(ctx, dir, "go", "vet", "./..."); vet.err != nil {
		return fmt.Errorf("go vet: %w", vet.err)
	}
	if r.Operations != r.Declared {
		return fmt.Errorf("%d of %d operations", r.Operations, r.Declared)
	}
	if b.peer != nil {
		return b.compare(ctx, dir, contract, r)
	}
	return nil
}

// workspace makes one of a document, counts its operations and returns its
// contract.
func (b *bench) workspace(ctx context.Context, dir string, d document, r *Result) (string, error) {
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(filepath.Join(dir, "api"), 0o755)); err != nil {
		return "", err
	}
	write := func(name string, data []byte) error {
		return os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), data, 0o644)
	}
	contract := "api/it/" + strings.TrimSuffix(filepath.Base(d.file), ".gz")
	if d.dir != "" {
		if err := os.CopyFS(filepath.Join(dir, "api", "it"), os.DirFS(d.dir)); err != nil {
			return "", err
		}
	} else {
		data, err := d.read()
		if err == nil {
			err = errors.Join(os.MkdirAll(filepath.Join(dir, "api", "it"), 0o755), write(contract, data))
		}
		if err != nil {
			return "", err
		}
	}
	source := filepath.Join(dir, filepath.FromSlash(contract))
	var err error
	if r.Declared, err = declared(source); err != nil {
		return "", err
	}
	root, err := parse(source)
	if err == nil && member(root, "swagger") != nil {
		const upgraded = "api/it/openapi.upgraded.yaml"
		if imported := b.command(ctx, dir, b.banyan, "import", "swagger2", contract, "-o", upgraded); imported.err != nil {
			return "", fmt.Errorf("import: %w", imported.err)
		}
		contract = upgraded
	}
	mod := bytes.Replace(b.mod, []byte("module github.com/banyan-go/banyan"), []byte("module example.com/corpus"), 1)
	mod = fmt.Appendf(mod, "\nrequire github.com/banyan-go/banyan v0.0.0\nreplace github.com/banyan-go/banyan => %s\n", b.checkout)
	return contract, errors.Join(write("go.mod", mod), write("go.sum", b.sum),
		write("banyan.yaml", fmt.Appendf(nil, "version: 1\nservices:\n  it: {contract: %q}\ntargets: {goserver: {output: gen}}\n", contract)))
}

// outcome is what a command came to.
type outcome struct {
	stdout             []byte
	seconds, megabytes float64
	cpu                float64 // seconds, with the processes that it waited for
	err                error
}

func (b *bench) tool(ctx context.Context, dir string, args ...string) outcome {
	return b.command(ctx, dir, b.banyan, args...)
}

// patience is how long one command may take.
const patience = 10 * time.Minute

func (b *bench) command(ctx context.Context, dir, name string, args ...string) outcome {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	out := outcome{stdout: stdout.Bytes(), seconds: time.Since(start).Seconds(), megabytes: peak(cmd.ProcessState)}
	if state := cmd.ProcessState; state != nil {
		out.cpu = (state.UserTime() + state.SystemTime()).Seconds()
	}
	if err != nil {
		said := bytes.TrimSpace(append(stderr.Bytes(), stdout.Bytes()...))
		out.err = fmt.Errorf("%w: %s", err, said[:min(len(said), 2000)])
	}
	return out
}

// fingerprint is a sum over all generated files, and how many lines of Go they
// have.
func fingerprint(dir string) (string, int, error) {
	sum, lines := sha256.New(), 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", strings.TrimPrefix(path, dir), len(data), data)
		if filepath.Ext(path) == ".go" {
			lines += bytes.Count(data, []byte("\n"))
		}
		return err
	})
	return fmt.Sprintf("%x", sum.Sum(nil)), lines, err
}

// operations counts what a generated package asks a service for.
func operations(dir string) (int, error) {
	pkgs, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return 0, err
	}
	n := 0
	for _, name := range pkgs {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return 0, err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if t, ok := node.(*ast.TypeSpec); ok && t.Name.Name == "StrictServerInterface" {
				if of, ok := t.Type.(*ast.InterfaceType); ok {
					n += of.Methods.NumFields()
				}
			}
			return true
		})
	}
	return n, nil
}
