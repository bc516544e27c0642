package catalog

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Validation says which messages are held against the contracts, and what
// comes of it. The zero value of every field is a good default.
type Validation struct {
	// Status is what a request that breaks the contract is answered with; 0
	// means 422. A request that cannot be read at all is a 400 in any case.
	Status int
	// UnknownQuery is about query parameters that an operation does not have;
	// empty means UnknownIgnore.
	UnknownQuery UnknownQuery
	// Formats is about values that do not have the format that the contract
	// asks for; empty means FormatsStrict.
	Formats Formats
	// Requests are held against the contract before anybody sees them.
	Requests RequestChecks
	// Answers are held against the contract after they were sent.
	Answers AnswerChecks
}

// UnknownQuery is what becomes of query parameters that an operation does not
// have.
type UnknownQuery string

// What can become of them.
const (
	UnknownIgnore UnknownQuery = "ignore"
	UnknownWarn   UnknownQuery = "warn" // they are counted
	UnknownRefuse UnknownQuery = "refuse"
)

// Formats says how far a wrong format goes.
type Formats string

// How far it can go.
const (
	FormatsStrict Formats = "strict" // as far as any other violation
	FormatsWarn   Formats = "warn"   // it is counted
)

// RequestChecks is a RequestCheck for each side.
type RequestChecks struct {
	Go     RequestCheck // empty means Enforce
	Legacy RequestCheck // empty means Off
}

// RequestCheck is what becomes of a request that breaks the contract.
type RequestCheck string

// What can become of it. With Off the request is not looked at.
const (
	Off     RequestCheck = "off"
	Observe RequestCheck = "observe" // it is served, and counted
	Enforce RequestCheck = "enforce" // it is refused
)

// AnswerChecks is a Share for each stage of an operation.
type AnswerChecks struct {
	// Go and Legacy are for answers of that side.
	Go, Legacy Share
	// Canary is for the answers of both sides while the operation is on
	// canary; zero means that of the side.
	Canary Share
}

// None reports whether no answer is checked at all.
func (a AnswerChecks) None() bool {
	return a.Go == None && a.Legacy == None && (a.Canary == None || a.Canary == 0)
}

// Share says how many of the answers are checked, in hundredths of a percent.
// The zero Share means DefaultShare.
type Share int

// Some shares.
const (
	None         Share = -1
	All          Share = 10_000
	DefaultShare Share = 100 // sample 1%
)

// ParseShare reads a share as banyan.yaml writes it: "off", "all" or
// "sample 1%".
func ParseShare(s string) (Share, error) {
	switch s {
	case "off":
		return None, nil
	case "all":
		return All, nil
	}
	number, ok := strings.CutPrefix(s, "sample ")
	number, percent := strings.CutSuffix(strings.TrimSpace(number), "%")
	f, err := strconv.ParseFloat(number, 64)
	share := Share(f*100 + 0.5)
	if !ok || !percent || err != nil || strings.Trim(number, "0123456789.") != "" || share < 1 || share > All {
		return 0, fmt.Errorf("%q is not off, all or a share such as sample 1%%, in steps of 0.01%%", s)
	}
	return share, nil
}

// String is the form that ParseShare reads.
func (s Share) String() string {
	switch {
	case s == 0:
		return DefaultShare.String()
	case s < 0:
		return "off"
	case s >= All:
		return "all"
	}
	return "sample " + strconv.FormatFloat(float64(s)/100, 'f', -1, 64) + "%"
}

// ValidationOf returns what applies to a service: its own settings over those
// of the workspace, and the defaults where neither says anything.
func (w *Workspace) ValidationOf(s *Service) Validation {
	return s.Validation.over(w.Validation).over(Validation{
		Status: http.StatusUnprocessableEntity, UnknownQuery: UnknownIgnore, Formats: FormatsStrict,
		Requests: RequestChecks{Go: Enforce, Legacy: Off},
		Answers:  AnswerChecks{Go: DefaultShare, Legacy: DefaultShare},
	})
}

// over returns v with the fields of base where v has none.
func (v Validation) over(base Validation) Validation {
	return Validation{
		Status:       cmp.Or(v.Status, base.Status),
		UnknownQuery: cmp.Or(v.UnknownQuery, base.UnknownQuery),
		Formats:      cmp.Or(v.Formats, base.Formats),
		Requests: RequestChecks{
			Go: cmp.Or(v.Requests.Go, base.Requests.Go), Legacy: cmp.Or(v.Requests.Legacy, base.Requests.Legacy),
		},
		Answers: AnswerChecks{
			Go: cmp.Or(v.Answers.Go, base.Answers.Go), Legacy: cmp.Or(v.Answers.Legacy, base.Answers.Legacy),
			Canary: cmp.Or(v.Answers.Canary, base.Answers.Canary),
		},
	}
}
