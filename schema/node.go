package schema

import (
	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/internal/format"
	"github.com/banyan-go/banyan/schema/internal/lookup"
	"github.com/banyan-go/banyan/schema/internal/pattern"
)

// node is a compiled schema: all that applies to one place, references and
// allOf resolved and merged. Nodes never change once Compile has returned.
type node struct {
	id       uint32
	finished bool   // nothing is written to it any more: others may be reading
	at       string // the pointer of the (first) schema it came from
	types    kinds  // what the value may be
	accepts  kinds  // the same, with anyOf and oneOf taken into account
	rules    []typeRule
	strings  []stringRules
	numbers  []numberRules
	enums    []enumRules
	object   *objectRules
	array    *arrayRules

	// The rest makes a node compound: it looks at the value's text more than
	// once.
	compound  bool
	memo      bool // looking again may go on beneath: results are worth keeping
	bare      bool // one group and nothing else
	also      []*node
	groups    []*group
	nots      []notRule
	conds     []condition
	uneval    *unevaluated
	sensitive bool // messages must not show values

	readOnly, writeOnly bool
	binary              bool   // a file, in multipart bodies
	defaultValue        []byte // nil: none
}

// rule is what a violation says about a keyword.
type rule struct {
	keyword string
	at      string // pointer of the keyword
	limit   string
	message string
	shows   bool // the message is better with the value in it
	warn    bool // a violation is only a warning
	weight  int  // how far from valid a value is that breaks it (for the nearest branch)
}

type typeRule struct {
	types kinds
	rule  *rule
}

type stringRules struct {
	min, max         int // -1: none
	pattern          *pattern.Pattern
	format           format.Check
	minRule, maxRule *rule
	patternRule      *rule
	patternTime      *rule
	formatRule       *rule
}

type numberRules struct {
	low, high int64 // what an int64 may be, all bounds and formats taken together
	step      int64 // 0: none that is a small integer
	bounds    []bound
	multiple  *decimal.Divisor
	multRule  *rule
}

// bound is one of minimum, maximum, their exclusive forms, or a format's range.
type bound struct {
	value     decimal.Number
	upper     bool
	exclusive bool
	rule      *rule
}

// enumRules is an enum or a const.
type enumRules struct {
	strings    lookup.Table
	integers   []int64
	numbers    []decimal.Number // those that are not in integers
	words      [3]bool          // null, false, true
	containers []container
	kinds      kinds
	rule       *rule
}

type container struct {
	hash  uint64
	value *element
}

type objectRules struct {
	table      lookup.Table
	properties []property
	required   [3][]uint64 // per Mode, one bit per property
	any        [3]bool     // whether required has bits at all
	additional *node       // for names not in the table, when no group has patterns
	groups     []nameGroup // otherwise
	names      []*node     // propertyNames
	sizes      []sizeRule
	dependents []dependent
	defaults   []defaultMember
	closed     bool // some schema speaks about all other names
}

// property is a name that some keyword mentions.
type property struct {
	node     *node
	required *rule
	declared bool
	forbid   [3]*rule // per Mode: readOnly, writeOnly
	// quoted is the name with its closing quote, as most write it; "" for a
	// name that JSON escapes.
	quoted string
}

// nameGroup is one schema's patternProperties and additionalProperties.
type nameGroup struct {
	patterns   []namePattern
	additional *node
	closed     bool
}

type namePattern struct {
	pattern *pattern.Pattern
	node    *node
	time    *rule
}

type sizeRule struct {
	min, max         int // -1: none
	minRule, maxRule *rule
}

// dependent is one name of dependentRequired or dependentSchemas.
type dependent struct {
	property int
	requires []int
	rules    []*rule
	node     *node
}

type defaultMember struct {
	property int
	text     []byte // "name":value
	name     int    // the length of "name":
}

type arrayRules struct {
	prefix   []*node
	items    *node
	listed   bool // items is declared: it speaks about all the rest
	sizes    []sizeRule
	unique   *rule
	contains []containsRule
}

type containsRule struct {
	node             *node
	min, max         int // max -1: none
	minRule, maxRule *rule
}

// group is an anyOf or a oneOf.
type group struct {
	exactlyOne bool
	branches   []branch
	byKind     [8][]int // candidates, by the index of a kind's bit
	tag        *tag
	none       *rule // no branch fits
	kind       *rule // no branch is of the value's type
	many       *rule
}

type branch struct {
	node *node
	name string
}

// tag is a property that tells the branches of a group apart: a discriminator,
// or one that all branches require with different constants.
type tag struct {
	name     string
	values   lookup.Table
	branches []int
	missing  *rule
	unknown  *rule
}

type notRule struct {
	node *node
	rule *rule
}

type condition struct {
	test, then, otherwise *node
}

// unevaluated is unevaluatedProperties and unevaluatedItems.
type unevaluated struct {
	properties, items *node
}
