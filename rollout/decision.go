// Package rollout decides, per operation and request, whether Go or the legacy
// backend answers. A Plan is what rollout.yaml says; deciding is pure: the same
// plan, operation and subject give the same Decision in every process, without
// allocating. A Watcher keeps the plan of a running server up to date.
//
// The package knows no HTTP: a request is a Subject.
package rollout

// Target is the side that answers a request. The zero Target is None, which no
// plan decides: it stands for requests that neither side gets to see.
type Target uint8

const (
	None Target = iota
	Legacy
	Go
)

// String returns "none", "legacy" or "go".
func (t Target) String() string {
	switch t {
	case Legacy:
		return "legacy"
	case Go:
		return "go"
	}
	return "none"
}

// Reason says why a Target was chosen. It goes into logs and metrics as it is.
type Reason string

const (
	// Forced: the plan's force switch sends everything to one side.
	Forced Reason = "forced"
	// StageLegacy and StageGo: the operation's own line says so.
	StageLegacy Reason = "stage-legacy"
	StageGo     Reason = "stage-go"
	// Default: the plan does not name the operation.
	Default Reason = "default"
	// CanaryShare: the subject is within the canary's share.
	CanaryShare Reason = "canary-share"
	// CanarySelected: the request asked for the canary with the select header.
	CanarySelected Reason = "canary-selected"
	// CanaryOut: the subject is outside the canary's share.
	CanaryOut Reason = "canary-out"
	// NoSubject: the request carries nothing to tell its subject by.
	NoSubject Reason = "no-subject"
	// NoHandler: Go was chosen for an operation that has no Go handler.
	NoHandler Reason = "no-handler"
	// NoLegacy: legacy was chosen for an operation that has no legacy side.
	NoLegacy Reason = "no-legacy"
)

// Canary reports whether the operation was on canary when it was decided.
func (r Reason) Canary() bool {
	return r == CanaryShare || r == CanarySelected || r == CanaryOut || r == NoSubject
}

// Reasons lists every Reason that a decision may carry.
func Reasons() []Reason {
	return []Reason{
		Forced, StageLegacy, StageGo, Default, CanaryShare, CanarySelected, CanaryOut,
		NoSubject, NoHandler, NoLegacy,
	}
}

// Decision is where a request goes, and why.
type Decision struct {
	Target Target
	Reason Reason
}

// Within corrects a decision by what an operation really has: a side that is
// missing is replaced by the one that exists. With neither, it stays.
func (d Decision) Within(has Has) Decision {
	switch {
	case d.Target == Go && !has.Handler && has.Legacy:
		return Decision{Legacy, NoHandler}
	case d.Target == Legacy && !has.Legacy && has.Handler:
		return Decision{Go, NoLegacy}
	}
	return d
}

// Subject is what a decision may know of a request. Names are as written in
// rollout.yaml, header names in canonical form. Both return "" for what the
// request does not carry.
type Subject interface {
	Header(name string) string
	Cookie(name string) string
}

// Has says which sides can serve an operation.
type Has struct{ Handler, Legacy bool }
