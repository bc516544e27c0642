package contract

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/diag"
)

// circles finds the schemas that hold themselves through allOf alone, so that
// the same value is meant again and nothing has been said in between. They have
// a meaning here, what all of them say together, and none elsewhere: JSON Schema
// (2020-12 core, section 9.4.1) leaves undefined what a validator does. It finds
// them as Tarjan does.
type circles struct {
	list       *diag.List
	index, low map[*value]int
	stack      []*value
	done       map[*value]bool
	names      map[*value]string // of components
}

func newCircles(list *diag.List) *circles {
	return &circles{list: list, index: map[*value]int{}, low: map[*value]int{}, done: map[*value]bool{}, names: map[*value]string{}}
}

// visit looks at a schema and at those that its allOf leads to, and reports each
// circle once.
func (c *circles) visit(at *value) {
	if _, seen := c.index[at]; seen {
		return
	}
	c.index[at], c.low[at] = len(c.index), len(c.index)
	from := len(c.stack)
	c.stack = append(c.stack, at)
	for _, item := range at.get("allOf").list() {
		next := c.follow(item)
		if next == nil || c.done[next] {
			continue
		}
		if _, seen := c.index[next]; !seen {
			c.visit(next)
			c.low[at] = min(c.low[at], c.low[next])
		} else {
			c.low[at] = min(c.low[at], c.index[next])
		}
	}
	if c.low[at] < c.index[at] {
		return
	}
	circle := slices.Clone(c.stack[from:])
	c.stack = c.stack[:from]
	for _, member := range circle {
		c.done[member] = true
	}
	c.report(circle)
}

// follow returns the schema that an item of allOf is, and notes its name.
func (c *circles) follow(item *value) *value {
	next := item.resolved()
	if next == nil || next.object != schemaObject || next.kind != objectValue {
		return nil
	}
	for item.kind == refValue {
		if item.ref.value == next {
			c.names[next] = item.ref.name
		}
		item = item.ref.value
	}
	return next
}

// report says where one of the schemas in a circle leads back to it; a schema
// that does not lead to itself is none.
func (c *circles) report(members []*value) {
	slices.SortFunc(members, func(a, b *value) int {
		return cmp.Or(cmp.Compare(a.pos.File, b.pos.File), cmp.Compare(a.pos.Line, b.pos.Line), cmp.Compare(a.pos.Col, b.pos.Col))
	})
	within := make(map[*value]bool, len(members))
	var names []string
	for _, m := range members {
		within[m] = true
		if name := c.names[m]; name != "" {
			names = append(names, name)
		}
	}
	var back *value
	for _, m := range members {
		for _, item := range m.get("allOf").list() {
			if back == nil && item.kind == refValue && within[c.follow(item)] {
				back = item
			}
		}
	}
	if back == nil || len(names) == 0 {
		return
	}
	message := names[0] + " is in its own allOf"
	if last := len(names) - 1; last > 0 {
		message = fmt.Sprintf("%s and %s are in each other's allOf", strings.Join(names[:min(last, 5)], ", "), names[last])
	}
	pos := back.pos
	if back.raw != nil {
		pos = back.raw.pos()
	}
	c.list.Warn(ruleCircle, pos, message+", which adds nothing; other tools may follow it without end",
		"take this $ref out; where a part of the value is meant, put it under properties or items")
}
