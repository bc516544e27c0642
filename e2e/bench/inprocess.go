package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
)

// sample is one benchmark's medians over all rounds.
type sample struct {
	ns, bytes, allocs float64
}

var benchLine = regexp.MustCompile(`(?m)^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op(?:\s+([\d.]+) B/op\s+([\d.]+) allocs/op)?`)

// goBench runs a package's Go benchmarks that match a pattern, each `rounds`
// times, and returns their medians by name.
func goBench(pkg, pattern string, rounds int) (map[string]sample, error) {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", pattern, "-benchmem", "-benchtime", "0.3s", "-cpu", "1",
		"-count", strconv.Itoa(rounds), pkg)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go test -bench in %s: %w\n%s", pkg, err, out)
	}
	runs := map[string][][3]float64{}
	for _, m := range benchLine.FindAllStringSubmatch(string(out), -1) {
		var v [3]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(m[i+2], 64)
		}
		runs[m[1]] = append(runs[m[1]], v)
	}
	samples := map[string]sample{}
	for name, vs := range runs {
		column := func(i int) float64 {
			var all []float64
			for _, v := range vs {
				all = append(all, v[i])
			}
			return median(all)
		}
		samples[name] = sample{column(0), column(1), column(2)}
	}
	return samples, nil
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

func decisionGoals(rounds int) ([]line, error) {
	s, err := goBench("./rollout", "^BenchmarkDecide", rounds)
	if err != nil {
		return nil, err
	}
	var lines []line
	for _, name := range sortedKeys(s) {
		b := s[name]
		lines = append(lines, line{
			name: "decision " + name, ours: fmt.Sprintf("%.0f ns, %.0f allocs", b.ns, b.allocs),
			peer: "-", ratio: "-", goal: "0 allocs", ok: b.allocs == 0,
		})
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("no benchmark found")
	}
	return lines, nil
}

// dispatchGoals compares a request through dispatch with the same request
// through plain Echo; both handlers do nothing.
func dispatchGoals(rounds int) ([]line, error) {
	s, err := goBench("./dispatch", "^Benchmark(PlainEcho|DispatchGo|DispatchLegacy)$", rounds)
	if err != nil {
		return nil, err
	}
	plain, ok := s["PlainEcho"]
	if !ok {
		return nil, errors.New("there is no BenchmarkPlainEcho")
	}
	var lines []line
	for _, name := range []string{"DispatchGo", "DispatchLegacy"} {
		b, ok := s[name]
		if !ok {
			return nil, fmt.Errorf("there is no Benchmark%s", name)
		}
		ns, allocs := b.ns-plain.ns, b.allocs-plain.allocs
		lines = append(lines, line{
			name:  name + " over plain Echo",
			ours:  fmt.Sprintf("%.0f ns, %.0f allocs", b.ns, b.allocs),
			peer:  fmt.Sprintf("%.0f ns, %.0f allocs", plain.ns, plain.allocs),
			ratio: fmt.Sprintf("+%.0f ns, +%.0f allocs", ns, allocs),
			goal:  "+1500 ns, +6 allocs", ok: ns <= 1500 && allocs <= 6,
		})
	}
	return lines, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
