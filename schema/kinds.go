package schema

import "strings"

// kinds is a set of JSON types. Numbers are two: with and without a fraction.
type kinds uint8

const (
	kindNull kinds = 1 << iota
	kindBoolean
	kindInteger
	kindFraction
	kindString
	kindArray
	kindObject

	kindNumber = kindInteger | kindFraction
	kindAny    = kindObject<<1 - 1
)

var kindsByName = map[string]kinds{
	"null": kindNull, "boolean": kindBoolean, "integer": kindInteger, "number": kindNumber,
	"string": kindString, "array": kindArray, "object": kindObject,
}

// nouns lists the kinds for a sentence: "an integer, a string or null".
func (k kinds) nouns() string {
	var words []string
	for _, c := range []struct {
		kinds kinds
		noun  string
	}{
		{kindString, "a string"}, {kindNumber, "a number"}, {kindInteger, "an integer"}, {kindFraction, "a fraction"},
		{kindBoolean, "a boolean"}, {kindArray, "an array"}, {kindObject, "an object"}, {kindNull, "null"},
	} {
		if k&c.kinds == c.kinds {
			words = append(words, c.noun)
			k &^= c.kinds
		}
	}
	return listing(words)
}

// listing joins words as a sentence does that leaves a choice.
func listing(words []string) string {
	switch len(words) {
	case 0:
		return "nothing"
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// kindOf is the kind that a value's first byte tells; numbers are both.
var kindOf = [256]kinds{
	'"': kindString, '{': kindObject, '[': kindArray, 't': kindBoolean, 'f': kindBoolean, 'n': kindNull,
	'-': kindNumber, '0': kindNumber, '1': kindNumber, '2': kindNumber, '3': kindNumber, '4': kindNumber,
	'5': kindNumber, '6': kindNumber, '7': kindNumber, '8': kindNumber, '9': kindNumber,
}
