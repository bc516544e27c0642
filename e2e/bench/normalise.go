package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

var (
	normaliseLine   = regexp.MustCompile(`(?m)^BenchmarkNormalise/(\S+?)(?:-\d+)?\s.*$`)
	normaliseMetric = regexp.MustCompile(`([\d.e+]+) (ns/body|x-floor|allocs/body|bytes/body)`)
)

// normaliseGoals compares normalising an answer with reading its tokens alone,
// in turns: one that is as the contract says, and one as PHP writes it.
func normaliseGoals(rounds int) ([]line, error) {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkNormalise$", "-benchtime", strconv.Itoa(40*rounds)+"x", "-cpu", "1", "./schema")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go test -bench in ./schema: %w\n%s", err, out)
	}
	var lines []line
	for _, m := range normaliseLine.FindAllStringSubmatch(string(out), -1) {
		v := map[string]float64{}
		for _, pair := range normaliseMetric.FindAllStringSubmatch(m[0], -1) {
			v[pair[2]], _ = strconv.ParseFloat(pair[1], 64)
		}
		name := fmt.Sprintf("normalise %.0f KB %s", v["bytes/body"]/1000, m[1])
		ours := fmt.Sprintf("%.1f us, %.0f allocs", v["ns/body"]/1000, v["allocs/body"])
		lines = append(lines, line{name: name, ours: ours, peer: "reading tokens", ratio: fmt.Sprintf("%.2f", v["x-floor"]), goal: "<= 3.00", ok: v["x-floor"] > 0 && v["x-floor"] <= 3})
		if m[1] == "conforming" {
			lines = append(lines, line{name: name, ours: ours, peer: "-", ratio: "-", goal: "0 allocs", ok: v["allocs/body"] == 0})
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("BenchmarkNormalise printed nothing")
	}
	return lines, nil
}
