package schema

import (
	"bytes"
	"strconv"

	"github.com/banyan-go/banyan/schema/internal/scan"
)

// memoKey is a schema at a place, for a purpose; memoResult what came of it.
type memoKey struct {
	node uint32
	sink sink
	at   int
}

type memoResult struct {
	end, score int
	ok         bool
}

// compound checks a value that has to be looked at more than once. While a
// value is looked at again, results are kept: alternatives within alternatives
// then cost their number times the value's size, not a power of it.
func (s *state) compound(n *node) bool {
	if s.sink == mending {
		return s.compoundMending(n)
	}
	if !n.memo || s.rescans == 0 || s.sink == scoring && s.pos == s.root {
		return s.compoundNow(n)
	}
	key := memoKey{n.id, s.sink, s.pos}
	if r, ok := s.memo[key]; ok {
		s.pos = r.end
		s.score += r.score
		s.work -= r.end - key.at       // not looked at this time
		return r.ok || s.sink != quiet // what there was to report is reported
	}
	score := s.score
	ok := s.compoundNow(n)
	if !s.dead && len(s.memo) < maxMemo {
		s.memo[key] = memoResult{s.pos, s.score - score, ok}
	}
	return ok
}

// maxMemo bounds what is kept of one value.
const maxMemo = 1 << 18

func (s *state) compoundNow(n *node) bool {
	if !n.sensitive {
		return s.parts(n)
	}
	s.hide++
	ok := s.parts(n)
	s.hide--
	return ok
}

func (s *state) parts(n *node) bool {
	start := s.pos
	if start >= len(s.data) {
		return s.plain(n)
	}
	kind := kindOf[s.data[start]]
	if n.bare && kind != 0 {
		if only := n.groups[0].byKind[kindIndex(kind)]; len(only) == 1 {
			return s.value(n.groups[0].branches[only[0]].node)
		}
	}
	before := s.done()
	if !s.plain(n) {
		return false
	}
	end := s.pos
	if kind&n.types == 0 {
		return true // reported, and alternatives have nothing to add
	}
	if kind&(kindObject|kindArray) != 0 && !s.containerEnums(n, start) {
		return false
	}
	for _, a := range n.also {
		if !s.again(a, start) {
			return false
		}
	}
	for _, g := range n.groups {
		if !s.group(g, start, kind) {
			return false
		}
	}
	for i := range n.nots {
		if r := &n.nots[i]; s.try(r.node, start) && !s.report(start, r.rule) || s.dead {
			return false
		}
	}
	for i := range n.conds {
		if !s.condition(&n.conds[i], start) {
			return false
		}
	}
	// What has been evaluated is only known of values that are valid so far.
	if n.uneval != nil && s.done() == before && !s.unevaluated(n, start, kind) {
		return false
	}
	s.pos = end
	return true
}

// again checks the value at an offset against a further schema.
func (s *state) again(n *node, start int) bool {
	s.pos = start
	s.rescans++
	ok := s.value(n)
	s.rescans--
	return s.spend(s.pos-start) && ok
}

// spend counts the bytes that have been looked at again.
func (s *state) spend(n int) bool {
	if s.work += n + 8; s.work > s.limit {
		return s.stop(-1, tooCostly)
	}
	return true
}

// try reports whether the value at an offset, whose text has been checked,
// fits a schema. pos is undefined afterwards.
func (s *state) try(n *node, start int) bool {
	sink, depth, marks, bits := s.sink, s.depth, len(s.marks), len(s.bits)
	s.sink = quiet
	ok := s.again(n, start)
	s.sink, s.depth, s.marks, s.bits = sink, depth, s.marks[:marks], s.bits[:bits]
	return ok
}

func (s *state) containerEnums(n *node, start int) bool {
	for i := range n.enums {
		if e := &n.enums[i]; !s.hasContainer(e, start) && !s.report(start, e.rule) {
			return false
		}
	}
	return true
}

func (s *state) hasContainer(e *enumRules, start int) bool {
	if len(e.containers) == 0 {
		return false
	}
	end := s.hasher.value(s.data, start)
	sum := s.hasher.sum
	for _, c := range e.containers {
		if c.hash == sum {
			v, err := parseElement(s.data[start:end], s.doc.options.MaxDepth)
			return err == nil && v.equal(c.value)
		}
	}
	return false
}

func (s *state) condition(c *condition, start int) bool {
	branch := c.otherwise
	if s.try(c.test, start) {
		branch = c.then
	}
	if s.dead {
		return false
	}
	return branch == nil || s.again(branch, start)
}

