package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review/oasdiff"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// secondOpinion asks oasdiff about the operations that changed, and returns what
// it takes to be breaking and none of the changes says, as changes that are
// undecided. Operations that are the same on both sides are left out, so
// that the question is as small as the change. Where the comparison found no
// difference in an operation, the two mean the same, and what oasdiff makes of
// another wording is of no interest. Beside what it returns, an error says what
// oasdiff was not asked, or could not answer.
func secondOpinion(changes []*Change, was, is *contract.Contract) ([]*Change, error) {
	touched, err := contract.Touched(was, is)
	if err != nil {
		return nil, err
	}
	if len(touched) > manyOperations {
		paired := contract.Paired(was, is)
		maps.DeleteFunc(touched, func(operation string, _ bool) bool { return !paired(operation) })
	}
	left := leaveKnots(touched, was, is)
	if len(touched) == 0 {
		return nil, left
	}
	keep := func(method, path string) bool { return touched[method+" "+path] }
	base, err := was.Excerpt(keep)
	if err != nil {
		return nil, err
	}
	head, err := is.Excerpt(keep)
	if err != nil {
		return nil, err
	}
	list, err := oasdiff.Findings(base, head)
	if err != nil {
		return nil, err
	}
	about, known := map[string][]*Change{}, map[string]*said{}
	for _, c := range changes {
		if !c.Refactoring {
			for op := range c.uses {
				about[op] = append(about[op], c)
			}
		}
	}
	extra := map[string]*Change{}
	for _, f := range list {
		mine := about[f.Operation]
		if f.Level == oasdiff.Info || len(mine) == 0 {
			continue
		}
		if known[f.Operation] == nil {
			known[f.Operation] = saidBy(mine, f.Operation)
		}
		if known[f.Operation].explain(f) {
			continue
		}
		c := &Change{Rule: "second-opinion", Service: is.Name, Place: f.Operation, Pointer: "/" + f.Rule, Message: opinion(f), New: strings.Join(f.Args, "\x00"), Base: mine[0].Base, Head: mine[0].Head,
			Wire: Undecided, Why: []string{"oasdiff takes that to be breaking (its rule " + f.Rule + "), and our comparison finds no such break"}, Affects: []string{f.Operation},
			Rewrite: "compare the two sides; if nothing breaks, banyan.yaml can ignore second-opinion"}
		c.identify() // by oasdiff's rule and what it names, not by a sentence
		c.Pointer, c.New = "", strings.Join(named(f), ", ")
		extra[c.ID] = c
	}
	return slices.Collect(maps.Values(extra)), left
}

// manyOperations is how many operations it is asked about as they are. Of more, those
// that came or went are left out, on which there are no two opinions: it looks each of
// them up among all.
const manyOperations = 200

// manyBranches is how many branches of oneOf and anyOf may stand in a circle of
// components for oasdiff to be asked: it compares each with each on every way through
// the circle, and each four more cost it twice the time.
const manyBranches = 32

// wideChoice is how many schemas a choice may have: it compares each with each, whole.
const wideChoice = 150

// leaveKnots takes the operations out that oasdiff would not be done with, and
// says so.
func leaveKnots(touched map[string]bool, sides ...*contract.Contract) error {
	before := len(touched)
	for _, side := range sides {
		for op := range side.Knotted(manyBranches, wideChoice) {
			delete(touched, op)
		}
	}
	const long = " in a circle with more than %d branches, or have a choice of more than %d, and that would take it too long"
	switch n := before - len(touched); n {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("components of one operation refer to each other"+long, manyBranches, wideChoice)
	default:
		return fmt.Errorf("components of %d operations refer to each other"+long, n, manyBranches, wideChoice)
	}
}

// families go from the beginnings of oasdiff's rules to those of ours that say
// the same.
var families = []struct {
	theirs string
	ours   []string
}{
	{"api-security", []string{"security-"}},
	{"api-path-removed", []string{"operation-removed", "path-changed", "method-changed"}},
	{"api-removed", []string{"operation-removed", "path-changed", "method-changed"}},
	{"api-deprecated", []string{"operation-deprecated", "sunset-"}},
	{"api-sunset", []string{"operation-deprecated", "sunset-"}},
	{"sunset", []string{"operation-deprecated", "sunset-"}},
	{"request-body-one-of", []string{"choice-", "branch-"}}, {"request-body-any-of", []string{"choice-", "branch-"}},
	{"response-body-one-of", []string{"choice-", "branch-"}}, {"response-body-any-of", []string{"choice-", "branch-"}},
	{"request-property-one-of", []string{"choice-", "branch-"}}, {"request-property-any-of", []string{"choice-", "branch-"}},
	{"response-property-one-of", []string{"choice-", "branch-"}}, {"response-property-any-of", []string{"choice-", "branch-"}},
	{"request-parameter-one-of", []string{"choice-", "branch-"}}, {"request-parameter-any-of", []string{"choice-", "branch-"}},
	{"response-body-became-nullable", []string{"null-"}}, {"request-body-became-not-nullable", []string{"null-"}}, {"response-body-type", []string{"type-", "choice-"}}, {"request-body-type", []string{"type-", "choice-"}},
	{"response-success-status", []string{"success-answer-"}}, {"response-media-type", []string{"media-type-", "answer-body-"}},
	{"request-body-added", []string{"body-added", "required-body-added"}}, {"request-body-removed", []string{"body-removed"}}, {"request-body-media-type", []string{"media-type-"}}, {"request-body-became", []string{"body-became", "enum-", "null-"}},
	{"response-header", []string{"header-"}}, {"required-response-header", []string{"header-"}},
}

