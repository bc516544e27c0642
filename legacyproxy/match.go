package legacyproxy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// span is a range of whole numbers, both ends included.
type span struct{ lo, hi int64 }

// spans is a set of ranges; an empty one stands for no condition at all.
type spans []span

func (s spans) contains(n int64) bool {
	return slices.ContainsFunc(s, func(r span) bool { return r.lo <= n && n <= r.hi })
}

// covers reports whether every number of t is in s. Touching ranges of s
// count as one.
func (s spans) covers(t spans) bool {
	for _, want := range t {
		next := want.lo
		for next <= want.hi {
			i := slices.IndexFunc(s, func(r span) bool { return r.lo <= next && next <= r.hi })
			if i < 0 {
				return false
			}
			next = s[i].hi + 1
		}
	}
	return true
}

// statusSet is what a rule's status names: 404, 5xx, 400-499, or a list of
// these.
type statusSet struct {
	config.At
	spans
}

// UnmarshalConfig implements config.Unmarshaler.
func (s *statusSet) UnmarshalConfig(n *config.Node) {
	s.Pos = n.Pos()
	each(n, func(item *config.Node) {
		text := item.Text()
		if r, ok := parseStatus(text); ok {
			s.spans = append(s.spans, r)
			return
		}
		if item.Kind() != config.Scalar {
			text = item.Kind().String()
		}
		item.Faultf("", "status: want a status such as 404, a class such as 5xx or a range such as 400-499, found %s", text)
	})
}

// each visits the items of a list, or a single value that stands for a list of
// one.
func each(n *config.Node, visit func(*config.Node)) {
	if n.Kind() != config.Sequence {
		visit(n)
		return
	}
	var items []visited
	n.Decode(&items)
	for _, item := range items {
		visit(item.node)
	}
	if len(items) == 0 {
		n.Faultf("name at least one, or leave the key out", "the list is empty")
	}
}

// visited keeps the node of an item for a visit.
type visited struct{ node *config.Node }

// UnmarshalConfig implements config.Unmarshaler.
func (v *visited) UnmarshalConfig(n *config.Node) { v.node = n }

func parseStatus(text string) (span, bool) {
	one := func(s string) (int64, bool) {
		n, err := strconv.ParseInt(s, 10, 64)
		return n, err == nil && len(s) == 3 && 200 <= n && n <= 599
	}
	if n, ok := one(text); ok {
		return span{n, n}, true
	}
	if len(text) == 3 && '2' <= text[0] && text[0] <= '5' && strings.EqualFold(text[1:], "xx") {
		n := 100 * int64(text[0]-'0')
		return span{n, n + 99}, true
	}
	from, to, _ := strings.Cut(text, "-")
	lo, okLo := one(strings.TrimSpace(from))
	hi, okHi := one(strings.TrimSpace(to))
	return span{lo, hi}, okLo && okHi && lo <= hi
}

// success reports whether nothing but successes is in the set.
func (s statusSet) success() bool { return len(s.spans) > 0 && spans{{200, 299}}.covers(s.spans) }

// maySucceed reports whether some success is in the set.
func (s statusSet) maySucceed() bool {
	return slices.ContainsFunc(s.spans, func(r span) bool { return r.lo <= 299 })
}

// codeSet is a set of an envelope's codes: 40001, out_of_stock, 40000-40999, or
// a list of these. They are texts: PHP writes the same code as a number here
// and as a string there, so 40001 and "40001" are one code.
type codeSet struct {
	config.At
	exact  []string
	ranges spans
	items  []codeItem
}

// codeItem is one item as it was written.
type codeItem struct {
	pos  config.Pos
	text string
}

// UnmarshalConfig implements config.Unmarshaler.
func (c *codeSet) UnmarshalConfig(n *config.Node) {
	c.Pos = n.Pos()
	each(n, func(item *config.Node) {
		if item.Kind() != config.Scalar {
			item.Faultf("", "want a code such as 40001, out_of_stock or 40000-40999, found %s", item.Kind())
			return
		}
		text := item.Text()
		r, isRange := parseCodes(text)
		switch {
		case !isRange:
			c.exact = append(c.exact, text)
		case r.lo > r.hi:
			item.Faultf("write the smaller number first", "the range %s is empty", text)
			return
		default:
			c.ranges = append(c.ranges, r)
		}
		c.items = append(c.items, codeItem{item.Pos(), text})
	})
}

// parseCodes reads a range of codes, such as 40000-40999.
func parseCodes(text string) (span, bool) {
	from, to, ok := strings.Cut(text, "-")
	lo, err1 := strconv.ParseInt(strings.TrimSpace(from), 10, 64)
	hi, err2 := strconv.ParseInt(strings.TrimSpace(to), 10, 64)
	return span{lo, hi}, ok && err1 == nil && err2 == nil && lo >= 0
}

func (c *codeSet) empty() bool { return len(c.items) == 0 }

func (c *codeSet) matches(text string) bool {
	if slices.Contains(c.exact, text) {
		return true
	}
	if len(c.ranges) == 0 {
		return false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && c.ranges.contains(n)
}

// covers reports whether c has every code of d.
func (c *codeSet) covers(d *codeSet) bool {
	return c.ranges.covers(d.ranges) && !slices.ContainsFunc(d.exact, func(text string) bool { return !c.matches(text) })
}
