package review

// Approval is one accepted change.
type Approval struct {
	Change string `json:"change"`
}
