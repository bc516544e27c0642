package review

import (
	"regexp"
	"strings"
)

// touch is what a change of a contract can do to names of generated code.
type touch uint8

const (
	// drops takes names away, or calls them otherwise.
	drops touch = 1 << iota
	// retypes makes something else of them.
	retypes
	// wraps says in another way that a value may be missing or null.
	wraps
)

// does is what changes of a kind do to code by themselves, and what they do only where
// something beside them lets them: the second media type of a body renames its field,
// a third does not.
type does struct{ surely, perhaps touch }

// touches goes from rules to what they do to code. What is not in it says nothing that
// a type or a name is made of.
var touches = func() map[string]does {
	out := map[string]does{}
	for _, t := range []struct {
		does
		rules string
	}{
		{does{surely: drops}, `operation-removed operation-removed-after-sunset operation-id-changed callback-removed callback-renamed webhook-removed
			path-parameter-renamed parameter-removed body-removed answer-removed success-answer-removed media-type-removed
			schema-removed enum-value-removed discriminator-removed security-tightened security-loosened`},
		{does{surely: drops, perhaps: retypes}, "property-removed branch-removed header-removed answer-body-removed schema-renamed"},
		{does{surely: drops | retypes}, `answer-body-added component-reference-changed schema-reference-changed type-changed enum-added enum-removed
			choice-widened choice-narrowed choice-changed pattern-property-added pattern-property-removed schema-unknown`},
		{does{surely: drops | retypes | wraps}, "extension-changed schema-not-compared"},
		{does{surely: retypes, perhaps: drops}, "format-changed content-changed"},
		{does{surely: wraps, perhaps: retypes}, "parameter-became-required parameter-became-optional header-became-required header-became-optional property-became-required property-became-optional null-added null-removed"},
		{does{perhaps: wraps}, "read-only-changed write-only-changed body-became-required body-became-optional"},
		{does{perhaps: drops | retypes}, `operation-added path-changed method-changed callback-added webhook-added security-scheme-renamed
			parameter-added required-parameter-added parameter-content-changed body-added required-body-added answer-added success-answer-added media-type-added
			encoding-changed header-added schema-added property-added required-property-added additional-properties-changed branch-added choice-kind-changed enum-value-added
			discriminator-added discriminator-changed discriminator-value-added discriminator-value-removed discriminator-value-changed condition-changed`},
	} {
		for _, rule := range strings.Fields(t.rules) {
			out[rule] = t.does
		}
	}
	return out
}()

// wrapping is what stands around a type that may be missing or null.
var wrapping = regexp.MustCompile(`\*|wire\.Nullable\[`)

// touched is what happened to a name.
func (sc SurfaceChange) touched() touch {
	if sc.New == "" {
		return drops
	}
	bare := func(signature string) string {
		return strings.ReplaceAll(wrapping.ReplaceAllString(signature, ""), "]", "")
	}
	out := touch(0)
	if bare(sc.Old) != bare(sc.New) {
		out |= retypes
	}
	if len(wrapping.FindAllString(sc.Old, -1)) != len(wrapping.FindAllString(sc.New, -1)) || out == 0 {
		out |= wraps
	}
	return out
}
