package rollout

import (
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/cespare/xxhash/v2"
)

// buckets is the resolution of a canary's share: hundredths of a percent.
const buckets = 10_000

// Plan is a rollout.yaml that was read. It never changes and is safe for
// concurrent use.
type Plan struct {
	forced     bool
	fallback   Rule
	operations map[string]*Rule
	order      []string // the operations as the file lists them
}

// Unplanned returns the plan of a workspace that has no rollout.yaml: legacy
// serves everything that it can serve.
func Unplanned() *Plan {
	return &Plan{fallback: fixed(Legacy, Default, config.Pos{})}
}

// Stage is what a plan says about an operation, in the words of rollout.yaml:
// "legacy", "go" or "canary 5%".
type Stage string

// Rule is what a plan says about one operation. It is valid as long as the
// plan that it came from and safe for concurrent use.
type Rule struct {
	stage    Stage
	pos      config.Pos
	keyPos   config.Pos // of the operation's name
	decision Decision   // what to do with every request, unless canary
	canary   bool

	share  uint64 // of buckets
	seed   uint64
	sticky source
	choose choice
}

// source names where a request carries its subject.
type source struct {
	cookie, header string
}

// choice is a header value that selects the canary.
type choice struct {
	header, value string
}

// Rule returns the rule that decides the operation. A caller that handles many
// requests of one operation keeps it for as long as the plan is in force.
func (p *Plan) Rule(op string) *Rule {
	if !p.forced {
		if r, ok := p.operations[op]; ok {
			return r
		}
	}
	return &p.fallback
}

// Decide says which side gets a request of the operation, named by its
// catalog key ("service.operationId"). It allocates nothing as long as the
// Subject does not.
func (p *Plan) Decide(op string, s Subject) Decision {
	return p.Rule(op).Decide(s)
}

// Decide says which side gets the request.
func (r *Rule) Decide(s Subject) Decision {
	if !r.canary {
		return r.decision
	}
	if r.choose.header != "" && s.Header(r.choose.header) == r.choose.value {
		return Decision{Go, CanarySelected}
	}
	subject := ""
	switch {
	case r.sticky.cookie != "":
		subject = s.Cookie(r.sticky.cookie)
	case r.sticky.header != "":
		subject = s.Header(r.sticky.header)
	}
	if subject == "" {
		return Decision{Legacy, NoSubject}
	}
	if r.bucket(subject) < r.share {
		return Decision{Go, CanaryShare}
	}
	return Decision{Legacy, CanaryOut}
}

// bucket is the same for a subject whatever the share: a larger share only
// adds subjects. The seed tells operations apart, so that it is not always
// the same people who try things first.
func (r *Rule) bucket(subject string) uint64 {
	var d xxhash.Digest
	d.ResetWithSeed(r.seed)
	_, _ = d.WriteString(subject) // never fails
	return d.Sum64() % buckets
}

func seed(salt, op string) uint64 { return xxhash.Sum64String(salt + "\x00" + op) }

// Stage returns what applies to the operation and where that is written; the
// position is the zero Pos when the plan neither names the operation nor sets
// a default.
func (p *Plan) Stage(op string) (Stage, config.Pos) {
	r := p.Rule(op)
	return r.stage, r.pos
}

// percent writes a share as rollout.yaml does: "5%", "12.5%", "0.01%".
func percent(share uint64) string {
	s := strconv.FormatUint(share/100, 10)
	if f := share % 100; f != 0 {
		s += strings.TrimRight("."+strconv.FormatUint(100+f, 10)[1:], "0")
	}
	return s + "%"
}

// Always returns the decision that the rule makes for every request, if it
// makes the same for all.
func (r *Rule) Always() (Decision, bool) { return r.decision, !r.canary }
