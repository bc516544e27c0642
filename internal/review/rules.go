package review

import "github.com/banyan-go/banyan/internal/diag"

// The rules about the review itself; those about changes are in the tables.
const (
	// RuleBase is the rule of problems whose place is a file of the base; all
	// others are about the head.
	RuleBase = ruleReviewBase
	// RuleVersion is the rule of versions that are too low for what changed.
	RuleVersion = ruleReviewVersion
)

const (
	ruleApprovals       = "approvals-file"
	ruleApprovalExpired = "approval-expired"
	ruleApprovalUnused  = "approval-unused"
	ruleReviewBase      = "review-base"
	ruleReviewVersion   = "review-version"
	ruleReviewSecond    = "review-second"
	ruleReviewRule      = "review-rule"
	ruleReviewImported  = "review-imported"
)

// rule is what is known about one kind of change beside its verdict, which the
// comparison works out from who sends what.
type rule struct {
	id string
	// summary says what changed, why whom it breaks, before and after show it,
	// rewrite is how the same can be had compatibly.
	summary, why, before, after, rewrite string
	// minor says that the change adds something, whatever its verdict.
	minor bool
	// decode says that decoders that were shipped mind the change.
	decode bool
}

// rules are those about changes, by name.
var rules = func() map[string]rule {
	all := map[string]rule{}
	for _, table := range [][]rule{operationRules, messageRules, schemaRules, objectRules} {
		for _, r := range table {
			all[r.id] = r
		}
	}
	return all
}()

var _ = diag.Register(documented()...)

// documented are the rules as `banyan explain` prints them.
func documented() []diag.Rule {
	out := []diag.Rule{
		{
			ID: ruleApprovals, Summary: "api/approvals.yaml holds something that it cannot hold.",
			Why:     "An approval that is misread would let a break through, or stop a change that was agreed on.",
			Example: "approvals:\n  - chnage: dade4de89596",
			Fix:     "version: 1\napprovals:\n  - change: dade4de89596\n    parties: [wire]\n    reason: nobody sends it; see the traffic of June\n    by: Ada\n    until: 2026-12-31",
		},
		{
			ID: ruleApprovalExpired, Summary: "An approval has ended, and the change that it accepted is still there.",
			Why:     "Approvals are given for a time, so that an exception does not become the rule unseen.",
			Example: "  - change: dade4de89596\n    until: 2025-12-31",
			Fix:     "  - change: dade4de89596\n    until: 2026-12-31",
		},
		{
			ID: ruleApprovalUnused, Summary: "An approval fits no change, or accepts a break that does not happen.",
			Why:     "The change has merged, was taken back, or became another one. An entry that stays would accept it when it comes again.",
			Example: "  - change: dade4de89596   # merged last week",
			Fix:     "(remove the entry)",
		},
		{
			ID: ruleReviewBase, Summary: "The contract that is compared with cannot be read.",
			Why:     "Without it nothing can be said about the change; an empty review would look like a clean one.",
			Example: "$ banyan review --against v0.1.0",
			Fix:     "$ banyan review --against v0.2.0   # where banyan check passes",
		},
		{
			ID: ruleReviewRule, Summary: "banyan.yaml gives a verdict to a kind of change that does not exist.",
			Why:     "A misspelt rule changes nothing, and nobody notices until it is missed.",
			Example: "review:\n  rules: {enum-value-aded: ignore}",
			Fix:     "review:\n  rules: {enum-value-added: ignore}",
		},
		{
			ID: ruleReviewSecond, Summary: "oasdiff could not compare a contract, or a part of it.",
			Why:     "The review is our own comparison alone. What it says holds; nobody has looked a second time.",
			Example: "/a/{x} and /a/{y}, which oasdiff takes for one path",
			Fix:     "(nothing to do)",
		},
		{
			ID: ruleReviewImported, Summary: "A contract is Swagger 2.0, and was read as it would be imported.",
			Why:     "The changes are named as OpenAPI 3.0 has them; their places are those of the file. What the import loses on both sides is not compared.",
			Example: "swagger: '2.0'",
			Fix:     "$ banyan import swagger2 swagger.yaml   # where banyan is to serve the contract",
		},
		{
			ID: ruleReviewVersion, Summary: "info.version is lower than the changes need.",
			Why:     "Clients decide by the version whether they may upgrade without looking.",
			Example: "info: {version: 1.4.0}   # after a property was removed",
			Fix:     "info: {version: 2.0.0}",
		},
	}
	for _, table := range [][]rule{operationRules, messageRules, schemaRules, objectRules} {
		for _, r := range table {
			fix := r.rewrite
			if fix == "" {
				fix = "(nothing to do)"
			}
			out = append(out, diag.Rule{ID: r.id, Summary: r.summary, Why: r.why, Example: "# before\n" + r.before + "\n# after\n" + r.after, Fix: fix})
		}
	}
	return out
}
