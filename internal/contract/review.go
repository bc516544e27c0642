package contract

import (
	"fmt"
	"slices"

	"github.com/banyan-go/banyan/config"
)

// Review is what a workspace wants of reviews. What is not given is empty.
type Review struct {
	// FailOn are the parties whose breaks fail a review; nil when not given.
	FailOn []string
	// Rules goes from rules to what a change of that kind counts as: "ignore",
	// "undecided" or "breaks". RulePos has their places.
	Rules   map[string]string
	RulePos map[string]config.Pos
	// Deprecation goes from stability levels ("alpha", "beta", "stable") to the days
	// that an operation must stay after it was deprecated.
	Deprecation map[string]int
}

// StabilityLevels are the values of x-stability-level, the least stable first. An
// operation without one is stable.
var StabilityLevels = []string{"draft", "alpha", "beta", "stable"}

// reviewEntry is the key review.
type reviewEntry struct {
	FailOn      []config.Value[string]           `yaml:"fail-on"`
	Rules       config.Map[config.Value[string]] `yaml:"rules"`
	Deprecation struct {
		Beta   config.Value[int] `yaml:"beta"`
		Stable config.Value[int] `yaml:"stable"`
	} `yaml:"deprecation"`
}

// ReviewParties are whom a change may break.
var ReviewParties = []string{"wire", "source", "decode"}

func (r *workspaceReader) review(e reviewEntry) Review {
	out := Review{Rules: map[string]string{}, RulePos: map[string]config.Pos{}, Deprecation: map[string]int{}}
	for _, v := range e.FailOn {
		if party := oneOf(r, "fail-on", v, slices.Concat(ReviewParties, []string{"none"})...); party != "" {
			out.FailOn = append(out.FailOn, party)
		}
	}
	for i := range e.Rules {
		rule := &e.Rules[i]
		if level := oneOf(r, rule.Key, rule.Value, "ignore", "undecided", "breaks"); level != "" {
			out.Rules[rule.Key], out.RulePos[rule.Key] = level, rule.Pos
		}
	}
	for name, v := range map[string]config.Value[int]{"beta": e.Deprecation.Beta, "stable": e.Deprecation.Stable} {
		if !given(r, v) {
			continue
		}
		if v.V < 0 || v.V > 3650 {
			r.list.Add(ruleWorkspace, v.Pos, fmt.Sprintf("%s: %d is no number of days that anybody could wait", name, v.V), "use a number from 0 to 3650")
			continue
		}
		out.Deprecation[name] = v.V
	}
	return out
}