// said is what the changes of an operation say: their rules, and the names and values
// that they speak of, as they are and in small letters.
type said struct {
	rules, words, small map[string]bool
	// replaced are the sides, "request" and "response", of which the whole body is
	// something else.
	replaced map[string]bool
}

func saidBy(changes []*Change, operation string) *said {
	s := &said{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, c := range changes {
		s.rules[c.Rule] = true
		words := wordsOf(c)
		for _, pointer := range c.uses[operation] { // which has the name of a shared parameter
			words = append(words, plainWords(strings.Split(pointer, "/"))...)
		}
		for _, w := range words {
			s.words[w], s.small[strings.ToLower(w)] = true, true
		}
		if strings.HasPrefix(c.Rule, "choice-") || c.Rule == "type-changed" {
			for _, pointer := range c.uses[operation] {
				switch whole := ofMedia.ReplaceAllString(pointer, "$1"); {
				case whole == "/body":
					s.replaced["request"] = true
				case strings.Count(whole, "/") == 1:
					s.replaced["response"] = true
				}
			}
		}
	}
	return s
}

// explain reports whether one of the changes says what a finding says: it is of the
// same family, or speaks of the same name or value.
func (s *said) explain(f oasdiff.Finding) bool {
	for _, family := range families {
		if !strings.HasPrefix(f.Rule, family.theirs) {
			continue
		}
		for rule := range s.rules {
			if slices.ContainsFunc(family.ours, func(p string) bool { return strings.HasPrefix(rule, p) }) {
				return true
			}
		}
	}
	if s.rules["condition-changed"] && slices.ContainsFunc(conditionWords, func(w string) bool { return strings.Contains(f.Rule, w) }) {
		return true
	}
	side, _, _ := strings.Cut(strings.TrimPrefix(f.Rule, "new-required-"), "-")
	if s.replaced[side] && strings.Contains(f.Rule, "-property-") {
		return true
	}
	if strings.Contains(f.Rule, "-of-") && len(f.Args) > 0 && strings.Contains(f.Args[0], "subschema #") {
		return true // branches without a name, which it only finds again where nothing below them changed
	}
	if strings.HasPrefix(f.Rule, "request-parameter-min-length-") && slices.Contains(plainWords(f.Args), "path") && slices.Contains(plainWords(f.Args), "1") {
		return true // no part of a path is empty
	}
	for _, arg := range f.Args {
		if strings.Contains(f.Rule, "-pattern-") && arg != "" && trivial(strings.Trim(arg, "'`")) {
			return true // every text fits it
		}
	}
	for _, arg := range plainWords(f.Args) {
		if s.small[strings.ToLower(arg)] {
			return true
		}
		for i := range len(arg) {
			if arg[i] == '/' && s.words[arg[i+1:]] {
				return true
			}
		}
	}
	return false
}

// wordsOf are the names and values that a change speaks of.
func wordsOf(c *Change) []string {
	words := append(strings.Split(c.Pointer, "/"), c.Old, c.New, c.Place[strings.LastIndexByte(c.Place, ' ')+1:])
	if strings.HasPrefix(c.Rule, "limit-") { // "maxItems 5"
		words = append(append(words, strings.Fields(c.Old)...), strings.Fields(c.New)...)
	}
	return plainWords(words)
}

// conditionWords are in the names of oasdiff's rules about conditions.
var conditionWords = []string{"property-names", "dependent", "-if-", "-then-", "-else-", "contains", "unevaluated"}

// plainWords are those of words that say something, without their quotes.
func plainWords(words []string) (out []string) {
	for _, w := range words {
		if w = strings.Trim(jsonpointer.Unescape(w), "'`\"/[]"); w != "" {
			out = append(out, w)
		}
	}
	return out
}
