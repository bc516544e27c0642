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

// compare builds the package in dir and the peer's of the same document, and of each
// one with nothing but its imports, in turn, with all that they import built before.
// It is the cost of the package alone, of go build itself and of reading what it
// imports; the empty ones show what code with these imports cannot go below.
func (b *bench) compare(ctx context.Context, dir, contract string, r *Result) error {
	theirs, why := b.generatePeer(ctx, filepath.Base(dir), filepath.Join(dir, filepath.FromSlash(contract)))
	ours := filepath.Join(dir, "gen", "it")
	own, peer := &series{module: dir, folder: ours, pkg: "it"}, &series{module: b.peer.mod, folder: theirs, pkg: "api"}
	ownFloor := &series{module: dir, folder: filepath.Join(dir, "floor"), pkg: "floor"}
	peerFloor := &series{module: b.peer.mod, folder: theirs + "-floor", pkg: "floor"}
	all := []*series{own, ownFloor}
	if theirs != "" {
		all = append(all, peer, peerFloor)
		if err := writeFloor(theirs, peerFloor.folder); err != nil {
			return err
		}
	}
	if err := writeFloor(ours, ownFloor.folder); err != nil {
		return err
	}
	for _, s := range all {
		if built := b.command(ctx, s.module, "go", "build", s.folder); built.err != nil {
			return fmt.Errorf("go build of %s: %w", s.pkg, built.err)
		}
	}
	for range rounds {
		for _, s := range all {
			if err := b.rebuild(ctx, s); err != nil {
				return fmt.Errorf("go build of %s: %w", s.pkg, err)
			}
		}
	}
	r.PeerFault = why
	r.BuildCPU, r.BuildMB = median(own.cpu), median(own.megabytes)
	r.FloorCPU, r.FloorMB = median(ownFloor.cpu), median(ownFloor.megabytes)
	if theirs != "" {
		r.PeerCPU, r.PeerMB = median(peer.cpu), median(peer.megabytes)
		r.PeerFloorCPU, r.PeerFloorMB = median(peerFloor.cpu), median(peerFloor.megabytes)
		r.CPURatio, r.MemoryRatio = ratio(own.cpu, peer.cpu), ratio(own.megabytes, peer.megabytes)
	}
	return nil
}

// series is what building one package over and over took.
type series struct {
	module, folder, pkg string
	cpu, megabytes      []float64
}

// ratio is the median of the ratios of what was measured in the same round.
func ratio(a, b []float64) float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return median(out)
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

// rebuild builds a package that has changed, and notes what it took.
func (b *bench) rebuild(ctx context.Context, s *series) error {
	stamp := filepath.Join(s.folder, "stamp.go")
	if err := os.WriteFile(stamp, fmt.Appendf(nil, "package %s\n\n// %d of %d\n", s.pkg, len(s.cpu), os.Getpid()), 0o644); err != nil {
		return err
	}
	defer os.Remove(stamp)
	built := b.command(ctx, s.module, "go", "build", s.folder)
	s.cpu, s.megabytes = append(s.cpu, built.cpu), append(s.megabytes, built.megabytes)
	return built.err
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
