// Package diag is what Banyan's tool says about a user's files: one finding
// type, its rules with their documentation, and printers for people and
// machines.
package diag

import (
	"cmp"
	"slices"

	"github.com/banyan-go/banyan/config"
)

// Severity orders findings. Only an Error makes a command fail.
type Severity int

const (
	Error Severity = iota
	Warning
	Note
)

// String returns "error", "warning" or "note".
func (s Severity) String() string { return [...]string{"error", "warning", "note"}[s] }

// Diagnostic is one finding in a user's file.
type Diagnostic struct {
	// Rule is the ID of a registered rule.
	Rule     string
	Severity Severity
	// Pos.File is relative to the workspace, with forward slashes.
	Pos     config.Pos
	Message string
	// Hint says what to do; it may be empty.
	Hint string
	// Fix is the repair that a machine may make without asking, or nil.
	Fix *Fix
}

// List is a set of findings. The zero value is empty and ready.
type List []Diagnostic

// Add appends an error of a rule.
func (l *List) Add(rule string, pos config.Pos, message, hint string) {
	*l = append(*l, Diagnostic{Rule: rule, Severity: Error, Pos: pos, Message: message, Hint: hint})
}

// Warn appends a warning of a rule.
func (l *List) Warn(rule string, pos config.Pos, message, hint string) {
	*l = append(*l, Diagnostic{Rule: rule, Severity: Warning, Pos: pos, Message: message, Hint: hint})
}

// Repairable appends a warning of a rule with a repair, which may be nil.
func (l *List) Repairable(rule string, pos config.Pos, message, hint string, fix *Fix) {
	*l = append(*l, Diagnostic{Rule: rule, Severity: Warning, Pos: pos, Message: message, Hint: hint, Fix: fix})
}

// Note appends a note of a rule: nothing is wrong.
func (l *List) Note(rule string, pos config.Pos, message string) {
	*l = append(*l, Diagnostic{Rule: rule, Severity: Note, Pos: pos, Message: message})
}

// WithoutNotes returns the findings that ask for something.
func (l List) WithoutNotes() List {
	return slices.DeleteFunc(slices.Clone(l), func(d Diagnostic) bool { return d.Severity == Note })
}

// AddFaults appends the faults of a configuration file as errors of a rule.
func (l *List) AddFaults(rule string, faults config.Faults) {
	for _, f := range faults {
		l.Add(rule, f.Pos, f.Message, f.Hint)
	}
}

// Errors counts the findings of severity Error.
func (l List) Errors() int {
	n := 0
	for _, d := range l {
		if d.Severity == Error {
			n++
		}
	}
	return n
}

// Fixable counts the findings that carry a repair.
func (l List) Fixable() int {
	n := 0
	for _, d := range l {
		if d.Fix != nil {
			n++
		}
	}
	return n
}

// Sorted returns the findings ordered by file, line, column, rule and message,
// each once.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(out, func(a, b Diagnostic) bool {
		return a.Rule == b.Rule && a.Severity == b.Severity && a.Pos == b.Pos && a.Message == b.Message && a.Hint == b.Hint
	})
}
