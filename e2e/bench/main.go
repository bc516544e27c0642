// Command bench measures Banyan's speed goals beside their peers, in one run,
// and prints one line per goal: name, ours, peer, ratio, goal, ok or short.
//
//	go run ./e2e/bench            all goals, about four minutes
//	go run ./e2e/bench -only proxy
//
// It exits 1 when a goal is missed. Ratios are medians over rounds in which
// both sides take turns, or run at the same time, because the machine's speed
// drifts.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

// line is one speed goal and what was measured.
type line struct {
	name       string
	ours, peer string
	ratio      string
	goal       string
	ok         bool
}

// suites measure related goals together; -only picks them by name.
var suites = []struct {
	name string
	run  func(rounds int) ([]line, error)
}{
	{"decision", decisionGoals},
	{"dispatch", dispatchGoals},
	{"schema", schemaGoals},
	{"normalise", normaliseGoals},
	{"server", wholeServerGoals},
	{"proxy", proxyGoals},
	{"stream", streamGoals},
	{"fastcgi", fastcgiGoals},
	{"review", reviewGoals},
}

func main() {
	if role := os.Getenv(roleEnv); role != "" {
		playRole(role)
		return
	}
	only := flag.String("only", "", "comma-separated suites: decision, dispatch, schema, normalise, server, proxy, stream, fastcgi, review")
	rounds := flag.Int("rounds", 7, "rounds, in each of which both sides are measured")
	flag.Parse()

	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "name\tours\tpeer\tratio\tgoal\t")
	short := 0
	for _, s := range suites {
		if *only != "" && !strings.Contains(","+*only+",", ","+s.name+",") {
			continue
		}
		lines, err := s.run(*rounds)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", s.name, err)
			os.Exit(1)
		}
		for _, l := range lines {
			verdict := "ok"
			if !l.ok {
				verdict = "short"
				short++
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", l.name, l.ours, l.peer, l.ratio, l.goal, verdict)
		}
	}
	out.Flush()
	if short > 0 {
		os.Exit(1)
	}
}
