package review

import "github.com/banyan-go/banyan/internal/diag"

// The rules about the review itself; those about changes are in the table.
const (
	ruleApprovals       = "approvals-file"
	ruleApprovalExpired = "approval-expired"
	ruleApprovalUnused  = "approval-unused"
	ruleReviewBase      = "review-base"
	ruleReviewVersion   = "review-version"
)

// rule is what is known about one kind of change beside its verdict, which the
// comparison works out from who sends what.
type rule struct {
	diag.Rule
	// Minor says that the change adds something, whatever its verdict.
	Minor bool
	// Decode says that decoders that were shipped mind the change.
	Decode bool
}

var rules = map[string]rule{}
