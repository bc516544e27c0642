// Package pattern matches the regular expressions of JSON Schema (ECMA-262,
// with Unicode semantics) in time linear in the text: a table-driven automaton
// for nearly all of them, regexp for the rest. Expressions that no such engine
// can do (look-around in the middle, back references) run in a backtracking
// engine under a time limit, or are refused.
package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/dlclark/regexp2"
)

// Options says how to treat expressions that need backtracking.
type Options struct {
	RefuseBacktracking bool
	Time               time.Duration // a match's time limit in the backtracking engine
}

// ErrTime is returned by Match when the backtracking engine was stopped.
var ErrTime = errors.New("the pattern took too long to check")

// ErrBacktracking is wrapped by Compile's error when only a backtracking
// engine could do the expression and Options refuse it.
var ErrBacktracking = errors.New("the pattern needs a backtracking engine")

// maxBacktracked is the longest text that the backtracking engine is given.
const maxBacktracked = 64 << 10

// Pattern is a compiled expression, safe for concurrent use.
type Pattern struct {
	parts []part          // all of which must hold
	slow  *regexp2.Regexp // instead of parts
}

// part is one linear-time matcher.
type part struct {
	table   *automaton
	re      *regexp.Regexp // when the automaton would be too large
	negated bool
}

// Compile translates an ECMA-262 expression.
func Compile(source string, o Options) (*Pattern, error) {
	t, err := translate(source)
	if err != nil {
		return nil, err
	}
	p := new(Pattern)
	if !t.backtracks {
		for _, piece := range t.pieces {
			one, err := linear(piece)
			if err != nil {
				p.parts = nil
				break
			}
			p.parts = append(p.parts, one)
		}
		if p.parts != nil {
			return p, nil
		}
	}
	if o.RefuseBacktracking {
		return nil, fmt.Errorf("%w (look-around or a back reference), which the configuration refuses", ErrBacktracking)
	}
	p.slow, err = regexp2.Compile(t.whole, regexp2.RE2)
	if err != nil {
		return nil, fmt.Errorf("the pattern cannot be compiled: %w", err)
	}
	p.slow.MatchTimeout = o.Time
	if o.Time <= 0 {
		p.slow.MatchTimeout = 100 * time.Millisecond
	}
	return p, nil
}

func linear(piece piece) (part, error) {
	re, err := regexp.Compile(piece.re2)
	if err != nil {
		return part{}, err
	}
	one := part{negated: piece.negated, table: newAutomaton(piece.re2)}
	if one.table == nil {
		one.re = re
	}
	return one, nil
}

// Valid reports why source is not an ECMA-262 expression; nil if it is one.
func Valid(source string) error {
	_, err := translate(source)
	return err
}

// Match reports whether the expression matches somewhere in text, which is
// valid UTF-8. The error is ErrTime, or nil.
func (p *Pattern) Match(text []byte) (bool, error) {
	if p.slow != nil {
		if len(text) > maxBacktracked {
			return false, ErrTime
		}
		ok, err := p.slow.MatchString(string(text))
		if err != nil {
			return false, ErrTime
		}
		return ok, nil
	}
	for i := range p.parts {
		part := &p.parts[i]
		var ok bool
		if part.table != nil {
			ok = part.table.match(text)
		} else {
			ok = part.re.Match(text)
		}
		if ok == part.negated {
			return false, nil
		}
	}
	return true, nil
}

// Backtracks reports whether matching can end with ErrTime.
func (p *Pattern) Backtracks() bool { return p.slow != nil }
