package review

import (
	"regexp"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/review/oasdiff"
)

// opinion says what oasdiff finds in our words. The name of its rule tells what it is
// about and what happened to that; its sentence is not repeated.
func opinion(f oasdiff.Finding) string {
	what, rest, fresh := "something", f.Rule, strings.HasPrefix(f.Rule, "new-")
	for _, s := range subjects {
		if after, ok := strings.CutPrefix(f.Rule, s.prefix); ok {
			what, rest = s.words, after
			break
		}
	}
	happened := ""
	for _, e := range endings {
		if before, ok := strings.CutSuffix(rest, e.suffix); ok {
			rest, happened = before, e.words
			break
		}
	}
	sentence := what
	if keyword := camel(strings.Trim(rest, "-")); keyword != "" && !fresh {
		sentence += ": " + keyword
	}
	switch {
	case fresh:
		happened = " is new"
	case happened == "":
		happened = " changed"
	}
	sentence += happened
	if names := named(f); len(names) > 0 {
		sentence += " (" + strings.Join(names, ", ") + ")"
	}
	return "perhaps a break that our comparison does not see: " + sentence
}

// subjects are what oasdiff's rules begin with, the longest first.
var subjects = []struct{ prefix, words string }{
	{"new-required-request-default-parameter", "a parameter of all operations"},
	{"new-required-request-header-property", "a required property of a parameter"},
	{"new-required-request-property", "a required property of the request"},
	{"new-required-request-parameter", "a required parameter"},
	{"new-request-path-parameter", "a parameter of the path"},
	{"request-parameter-property", "a property of a parameter"}, {"request-header-property", "a property of a parameter"},
	{"request-required-property", "a required property of the request"}, {"request-optional-property", "an optional property of the request"},
	{"request-parameter", "a parameter"}, {"request-property", "a property of the request"}, {"request-body", "the body of the request"},
	{"required-response-header", "a required header of an answer"}, {"response-required-property", "a required property of an answer"},
	{"response-header", "a header of an answer"}, {"response-property", "a property of an answer"}, {"response-body", "the body of an answer"},
	{"response-mediatype", "the media type of an answer"}, {"response-media-type", "the media type of an answer"}, {"response-success-status", "a status that tells of success"},
	{"api-global-security", "what all callers prove"}, {"api-security", "what callers prove"}, {"api-path", "the path"}, {"api-sunset-date-changed", "the sunset of the operation"}, {"api-sunset-date", "the sunset of the operation"}, {"api-stability", "the stability of the operation"}, {"api", "the operation"}, {"webhook", "the webhook"},
}

// endings are what oasdiff's rules end in, and what has happened then.
var endings = []struct{ suffix, words string }{
	{"-removed-before-sunset", " is gone before its sunset"}, {"-removed-without-deprecation", " is gone without notice"}, {"removed", " is gone"},
	{"became-not-nullable", " may not be null any more"}, {"became-nullable", " may be null"}, {"became-not-enum", " is not limited to listed values any more"}, {"became-enum", " is limited to listed values"},
	{"became-required", " is required now"}, {"became-required-with-default", " is required now"}, {"became-optional", " is optional now"}, {"became-read-only", " is only read now"}, {"became-write-only", " is only written now"},
	{"enum-value-added", " has a further value"}, {"enum-value-removed", " has a value less"}, {"added-required", " is new and required"}, {"type-generalized", " is of a wider type"}, {"type-specialized", " is of a narrower type"}, {"list-of-types-narrowed", " is of fewer types"}, {"list-of-types-widened", " is of more types"},
	{"changed", " changed"}, {"added", " is new"}, {"decreased", " is lower"}, {"increased", " is higher"}, {"unset", " is not said any more"}, {"set", " is said now"}, {"-too-small", " is too soon"}, {"-missing", " is missing"},
}

var joint = regexp.MustCompile(`-+(.)`)

// camel is the keyword that a part of a rule's name stands for: maxLength for max-length.
func camel(name string) string {
	return joint.ReplaceAllStringFunc(name, func(s string) string { return strings.ToUpper(strings.TrimLeft(s, "-")) })
}

// named are the names and values that a finding speaks of, a few of them.
func named(f oasdiff.Finding) (out []string) {
	for _, word := range plainWords(f.Args) {
		if word != "" && !slices.Contains(out, word) && len(out) < maxNamed {
			out = append(out, shown(word))
		}
	}
	return out
}

// maxNamed bounds how many names of a finding are repeated.
const maxNamed = 3
