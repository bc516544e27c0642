package schema

import (
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/banyan-go/banyan/schema/internal/scan"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// sink says what becomes of a violation.
type sink uint8

const (
	loud    sink = iota // it is reported
	quiet               // it ends the attempt
	scoring             // it is weighed
	mending             // it is mended, or noted as broken
)

// state is one validation under way. States are pooled: whatever grows in one
// is kept for the next.
//
// Every method that checks a value starts at pos, leaves pos after the value,
// and returns false to end the whole attempt: after a violation when the sink
// is quiet, after a fault of the text, or when enough has been found.
type state struct {
	data  []byte
	pos   int
	depth int
	mode  Mode
	sink  sink
	fill  bool // note defaults in patches
	dead  bool // nothing more can be checked
	hide  int  // > 0: within a sensitive value
	score int  // of what was found while scoring
	root  int  // the value that is scored
	work  int  // bytes looked at again
	limit int  // of work

	rescans   int // > 0: within a value that is looked at again
	explained int // alternatives whose nearest is being reported
	doc       *Document

	scratch []byte // of strings with escapes
	key     []byte // of names with escapes
	digits  []byte // of numbers with a fraction
	marks   []mark // names and items seen in the open objects and arrays
	tables  []*markTable
	bits    []uint64 // of properties seen, in objects that have more than 64
	memo    map[memoKey]memoResult
	patches []patch
	hasher  hasher
	found   []finding

	*mender // nil unless values are mended
}

// wrongKind is the weight of a value of the wrong type.
const wrongKind = 100

// finding is a violation before its pointer is known.
type finding struct {
	at    int
	child string // a member that is missing in the value
	rule  *rule
	text  string // instead of the rule's message
	hide  bool
}

var states = sync.Pool{New: func() any { return &state{memo: map[memoKey]memoResult{}} }}

// Pooled buffers that have become larger are given back to the collector.
const maxKept = 1 << 16

func newState(d *Document, data []byte, mode Mode) *state {
	s := states.Get().(*state)
	s.data, s.doc, s.mode = data, d, mode
	s.pos, s.depth, s.hide, s.work, s.rescans, s.explained = 0, 0, 0, 0, 0, 0
	s.sink, s.fill, s.dead = loud, false, false
	s.limit = minWork + workPerByte*len(data)
	return s
}

// Checking a value against alternatives looks at it again. What that may cost
// is bounded in bytes, whatever the schema and the value are.
const (
	minWork     = 16 << 20
	workPerByte = 300
)

func (s *state) release() {
	s.data, s.doc = nil, nil
	if s.mender != nil {
		s.giveBack()
		s.mender = nil
	}
	clear(s.found)
	s.found, s.patches, s.marks, s.bits = s.found[:0], s.patches[:0], s.marks[:0], s.bits[:0]
	if len(s.memo) > 0 {
		if len(s.memo) > maxKept {
			s.memo = map[memoKey]memoResult{}
		} else {
			clear(s.memo)
		}
	}
	if cap(s.scratch)+cap(s.key)+cap(s.digits) > maxKept {
		s.scratch, s.key, s.digits = nil, nil, nil
	}
	if cap(s.marks) > maxKept/8 {
		s.marks, s.tables = nil, nil
	}
	states.Put(s)
}

// text checks all of data against n.
func (s *state) text(n *node) {
	if len(s.data) > math.MaxInt32 {
		s.stop(-1, tooLong)
		return
	}
	s.pos = scan.Space(s.data, 0)
	if !s.value(n) {
		return
	}
	if s.pos = scan.Space(s.data, s.pos); s.pos < len(s.data) {
		s.syntax(s.pos, "there is something after the JSON value")
	}
}

// syntax reports that the text is not JSON, which outranks all else.
func (s *state) syntax(at int, what string) bool {
	line, column := position(s.data, at)
	s.sink = loud
	clear(s.found)
	s.found = append(s.found[:0], finding{
		rule: &rule{keyword: KeywordSyntax},
		text: "is not valid JSON: " + what + " (line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column) + ")",
		at:   -1,
	})
	s.dead = true
	return false
}

// report notes a violation of the value that begins at an offset.
func (s *state) report(at int, r *rule) bool {
	switch {
	case s.sink == loud:
		return s.note(finding{at: at, rule: r})
	case r.warn:
		return true
	case s.sink == mending:
		s.faults++
		return true
	case s.sink == scoring:
		if r.weight == wrongKind && at != s.root {
			s.score += 2 // only the value itself tells which alternative is meant
		} else {
			s.score += r.weight
		}
		return true
	}
	return false
}

// reportChild notes a violation of a member that the value at an offset lacks.
func (s *state) reportChild(at int, child string, r *rule) bool {
	if s.sink == loud {
		return s.note(finding{at: at, rule: r, child: child})
	}
	return s.report(at, r)
}

// reportText notes a violation with a message of its own.
func (s *state) reportText(at int, r *rule, text string) bool {
	if s.sink == loud {
		return s.note(finding{at: at, rule: r, text: text})
	}
	return s.report(at, r)
}

func (s *state) note(f finding) bool {
	f.hide = s.hide > 0
	s.found = append(s.found, f)
	if len(s.found) >= s.doc.options.MaxViolations {
		s.dead = true
	}
	return !s.dead
}

// stop reports what ends the validation whatever the sink is.
func (s *state) stop(at int, r *rule) bool {
	if !s.dead {
		s.found = append(s.found, finding{at: at, rule: r, hide: true})
		s.dead = true
	}
	return false
}

var (
	tooDeep   = &rule{keyword: KeywordDepth, message: "is nested too deeply"}
	tooCostly = &rule{keyword: KeywordWork, message: "takes too long to check: it has too many parts that fit too many alternatives"}
	tooLarge  = &rule{keyword: KeywordRange, message: "is a number out of the range of double precision", weight: 1}
	tooLong   = &rule{keyword: KeywordSyntax, message: "is longer than 2 GiB"}
	twice     = &rule{keyword: KeywordDuplicate, message: "occurs twice in its object", weight: 1}
)

// violations turns the findings into what the caller sees.
func (s *state) violations() Violations {
	if len(s.found) == 0 {
		return nil
	}
	offsets := make([]int, 0, len(s.found))
	for _, f := range s.found {
		if f.at >= 0 {
			offsets = append(offsets, f.at)
		}
	}
	offsets, pointers := locate(s.data, offsets)
	out := make(Violations, 0, len(s.found))
	for i := range s.found {
		f := &s.found[i]
		v := Violation{Keyword: f.rule.keyword, Limit: f.rule.limit, Message: f.text, Schema: f.rule.at}
		if k, ok := slices.BinarySearch(offsets, f.at); ok {
			v.Pointer = pointers[k]
		}
		if v.Message == "" {
			v.Message = f.rule.message
		}
		if f.child != "" {
			v.Pointer += "/" + jsonpointer.Escape(f.child)
		}
		if f.rule.shows && !f.hide && !s.doc.compiler.isPrivate(v.Pointer) {
			v.Message += s.shown(f.at)
		}
		if f.rule.warn {
			if s.doc.options.OnWarning != nil {
				s.doc.options.OnWarning(v)
			}
			continue
		}
		out = append(out, v)
	}
	if len(out) == 0 { // warnings only
		return nil
	}
	return out
}

// shown is the value at an offset as part of a message, if it is short.
func (s *state) shown(at int) string {
	if kindOf[s.data[at]]&(kindObject|kindArray) != 0 {
		return ""
	}
	if end := scan.Skip(s.data, at); end-at <= 60 {
		return ", not " + string(s.data[at:end])
	}
	return ""
}
