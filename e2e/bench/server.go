package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// serverGoals says how much of the peers' time a whole request may take.
// Requests without an entry are shown, not judged.
var serverGoals = map[string]map[string]float64{
	"put":     {"ogen": 0.8, "oapi-kin": 0.2},
	"refused": {"ogen": 0.7},
}

var (
	serverLine   = regexp.MustCompile(`(?m)^BenchmarkServer/(\S+?)(?:-\d+)?\s.*$`)
	serverMetric = regexp.MustCompile(`([\d.e+]+) (ns-[\w-]+|x-[\w-]+)`)
)

// wholeServerGoals compares servers of one contract in process, everything
// included: routing, validation, decoding, the handler, encoding. The peers
// are a module of their own; their code is generated first.
func wholeServerGoals(rounds int) ([]line, error) {
	const dir = "e2e/bench/peers"
	for _, args := range [][]string{{"generate", "./..."}, {"test", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go %s in %s: %w\n%s", args[0], dir, err, out)
		}
	}
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkServer$", "-benchtime", strconv.Itoa(20*rounds)+"x", "-cpu", "1", ".")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go test -bench in %s: %w\n%s", dir, err, out)
	}
	var lines []line
	for _, m := range serverLine.FindAllStringSubmatch(string(out), -1) {
		v := map[string]float64{}
		for _, pair := range serverMetric.FindAllStringSubmatch(m[0], -1) {
			v[pair[2]], _ = strconv.ParseFloat(pair[1], 64)
		}
		for _, peer := range []string{"ogen", "oapi-kin"} {
			ratio := v["x-"+peer]
			l := line{
				name: "server " + m[1], ours: fmt.Sprintf("%.1f us", v["ns-banyan"]/1000),
				peer: fmt.Sprintf("%.1f us %s", v["ns-"+peer]/1000, peer), ratio: fmt.Sprintf("%.2f", ratio), goal: "-", ok: true,
			}
			if goal, judged := serverGoals[m[1]][peer]; judged {
				l.goal, l.ok = fmt.Sprintf("<= %.2f", goal), ratio > 0 && ratio <= goal
			}
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("BenchmarkServer printed nothing")
	}
	return lines, nil
}
