package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// choose compares oneOf and anyOf, and what is only compared as text.
func (c *facets) choose() {
	old, now := c.old, c.now
	for i := range min(len(old.choices), len(now.choices)) {
		c.branches(old.choices[i], now.choices[i])
	}
	if len(old.choices) != len(now.choices) {
		e := narrows("values must fit a further choice now")
		if len(old.choices) > len(now.choices) {
			e = widens("a client meets values that fit none of the old branches")
		}
		c.report("choice-changed", "the number of choices changed", strconv.Itoa(len(old.choices)), strconv.Itoa(len(now.choices)), e)
	}
	if a, b := c.hashes(c.base, old.nots), c.hashes(c.head, now.nots); a != b {
		e := unclear("what not excludes changed")
		switch {
		case a == "":
			e = narrows("values that not excludes are refused now")
		case b == "":
			e = widens("a client meets values that were excluded")
		}
		c.report("not-changed", "not changed", shown(a), shown(b), e)
	}
	if a, b := strings.Join(old.conditions, "\n"), strings.Join(now.conditions, "\n"); a != b {
		c.report("condition-changed", "a condition changed (if, contains, dependentRequired or the like)", shown(a), shown(b), unclear("conditions cannot be compared by machine"))
	}
}

func (c *facets) hashes(f *flattener, refs []*openapi.SchemaRef) string {
	var out []string
	for _, r := range refs {
		out = append(out, f.hash(r))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// branches pairs the branches of two choices: by name, by meaning, and the last
// ones left over with each other.
func (c *facets) branches(old, now choice) {
	word := map[bool]string{true: "oneOf", false: "anyOf"}
	if old.exclusive != now.exclusive {
		e := unclear("values that fit several branches are judged differently now")
		if c.old.apart(c.base, old) && c.now.apart(c.head, now) {
			e = effect{} // there are none
		}
		c.report("choice-kind-changed", word[old.exclusive]+" became "+word[now.exclusive], word[old.exclusive], word[now.exclusive], e)
	}
	left, right := slices.Clone(old.branches), slices.Clone(now.branches)
	many := len(left) > few || len(right) > few
	pair := func(same func(a, b *openapi.SchemaRef) bool) {
		for i := 0; i < len(left); i++ {
			j := slices.IndexFunc(right, func(b *openapi.SchemaRef) bool { return same(left[i], b) })
			if j < 0 {
				continue
			}
			at := c.below(cmp.Or(refName(right[j]), right[j].Value.Title, branchName(c.base, left[i], old.branches)))
			at.blurred = at.blurred || c.old.ambiguous(c.base, old, left[i]) || c.now.ambiguous(c.head, now, right[j])
			c.compare(left[i], right[j], at)
			left, right = slices.Delete(left, i, i+1), slices.Delete(right, j, j+1)
			i--
		}
	}
	pair(func(a, b *openapi.SchemaRef) bool {
		return refName(b) != "" && (refName(a) == refName(b) || c.renamed[refName(a)] == refName(b))
	})
	if many {
		pair(c.likelySame())
	} else {
		pair(c.quietly)
	}
	pair(func(a, b *openapi.SchemaRef) bool {
		return refName(a) == "" && refName(b) == "" && a.Value.Title != "" && a.Value.Title == b.Value.Title
	})
	if len(left) == 1 && len(right) == 1 && refName(left[0]) == "" && refName(right[0]) == "" {
		pair(func(a, b *openapi.SchemaRef) bool { return true })
	}
	for _, a := range left {
		name := c.base.briefly(a)
		e := narrows("a client that sends " + name + " is refused now")
		if !now.exclusive && many {
			e.client = Undecided
			e.why += ", unless one of the other branches takes it: there are too many to tell"
		} else if !now.exclusive && slices.ContainsFunc(now.branches, func(b *openapi.SchemaRef) bool { v, _ := c.verdicts(a, b); return v == OK }) {
			e = effect{} // another branch takes it
		}
		if c.old.ambiguous(c.base, old, a) {
			e.server = Undecided
			e.why += "; what fitted this branch and another was refused"
		}
		c.tell(found{rule: "branch-removed", at: c.at, message: "the branch " + name + " is gone from " + word[old.exclusive], old: c.branchText(c.base, a), base: posOf(a), head: c.work.spotted(c.b, "branch-removed", ""), effect: e})
	}
	for _, b := range right {
		name := c.head.briefly(b)
		e := widens("a client meets " + name + ", which it does not know")
		if !old.exclusive && many {
			e.server = Undecided
			e.why += ", unless it fits one of the other branches: there are too many to tell"
		} else if !old.exclusive && slices.ContainsFunc(old.branches, func(a *openapi.SchemaRef) bool { _, v := c.verdicts(a, b); return v == OK }) {
			e = effect{} // another branch took it
		}
		if c.now.ambiguous(c.head, now, b) {
			e.client = Undecided
			e.why += "; what fits this branch and another is refused"
		}
		c.tell(found{rule: "branch-added", at: c.at, message: "the branch " + name + " is new in " + word[now.exclusive], new: c.branchText(c.head, b), base: c.work.spotted(c.a, "branch-added", ""), head: posOf(b), effect: e})
	}
}

// likelySame is quietly for those who compare each of many schemas with each: what
// does not look the same is not, and no schema is compared with all of those that do.
func (c *facets) likelySame() func(a, b *openapi.SchemaRef) bool {
	tried := map[*openapi.SchemaRef]int{}
	return func(a, b *openapi.SchemaRef) bool {
		if tried[a] >= few || c.base.sketch(a) != c.head.sketch(b) {
			return false
		}
		tried[a]++
		return c.quietly(a, b)
	}
}

// branchName tells a branch without a name from the others by what it says, not by
// its number: the order of branches means nothing.
func branchName(f *flattener, branch *openapi.SchemaRef, all []*openapi.SchemaRef) string {
	name := f.of(branch).types.String()
	for _, other := range all {
		if other != branch && f.of(other).types.String() == name {
			sum := sha256.Sum256([]byte(f.hash(branch)))
			return name + " " + hex.EncodeToString(sum[:3])
		}
	}
	return name
}

// branchText tells branches without a name apart.
func (c *facets) branchText(f *flattener, ref *openapi.SchemaRef) string {
	return cmp.Or(refName(ref), shown(f.hash(ref)))
}
