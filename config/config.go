// Package config reads Banyan's YAML files strictly and with positions. Every
// fault of a file is reported in one pass: unknown keys with the nearest valid
// one, duplicate keys, values of the wrong type, each at its file:line:col.
//
// The run time reads rollout.yaml and legacy.yaml with it, the tool reads
// banyan.yaml; it knows none of them.
package config

import (
	"fmt"
	"strings"
)

// Pos is a place in a file. Line and Col count from 1, Col in characters.
type Pos struct {
	File      string
	Line, Col int
}

// String returns "file:line:col", or as much of it as is known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Fault is one thing wrong in a file: what, where, and what to do about it.
type Fault struct {
	Pos     Pos
	Message string
	// Hint says what to do; it may be empty.
	Hint string
}

// Error returns "file:line:col: message; hint".
func (f Fault) Error() string {
	s := f.Message
	if where := f.Pos.String(); where != "" {
		s = where + ": " + s
	}
	if f.Hint != "" {
		s += "; " + f.Hint
	}
	return s
}

// Faults is an error made of many, in the order of the file.
type Faults []Fault

// Error returns one line per fault.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns fs as an error, or nil when there is no fault.
func (fs Faults) Err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}
