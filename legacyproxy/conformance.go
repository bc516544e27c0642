package legacyproxy

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/problem"
)

// Bounds of what is kept of one operation. What is more is counted as one.
const (
	MaxCoercions  = 200 // places and rules
	MaxViolations = 200 // places and keywords
)

// Conformance says how PHP's answers compare with the contract. Coerced,
// Conforming and Violating add up to Checked.
type Conformance struct {
	// Answers is how many answers there were, looked at or not.
	Answers uint64 `json:"answers"`
	// Checked is how many of them were held against the contract.
	Checked uint64 `json:"checked"`
	// Conforming needed no mending.
	Conforming uint64 `json:"conforming"`
	// Coerced is how many are as the contract says once they are normalised.
	Coerced uint64 `json:"coerced"`
	// Violating is how many are not, whatever was mended.
	Violating uint64 `json:"violating"`
	// Unchecked counts answers that were to be checked and could not be, by reason.
	Unchecked map[string]uint64 `json:"unchecked,omitempty"`
	// Statuses counts answers by their status.
	Statuses map[string]uint64 `json:"statuses,omitempty"`
	// Unseen are the statuses that the contract declares and PHP has not
	// answered with: 404, 5XX, default.
	Unseen []string `json:"unseen,omitempty"`
	// Coercions are the contract's debt: what is mended in PHP's answers.
	Coercions []CoercionCount `json:"coercions,omitempty"`
	// Violations are what no rule mends.
	Violations []ViolationCount `json:"violations,omitempty"`
	// Uncounted is how many coercions and violations were of yet other places.
	Uncounted uint64 `json:"uncounted,omitempty"`
}

// CoercionCount counts how often a rule was applied at a place.
type CoercionCount struct {
	// Pointer is a JSON pointer in which indexes and names that the contract
	// does not know are *.
	Pointer string `json:"pointer"`
	Rule    string `json:"rule"`
	// Answers is how many answers it was applied to, Count how often.
	Answers   uint64    `json:"answers"`
	Count     uint64    `json:"count"`
	FirstSeen time.Time `json:"firstSeen"`
}

// ViolationCount counts how often a keyword of the contract was broken.
type ViolationCount struct {
	// Pointer is where, as that of a coercion.
	Pointer string `json:"pointer"`
	Keyword string `json:"keyword"`
	// Contract is where the keyword stands in the contract.
	Contract  string    `json:"contract"`
	Answers   uint64    `json:"answers"`
	Count     uint64    `json:"count"`
	FirstSeen time.Time `json:"firstSeen"`
}

// verdict is what came of holding one answer against the contract.
type verdict struct {
	coercions  []coercion
	violations []conform.Violation
	skipped    conform.Skip
	shape      func(conform.Violation) string
}

type coercion struct {
	pointer, rule string
	count         int
}

// conformance counts for one operation. The zero value is ready.
type conformance struct {
	mu         sync.Mutex
	seen       Conformance // without its lists and maps
	statuses   [600]uint64
	unchecked  map[conform.Skip]uint64
	coercions  map[coercionKey]*CoercionCount
	violations map[violationKey]*ViolationCount
}

type coercionKey struct{ pointer, rule string }

type violationKey struct{ pointer, contract, keyword string }

// statusFor is the status that the contract has for an answer: that of the
// problem, where it is one.
func statusFor(res *http.Response, err error) int {
	var p *problem.Error
	if errors.As(err, &p) {
		return p.Status
	}
	return res.StatusCode
}

// answered counts an answer of PHP.
func (c *conformance) answered(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen.Answers++
	if status >= 0 && status < len(c.statuses) {
		c.statuses[status]++
	}
}

// judge counts what came of an answer.
func (c *conformance) judge(v verdict) {
	now := time.Now().UTC().Truncate(time.Second)
	c.mu.Lock()
	defer c.mu.Unlock()
	if v.skipped != conform.Checkable && len(v.violations) == 0 {
		if c.unchecked == nil {
			c.unchecked = map[conform.Skip]uint64{}
		}
		c.unchecked[v.skipped]++
		return
	}
	c.seen.Checked++
	switch {
	case len(v.violations) > 0:
		c.seen.Violating++
	case len(v.coercions) > 0:
		c.seen.Coerced++
	default:
		c.seen.Conforming++
		return
	}
	for _, one := range v.coercions {
		key := coercionKey{one.pointer, one.rule}
		known, ok := count(c, &c.coercions, key, MaxCoercions)
		if !ok {
			continue
		}
		if known.Count == 0 {
			*known = CoercionCount{Pointer: key.pointer, Rule: key.rule, FirstSeen: now}
		}
		known.Answers++
		known.Count += uint64(one.count)
	}
	c.violate(v, now)
}

// violate counts the violations of an answer, each place once for the answer.
func (c *conformance) violate(v verdict, now time.Time) {
	counted := map[violationKey]bool{} // for this answer
	for _, one := range v.violations {
		key := violationKey{v.shape(one), one.Schema, one.Keyword}
		known, ok := count(c, &c.violations, key, MaxViolations)
		if !ok {
			continue
		}
		if known.Count == 0 {
			*known = ViolationCount{Pointer: key.pointer, Keyword: key.keyword, Contract: key.contract, FirstSeen: now}
		}
		known.Count++
		if !counted[key] {
			counted[key] = true
			known.Answers++
		}
	}
}

// count returns the counter of a key, or counts it as one too many.
func count[K comparable, V any](c *conformance, counts *map[K]*V, key K, most int) (*V, bool) {
	if known := (*counts)[key]; known != nil {
		return known, true
	}
	if len(*counts) >= most {
		c.seen.Uncounted++
		return nil, false
	}
	if *counts == nil {
		*counts = map[K]*V{}
	}
	fresh := new(V)
	(*counts)[key] = fresh
	return fresh, true
}

// snapshot is a copy; nil when nothing was seen. declared are the statuses of
// the contract.
func (c *conformance) snapshot(declared []string) *Conformance {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen.Answers == 0 && c.seen.Checked == 0 {
		return nil
	}
	out := c.seen
	out.Statuses = map[string]uint64{}
	for status, n := range c.statuses {
		if n > 0 {
			out.Statuses[strconv.Itoa(status)] = n
		}
	}
	if len(c.unchecked) > 0 {
		out.Unchecked = map[string]uint64{}
		for why, n := range c.unchecked {
			out.Unchecked[string(why)] = n
		}
	}
	for _, one := range c.coercions {
		out.Coercions = append(out.Coercions, *one)
	}
	for _, one := range c.violations {
		out.Violations = append(out.Violations, *one)
	}
	out.sort()
	out.Unseen = unseen(declared, out.Statuses)
	return &out
}

// unseen lists the declared statuses that no answer had.
func unseen(declared []string, statuses map[string]uint64) (out []string) {
	for _, status := range declared {
		seen := false
		for one := range statuses {
			switch {
			case status == "default": // for those that are not declared by themselves
				seen = seen || !slices.Contains(declared, one) && !slices.ContainsFunc(declared, func(d string) bool { return strings.EqualFold(d, one[:min(len(one), 1)]+"XX") })
			case strings.HasSuffix(strings.ToUpper(status), "XX"):
				seen = seen || strings.HasPrefix(one, status[:1]) && !slices.Contains(declared, one)
			default:
				seen = seen || one == status
			}
		}
		if !seen {
			out = append(out, status)
		}
	}
	return out
}
