package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

var metric = regexp.MustCompile(`([\d.e+]+) (ns/body|x-floor|x-faster-than-\w+)`)

var peersLine = regexp.MustCompile(`(?m)^BenchmarkPeers/(\S+?)(?:-\d+)?\s.*$`)

// schemaGoals compares the schema engine with reading the tokens alone, which
// is the floor, and with kin-openapi, over raw bytes and in turns.
func schemaGoals(rounds int) ([]line, error) {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkPeers$", "-benchtime", strconv.Itoa(20*rounds)+"x", "-cpu", "1", "./schema")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go test -bench in ./schema: %w\n%s", err, out)
	}
	var lines []line
	for _, m := range peersLine.FindAllStringSubmatch(string(out), -1) {
		v := map[string]float64{}
		for _, pair := range metric.FindAllStringSubmatch(m[0], -1) {
			v[pair[2]], _ = strconv.ParseFloat(pair[1], 64)
		}
		ours := fmt.Sprintf("%.1f us", v["ns/body"]/1000)
		lines = append(lines,
			line{name: "validate " + m[1], ours: ours, peer: "reading tokens", ratio: fmt.Sprintf("%.2f", v["x-floor"]), goal: "<= 2.50", ok: v["x-floor"] > 0 && v["x-floor"] <= 2.5},
			line{name: "validate " + m[1], ours: ours, peer: "kin-openapi", ratio: fmt.Sprintf("%.1fx faster", v["x-faster-than-kin"]), goal: ">= 6x", ok: v["x-faster-than-kin"] >= 6})
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("BenchmarkPeers printed nothing")
	}
	validate, err := goBench("./schema", "^BenchmarkValidate$", rounds)
	if err != nil {
		return nil, err
	}
	for _, name := range sortedKeys(validate) {
		if name == "Validate/refused" {
			continue // may allocate: it says what is wrong
		}
		b := validate[name]
		lines = append(lines, line{name: name, ours: fmt.Sprintf("%.0f ns, %.0f allocs", b.ns, b.allocs), peer: "-", ratio: "-", goal: "0 allocs", ok: b.allocs == 0})
	}
	return lines, nil
}
