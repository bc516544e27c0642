package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/banyan-go/banyan/e2e/corpus/large"
)

// spent is what one process took from its start to its end.
type spent struct{ wall, cpu, mib float64 }

// least keeps the best of several runs: what the machine does besides only adds.
func (s *spent) least(other spent) {
	s.wall, s.cpu, s.mib = min(s.wall, other.wall), min(s.cpu, other.cpu), min(s.mib, other.mib)
}

// reviewGoals compares banyan review with a program around oasdiff's library on
// four edits of a document of 13 MB: both are processes of their own, read the same
// files, compare, and print. Banyan does so once with the documents by themselves,
// and once with everything included: as workspaces with a Go target, whose generated
// code and decoders are compared as well.
func reviewGoals(rounds int) ([]line, error) {
	dir, err := os.MkdirTemp("", "bench-review-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ours, theirs := filepath.Join(dir, "banyan"), filepath.Join(dir, "oasdiff")
	for out, pkg := range map[string]string{ours: "./cmd/banyan", theirs: "./e2e/bench/oasdiff"} {
		if text, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build %s: %w\n%s", pkg, err, text)
		}
	}
	if err := documents(dir); err != nil {
		return nil, err
	}
	var lines []line
	var jsonTime float64
	for _, kind := range []string{"json", "yaml"} {
		n := min(rounds, 2)
		if kind == "yaml" {
			n = 1 // the peer takes its time
		}
		info, err := os.Stat(filepath.Join(dir, "old."+kind))
		if err != nil {
			return nil, err
		}
		us, all, they, err := reviewedBy(ours, theirs, dir, kind, n)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("review %.1f MB %s", float64(info.Size())/1e6, kind)
		for _, c := range []struct {
			name string
			of   spent
		}{{name, us}, {name + " with a Go target", all}} {
			lines = append(lines, halfOf(c.name+", wall", "s", c.of.wall, they.wall), halfOf(c.name+", cpu", "s", c.of.cpu, they.cpu), halfOf(c.name+", peak", "MiB", c.of.mib, they.mib))
		}
		if kind == "json" {
			jsonTime = they.wall
		}
	}
	same, err := run(ours, filepath.Join(dir, "old.json"), filepath.Join(dir, "old.json"), "No change")
	if err != nil {
		return nil, err
	}
	l := halfOf("review unchanged, wall", "s", same.wall, jsonTime)
	l.goal, l.ok = "<= 0.02", same.wall <= 0.02*jsonTime
	return append(lines, l), nil
}

// documentsEnv is the folder that the role documents writes to.
const documentsEnv = "BANYAN_BENCH_DOCUMENTS"

// documents has a process of its own write what is reviewed: a process is born with
// the memory of its parent, and that would be measured.
func documents(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleEnv+"=documents", documentsEnv+"="+dir)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("making the documents: %w\n%s", err, text)
	}
	return nil
}

func writeDocuments(dir string) error {
	base, head, err := large.Edited(os.DirFS(large.Pairs))
	if err != nil {
		return err
	}
	for name, doc := range map[string][]byte{"old": base, "new": head} {
		text, err := inYAML(doc)
		if err != nil {
			return err
		}
		for kind, data := range map[string][]byte{"json": doc, "yaml": text} {
			if err := os.WriteFile(filepath.Join(dir, name+"."+kind), data, 0o600); err != nil {
				return err
			}
			if err := writeWorkspace(filepath.Join(dir, name+"-"+kind), kind, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeWorkspace writes a workspace with a Go target and one service.
func writeWorkspace(dir, kind string, contract []byte) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	settings := "version: 1\nservices:\n  large: {contract: openapi." + kind + "}\ntargets:\n  goserver: {output: gen, package: example.org/large/gen}\n"
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "banyan.yaml"), []byte(settings), 0o600),
		os.WriteFile(filepath.Join(dir, "openapi."+kind), contract, 0o600))
}

func halfOf(name, unit string, ours, peer float64) line {
	return line{name: name, ours: fmt.Sprintf("%.2f %s", ours, unit), peer: fmt.Sprintf("%.2f %s (oasdiff)", peer, unit),
		ratio: fmt.Sprintf("%.3f", ours/peer), goal: "<= 0.50", ok: ours <= peer/2}
}

// reviewedBy runs the contestants in turns: banyan on two documents, banyan on the
// workspaces that have them, and the peer.
func reviewedBy(ours, theirs, dir, kind string, rounds int) (us, all, they spent, err error) {
	us = spent{math.Inf(1), math.Inf(1), math.Inf(1)}
	all, they = us, us
	old, now := filepath.Join(dir, "old"), filepath.Join(dir, "new")
	for range rounds {
		for _, c := range []struct {
			program, separator, finding string
			of                          *spent
		}{
			{ours, ".", "operation-removed", &us},
			{ours, "-", "does not compile any more", &all},
			{theirs, ".", "removed-without-deprecation", &they},
		} {
			took, err := run(c.program, old+c.separator+kind, now+c.separator+kind, c.finding)
			if err != nil {
				return us, all, they, err
			}
			c.of.least(took)
		}
	}
	return us, all, they, nil
}

// run runs one program over two documents. What it prints must hold a finding.
func run(program, old, now, finding string) (spent, error) {
	args := []string{old, now}
	if filepath.Base(program) == "banyan" {
		args = []string{"review", "--fail-on", "none", "--format", "markdown", old, now}
	}
	cmd := exec.Command(program, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return spent{}, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, errs.Bytes())
	}
	if !bytes.Contains(out.Bytes(), []byte(finding)) {
		return spent{}, fmt.Errorf("%s does not find %s", filepath.Base(program), finding)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return spent{}, errors.New("the system does not tell what a process took")
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return spent{wall.Seconds(), cpu.Seconds(), float64(usage.Maxrss) / 1024}, nil
}

// inYAML is a document in JSON as people write YAML: in blocks, a name on a line.
func inYAML(doc []byte) ([]byte, error) {
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := block(&out, v, "")
	return out.Bytes(), err
}

// block writes a value whose name or dash stands in the line already.
func block(out *bytes.Buffer, v any, indent string) error {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			break
		}
		for _, name := range sortedKeys(v) {
			key, err := json.Marshal(name)
			if err != nil {
				return err
			}
			if plainKey.MatchString(name) {
				key = []byte(name)
			}
			fmt.Fprintf(out, "\n%s%s:", indent, key)
			if err := block(out, v[name], indent+"  "); err != nil {
				return err
			}
		}
		return nil
	case []any:
		if len(v) == 0 {
			break
		}
		for _, item := range v {
			fmt.Fprintf(out, "\n%s-", indent)
			if err := block(out, item, indent+"  "); err != nil {
				return err
			}
		}
		return nil
	}
	text, err := json.Marshal(v)
	out.WriteByte(' ')
	out.Write(text)
	return err
}

var plainKey = regexp.MustCompile(`^[A-Za-z/$][A-Za-z0-9/_{}.-]*$`)
