package legacyproxy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/problem"
)

// RuleSuggestion is an error rule for legacy.yaml that would have named some
// unmapped errors.
type RuleSuggestion struct {
	// Count is how many errors it would have named.
	Count uint64 `json:"count"`
	// Rule is the entry as it stands in legacy.yaml; empty when no rule can
	// tell these errors from successes.
	Rule string `json:"rule,omitempty"`
	// Problems are the codes of the contract that may be meant. The rule has
	// the one that there is, or legacy-error where there is none or a choice.
	Problems []string `json:"problems,omitempty"`
	// Note says why there is no rule, or what to look at first.
	Note string `json:"note,omitempty"`

	order int
}

// SuggestRules returns rules for what no rule named, in an order in which each
// is reached. problems are the contract's.
func SuggestRules(u *UnmappedErrors, problems []problem.Kind) []RuleSuggestion {
	var out []RuleSuggestion
	byRule := map[string]int{}
	for _, k := range u.Kinds {
		s := k.suggest(problems)
		if i, known := byRule[s.Rule]; known && s.Rule != "" {
			out[i].Count += s.Count
			continue
		}
		byRule[s.Rule] = len(out)
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b RuleSuggestion) int {
		return cmp.Or(cmp.Compare(a.order, b.order), -cmp.Compare(a.Count, b.Count), cmp.Compare(a.Rule, b.Rule))
	})
	return out
}

// bodyPatterns tell bodies of a kind from all others.
var bodyPatterns = map[BodyKind]string{
	BodyEmpty:      `^\s*$`,
	BodyPHPFatal:   `(?i)(fatal|parse) error|uncaught \w*(error|exception)`,
	BodyPHPWarning: `(Warning|Notice|Deprecated)(</b>)?:`,
	BodyHTML:       `(?i)<(!doctype|html|head|body)`,
}

// suggest makes the narrowest rule that is about the kind and not about
// successes.
func (k *UnmappedKind) suggest(problems []problem.Kind) RuleSuggestion {
	s := RuleSuggestion{Count: k.Count, Problems: candidates(k.meant(), problems)}
	status := fmt.Sprintf("status: %d", k.Status)
	pattern := bodyPatterns[k.Body]
	var conditions []string
	switch {
	case k.Code != "":
		conditions = []string{"code: " + yamlText(k.Code)}
		if k.Status >= 400 {
			conditions = []string{status, conditions[0]}
		}
	case k.Header != "" && k.Value != "":
		conditions, s.order = []string{"header: {name: " + k.Header + ", value: " + yamlText(k.Value) + "}"}, 1
	case k.Header != "":
		conditions, s.order = []string{"header: {name: " + k.Header + "}"}, 4
	case k.Status >= 400 && (k.Body == BodyPHPFatal || k.Body == BodyPHPWarning):
		conditions, s.order = []string{status, "body: " + yamlText(pattern)}, 2
	case k.Status >= 400:
		conditions, s.order = []string{status}, 5
	case pattern != "":
		conditions, s.order = []string{status, "body: " + yamlText(pattern)}, 3
	default:
		s.order = 6
		s.Note = "nothing tells these answers from successes: look at the sample, and at the envelope"
		return s
	}
	code := problem.LegacyError.Code
	if len(s.Problems) == 1 {
		code = s.Problems[0]
	}
	s.Rule = "{" + strings.Join(append(conditions, "problem: "+code), ", ") + "}"
	return s
}

// meant is the status that an error is about: PHP's, or that which many codes
// begin with, as 40401 does.
func (k *UnmappedKind) meant() int {
	n, err := strconv.Atoi(k.Code)
	if err != nil || k.Status >= 400 || len(k.Code) < 3 {
		return k.Status
	}
	for n > 599 {
		n /= 10
	}
	if n < 400 {
		return k.Status
	}
	return n
}

// candidates are the problems with a status, or all where PHP's says nothing.
func candidates(status int, problems []problem.Kind) (codes []string) {
	for _, p := range problems {
		if status < 400 || p.Status == status {
			codes = append(codes, p.Code)
		}
	}
	return codes
}

// yamlText is a text as a scalar that YAML reads as it is.
func yamlText(s string) string {
	if n, err := strconv.Atoi(s); err == nil && strconv.Itoa(n) == s {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
