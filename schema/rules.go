package schema

import "fmt"

// Rule is one of the ways in which PHP writes values otherwise than contracts
// say, and how to mend it.
type Rule uint8

// The rules.
const (
	EmptyList    Rule = iota // [] for an object without properties
	ListForm                 // a list for a map, or an object with the keys of a list for a list
	ScalarText               // "42", "9.90", "1" or "true" for a number or boolean; 0 and 1 for a boolean
	NumberForm               // 10.0 for 10
	NullProperty             // null for an optional property that cannot be null
	EmptyText                // "" for a property that is not there
	DateForm                 // a date in another form than RFC 3339
	ruleCount
)

var ruleNames = [ruleCount]string{
	EmptyList: "empty-list", ListForm: "list-form", ScalarText: "scalar-text", NumberForm: "number-form",
	NullProperty: "null-property", EmptyText: "empty-text", DateForm: "date-form",
}

// String is the rule's name in configuration and reports.
func (r Rule) String() string {
	if r < ruleCount {
		return ruleNames[r]
	}
	return fmt.Sprintf("rule %d", uint8(r))
}

// RuleNamed returns the rule of a name.
func RuleNamed(name string) (Rule, bool) {
	for r, known := range ruleNames {
		if known == name {
			return Rule(r), true
		}
	}
	return 0, false
}

// RuleNames lists the names of all rules.
func RuleNames() []string { return ruleNames[:] }

// Rules is a set of rules.
type Rules uint16

// SafeRules are those that need no declaration: what they change cannot mean
// anything else. EmptyText is not one of them: "" may well be a value.
const SafeRules = Rules(1<<ruleCount-1) &^ (1 << EmptyText)

// RuleSet returns a set.
func RuleSet(rules ...Rule) (set Rules) {
	for _, r := range rules {
		set |= 1 << r
	}
	return set
}

// Has reports whether r is in the set.
func (s Rules) Has(r Rule) bool { return s>>r&1 == 1 }
