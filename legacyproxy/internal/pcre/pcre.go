// Package pcre reads regular expressions as PHP means them (PCRE) and runs them
// in linear time (RE2). An expression has the meaning that PHP gives it, or it is
// refused: none is read as something else.
package pcre

import (
	"regexp"
	"regexp/syntax"
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
	if text, err = modified(text, flags, t.ascii); err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, unreadable(err)
	}
	return regexp.Compile(atEnd(tree, hasDollarFlag(flags)).String())
}

// atEnd lets $ match before a line feed that ends the text, as PCRE does, unless
// the flag D says that it is \z.
func atEnd(tree *syntax.Regexp, only bool) *syntax.Regexp {
	if only {
		return tree
	}
	if tree.Op == syntax.OpEndText && tree.Flags&syntax.WasDollar != 0 {
		return finalLineFeed
	}
	for i, sub := range tree.Sub {
		tree.Sub[i] = atEnd(sub, only)
	}
	return tree
}

var finalLineFeed = func() *syntax.Regexp {
	tree, err := syntax.Parse(finalLine, syntax.Perl)
	if err != nil {
		panic(err)
	}
	return tree
}()

// finalLine is what PCRE calls \Z: the end, or a line feed and the end. That it
// takes the line feed makes no difference to whether a text matches.
const finalLine = `(?:\n?\z)`
