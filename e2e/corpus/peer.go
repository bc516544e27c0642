package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// The peer is oapi-codegen with models, client, strict server for Echo and the
// embedded document: about what a package of ours has. A document counts where
// one of these configurations compiles; the first that does is measured.
var peerOptions = []string{
	"",
	"  response-type-suffix: Reply\n",
	"  resolve-type-name-collisions: true\n",
	"  response-type-suffix: Reply\n  name-normalizer: ToCamelCaseWithInitialisms\n",
}

const peerConfig = `package: api
output: %s
generate: {models: true, client: true, echo-server: true, strict-server: true, embedded-spec: true}
compatibility: {always-prefix-enum-values: true}
output-options:
  skip-prune: true
  client-type-name: ApiClient
%s`

// rounds is how often both are built, in turn; the median counts.
const rounds = 3

// peer has the other generator and a module for what it makes.
type peer struct{ tool, mod string }

func newPeer(ctx context.Context, checkout, work string) (*peer, error) {
	p := &peer{filepath.Join(work, "oapi-codegen"), filepath.Join(work, "peers")}
	from := filepath.Join(checkout, "e2e", "bench", "peers")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", p.tool, "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen")
	cmd.Dir = from
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	mod, err := os.ReadFile(filepath.Join(from, "go.mod"))
	if err != nil {
		return nil, err
	}
	sum, err := os.ReadFile(filepath.Join(from, "go.sum"))
	if err != nil {
		return nil, err
	}
	mod = bytes.ReplaceAll(mod, []byte("=> ../../.."), []byte("=> "+checkout))
	return p, errors.Join(os.MkdirAll(p.mod, 0o755),
		os.WriteFile(filepath.Join(p.mod, "go.mod"), mod, 0o644), os.WriteFile(filepath.Join(p.mod, "go.sum"), sum, 0o644))
}

// compare builds the package in dir, one with nothing but its imports, and the
// peer's of the same document, in turn, with all that they import built before: it
// is the cost of the package alone, of go build itself and of reading what it
// imports, of which the second shows what no generated code can go below.
func (b *bench) compare(ctx context.Context, dir, contract string, r *Result) error {
	theirs, why := b.generatePeer(ctx, filepath.Base(dir), filepath.Join(dir, filepath.FromSlash(contract)))
	ours := filepath.Join(dir, "gen", "it")
	floor := filepath.Join(dir, "floor")
	if err := writeFloor(ours, floor); err != nil {
		return err
	}
	if built := b.command(ctx, dir, "go", "build", floor); built.err != nil {
		return fmt.Errorf("go build of the imports: %w", built.err)
	}
	var cpu, memory, peerCPU, peerMemory, floorCPU, floorMemory, x, y []float64
	for range rounds {
		own := b.rebuild(ctx, dir, ours, "it", len(cpu))
		if own.err != nil {
			return fmt.Errorf("go build: %w", own.err)
		}
		cpu, memory = append(cpu, own.cpu), append(memory, own.megabytes)
		none := b.rebuild(ctx, dir, floor, "floor", len(cpu))
		if none.err != nil {
			return fmt.Errorf("go build of the imports: %w", none.err)
		}
		floorCPU, floorMemory = append(floorCPU, none.cpu), append(floorMemory, none.megabytes)
		if theirs == "" {
			continue
		}
		other := b.rebuild(ctx, b.peer.mod, theirs, "api", len(cpu))
		if other.err != nil {
			return fmt.Errorf("go build of the peer: %w", other.err)
		}
		peerCPU, peerMemory = append(peerCPU, other.cpu), append(peerMemory, other.megabytes)
		x, y = append(x, own.cpu/other.cpu), append(y, own.megabytes/other.megabytes)
	}
	r.BuildCPU, r.BuildMB, r.PeerFault = median(cpu), median(memory), why
	r.FloorCPU, r.FloorMB = median(floorCPU), median(floorMemory)
	if theirs != "" {
		r.PeerCPU, r.PeerMB = median(peerCPU), median(peerMemory)
		r.CPURatio, r.MemoryRatio = median(x), median(y)
	}
	return nil
}

// generatePeer returns the folder of the peer's package, or why there is none.
func (b *bench) generatePeer(ctx context.Context, name, contract string) (folder, why string) {
	folder = filepath.Join(b.peer.mod, name)
	for _, options := range peerOptions {
		config := filepath.Join(folder, "config.yml")
		code := filepath.Join(folder, "api.gen.go")
		if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o755), os.WriteFile(config, fmt.Appendf(nil, peerConfig, code, options), 0o644)); err != nil {
			return "", err.Error()
		}
		made := b.command(ctx, b.peer.mod, b.peer.tool, "-config", config, contract)
		if made.err == nil {
			made = b.command(ctx, b.peer.mod, "go", "build", "./"+name)
		}
		if made.err == nil {
			return folder, ""
		}
		if why == "" {
			why = strings.Join(strings.Fields(made.err.Error()), " ")
		}
	}
	return "", why[:min(len(why), 200)]
}

// rebuild builds one package that has changed.
func (b *bench) rebuild(ctx context.Context, module, folder, pkg string, round int) outcome {
	stamp := filepath.Join(folder, "stamp.go")
	if err := os.WriteFile(stamp, fmt.Appendf(nil, "package %s\n\n// %d of %d\n", pkg, round, os.Getpid()), 0o644); err != nil {
		return outcome{err: err}
	}
	defer os.Remove(stamp)
	return b.command(ctx, module, "go", "build", folder)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
