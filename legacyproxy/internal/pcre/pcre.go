// Package pcre reads regular expressions as PHP means them (PCRE) and runs them
// in linear time (RE2). An expression has the meaning that PHP gives it, or it is
// refused: none is read as something else.
package pcre

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// Refused is why an expression cannot be had, and what to write instead.
type Refused struct {
	Reason string
	Repair string // a sentence; empty where only its author can tell
}

func (r *Refused) Error() string { return r.Reason }

// Compile reads an expression, with PHP's delimiters and flags around it or
// without. Texts are UTF-8 to it, as under PHP's flag u, while classes such as \w
// are ASCII, as without. An error is a *Refused.
func Compile(source string) (*regexp.Regexp, error) {
	inner, flags, delimited := undelimited(source)
	if delimited && flags == "" && !anchored(inner) {
		return nil, ambiguous(source, inner)
	}
	t := translator{src: inner}
	text, err := t.translate()
	if err != nil {
		return nil, err
	}
	options, err := options(flags, &t)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(text, options)
	if err == nil && strings.ContainsRune(flags, 'A') {
		tree, err = syntax.Parse(`\A(?:`+text+`)`, options)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	if !strings.ContainsRune(flags, 'D') {
		if tree, err = atEnd(tree, true); err != nil {
			return nil, err
		}
	}
	if err := lineStarts(tree); err != nil {
		return nil, err
	}
	re, err := regexp.Compile(tree.String())
	if err != nil {
		return nil, unreadable(err)
	}
	return re, nil
}

// finalLine is what PCRE calls $ and \Z where they are last: the end, or a line
// feed and the end. That it takes the line feed makes no difference to whether a
// text matches.
var finalLine = func() *syntax.Regexp {
	tree, err := syntax.Parse(`(?:\n?\z)`, syntax.Perl)
	if err != nil {
		panic(err)
	}
	return tree
}()

// atEnd lets $ and \Z match before a line feed that ends the text, as PCRE does
// unless the flag D says that $ is \z. last says that nothing follows the tree.
func atEnd(tree *syntax.Regexp, last bool) (*syntax.Regexp, error) {
	if tree.Op == syntax.OpEndText && tree.Flags&syntax.WasDollar != 0 {
		if !last {
			return nil, &Refused{
				Reason: "$ is the end of the text, and something follows it",
				Repair: `write \n for a line feed, or (?m) before the pattern if $ is to be the end of each line`,
			}
		}
		return finalLine, nil
	}
	for i, sub := range tree.Sub {
		var inner bool
		switch tree.Op {
		case syntax.OpConcat:
			inner = last && i == len(tree.Sub)-1
		case syntax.OpAlternate, syntax.OpCapture, syntax.OpQuest:
			inner = last
		}
		var err error
		if tree.Sub[i], err = atEnd(sub, inner); err != nil {
			return nil, err
		}
	}
	return tree, nil
}

// lineStarts refuses ^ under the flag m where nothing has to follow it: for RE2 a
// line begins behind the last line feed, too, for PCRE only where there is one.
func lineStarts(tree *syntax.Regexp) error {
	fault := &Refused{
		Reason: "^ is the beginning of each line here, and nothing has to follow it",
		Repair: `write \A\s*\z for a text without content, or \n\n for a line without any`,
	}
	if tree.Op == syntax.OpBeginLine {
		return fault
	}
	for i, sub := range tree.Sub {
		if tree.Op == syntax.OpConcat && sub.Op == syntax.OpBeginLine && slices.ContainsFunc(tree.Sub[i+1:], takes) {
			continue
		}
		if err := lineStarts(sub); err != nil {
			return err
		}
	}
	return nil
}

// takes reports whether an expression matches nothing that is empty.
func takes(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpLiteral:
		return len(tree.Rune) > 0
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpCapture, syntax.OpPlus:
		return takes(tree.Sub[0])
	case syntax.OpRepeat:
		return tree.Min > 0 && takes(tree.Sub[0])
	case syntax.OpConcat:
		return slices.ContainsFunc(tree.Sub, takes)
	case syntax.OpAlternate:
		return !slices.ContainsFunc(tree.Sub, func(sub *syntax.Regexp) bool { return !takes(sub) })
	}
	return false
}