// group checks anyOf or oneOf.
func (s *state) group(g *group, start int, kind kinds) bool {
	candidates := g.byKind[kindIndex(kind)]
	switch {
	case len(candidates) == 0 && s.sink == mending:
		return s.mendGroup(g, start)
	case len(candidates) == 0:
		return s.reportText(start, g.kind, g.kind.message+", not "+kind.nouns())
	case len(candidates) == 1:
		return s.again(g.branches[candidates[0]].node, start)
	case g.tag != nil && kind == kindObject:
		return s.tagged(g, start)
	}
	matched := -1
	for _, i := range candidates {
		ok := s.try(g.branches[i].node, start)
		if s.dead {
			return false
		}
		if !ok {
			continue
		}
		if matched >= 0 {
			return s.reportText(start, g.many, "must fit exactly one of "+strconv.Itoa(len(g.branches))+
				" alternatives, and fits both "+g.branches[matched].name+" and "+g.branches[i].name)
		}
		if matched = i; !g.exactlyOne {
			break
		}
	}
	if matched < 0 && s.sink == mending {
		return s.mendGroup(g, start)
	}
	if matched < 0 {
		return s.explain(g, candidates, start)
	}
	if s.fill && s.sink == loud {
		return s.again(g.branches[matched].node, start)
	}
	return true
}

// tagged checks the branch that the tag names, and no other.
func (s *state) tagged(g *group, start int) bool {
	at := s.memberOf(start, g.tag.name)
	if at < 0 {
		return s.reportChild(start, g.tag.name, g.tag.missing)
	}
	i := -1
	switch c := s.data[at]; {
	case c == '"':
		end, shape, _ := scan.String(s.data, at+1)
		text := s.data[at+1 : end]
		if shape&scan.Escaped != 0 {
			s.scratch = scan.Unescape(s.scratch[:0], text)
			text = s.scratch
		}
		i = g.tag.values.Find(text)
	case c != '{' && c != '[' && c != 'n': // a number, true or false
		end := at + bytes.IndexAny(s.data[at:], ",} \t\r\n")
		i = g.tag.values.Find(s.data[at:end])
	}
	if i < 0 {
		return s.report(at, g.tag.unknown)
	}
	return s.again(g.branches[g.tag.branches[i]].node, start)
}

// memberOf returns the offset of a member's value in the valid object at an
// offset; -1 when there is none.
func (s *state) memberOf(start int, name string) int {
	data := s.data
	i := scan.Space(data, start+1)
	from := i
	for data[i] != '}' {
		end, shape, _ := scan.String(data, i+1)
		key := data[i+1 : end]
		if shape&scan.Escaped != 0 {
			s.key = scan.Unescape(s.key[:0], key)
			key = s.key
		}
		i = scan.Space(data, scan.Space(data, end+1)+1)
		if string(key) == name {
			s.work += i - from
			return i
		}
		if i = scan.Space(data, scan.Skip(data, i)); data[i] == ',' {
			i = scan.Space(data, i+1)
		}
	}
	s.work += i - from
	return -1
}

// explain reports that no branch fits, and what keeps the value from the one
// that it comes nearest to.
func (s *state) explain(g *group, candidates []int, start int) bool {
	if s.sink != loud {
		return s.report(start, g.none)
	}
	if s.explained == maxExplained {
		return s.reportText(start, g.none, "fits none of "+strconv.Itoa(len(g.branches))+" alternatives")
	}
	s.explained++
	defer func() { s.explained-- }()
	best, lowest := -1, 0
	for _, i := range candidates {
		score := s.distance(g.branches[i].node, start)
		if s.dead {
			return false
		}
		if best < 0 || score < lowest {
			best, lowest = i, score
		}
	}
	name := g.branches[best].name
	if !s.reportText(start, g.none, "fits none of "+strconv.Itoa(len(g.branches))+" alternatives; the nearest is "+name+", of which the next violations tell") {
		return false
	}
	return s.again(g.branches[best].node, start)
}

// maxExplained bounds how many alternatives within alternatives are compared.
const maxExplained = 4

// distance weighs what is wrong with the value for a schema.
func (s *state) distance(n *node, start int) int {
	sink, depth, marks, bits := s.sink, s.depth, len(s.marks), len(s.bits)
	s.sink, s.score, s.root = scoring, 0, start
	s.again(n, start)
	s.sink, s.depth, s.marks, s.bits = sink, depth, s.marks[:marks], s.bits[:bits]
	return s.score
}
