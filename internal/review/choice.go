package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// bare reports whether a schema is a choice and nothing else, null aside.
func (f *flat) bare(by *flattener) bool {
	return f.ofBranches(by) && f.untold()
}

// untold reports whether a schema says nothing but types and choices.
func (f *flat) untold() bool {
	return f.enum == nil && len(f.props) == 0 && f.items == nil && f.rest == nil && !f.closed && len(f.required) == 0 &&
		len(f.counts) == 0 && len(f.facts) == 0 && len(f.formats) == 0 && len(f.prefix) == 0 && len(f.patterns) == 0 && len(f.nots) == 0 && len(f.conditions) == 0 &&
		f.min.at == nil && f.max.at == nil && !f.unique
}

// union deals with a schema that became a choice, or was one, as a whole:
// comparing keywords would list everything that the branches say. It reports
// whether it did.
func (c *facets) union() bool {
	old, now := c.old, c.now
	switch {
	case len(old.choices) == 0 && now.bare(c.head):
		if c.typesAlone(c.head, now, old) {
			return true
		}
		for _, branch := range now.choices[0].branches {
			if c.quietly(c.a, branch) {
				e := widens("a client meets a kind of value that it does not know")
				if now.ambiguous(c.head, now.choices[0], branch) {
					e.client = Undecided
					e.why += "; what fits two branches of oneOf is refused"
				}
				c.nulls()
				c.report("choice-widened", "other schemas are possible here now", c.base.briefly(c.a), c.branchNames(c.head, now.choices[0]), e)
				return true
			}
		}
	case len(now.choices) == 0 && old.bare(c.base):
		if c.typesAlone(c.base, old, now) {
			return true
		}
		for _, branch := range old.choices[0].branches {
			if c.quietly(branch, c.b) {
				e := narrows("a client that sends one of the others is refused now")
				if old.ambiguous(c.base, old.choices[0], branch) {
					e.server = Undecided
					e.why += "; what fitted two branches of oneOf was refused"
				}
				c.nulls()
				f := found{rule: "choice-narrowed", at: c.at, message: "only one of the schemas is possible here now", old: c.branchNames(c.base, old.choices[0]), new: c.head.briefly(c.b),
					base: c.work.spotted(c.a, "choice-narrowed", ""), head: c.work.spotted(c.b, "choice-narrowed", ""), effect: e}
				if others := slices.DeleteFunc(slices.Clone(old.choices[0].branches), func(b *openapi.SchemaRef) bool { return b == branch }); len(others) == 1 {
					f.base = posOf(others[0])
				}
				c.tell(f)
				return true
			}
		}
	default:
		return false
	}
	c.report("choice-changed", "what was "+c.base.briefly(c.a)+" is "+c.head.briefly(c.b)+" now", c.schemaText(c.base, c.a), c.schemaText(c.head, c.b), c.unionEffect())
	return true
}

// typesAlone reports whether a choice says no more than a list of types, and the
// other side says that.
func (c *facets) typesAlone(by *flattener, choosing, other *flat) bool {
	list, ok := by.plainTypes(choosing.choices[0])
	if !ok || !other.untold() || list|choosing.types&nullType != other.types {
		return false
	}
	c.annotations()
	return true
}

// unionEffect is what it does that a choice stands where none of its branches
// stood, or the reverse. The branches that may have to do with the schema tell.
func (c *facets) unionEffect() effect {
	e := effect{why: "no branch takes all of what stood here before", serverWhy: "no branch is all of what comes here now"}
	if len(c.old.choices) == 0 {
		e.client, e.server = c.among(c.now.choices[0], c.head, c.old.types, func(branch *openapi.SchemaRef) (Verdict, Verdict) { return c.verdicts(c.a, branch) })
		if !c.now.apart(c.head, c.now.choices[0]) {
			e.client = max(e.client, Undecided)
		}
		e.serverWhy = "a client meets a kind of value that it does not know"
		return e
	}
	e.server, e.client = c.among(c.old.choices[0], c.base, c.now.types, func(branch *openapi.SchemaRef) (Verdict, Verdict) {
		client, server := c.verdicts(branch, c.b)
		return server, client
	})
	if !c.old.apart(c.base, c.old.choices[0]) {
		e.server = max(e.server, Undecided)
	}
	e.why = "a client that sends one of the others is refused now"
	return e
}

// among is the verdict for a value of the schema that is to fit one of the
// branches, and for a value of any branch that is to fit the schema.
func (c *facets) among(of choice, by *flattener, whole types, compare func(branch *openapi.SchemaRef) (into, out Verdict)) (into, out Verdict) {
	into = Breaks
	possible := 0
	for _, branch := range of.branches {
		v, w := compare(branch)
		into, out = min(into, v), max(out, w)
		if by.of(branch).types&whole != 0 {
			possible++
		}
	}
	if into == Breaks && possible > 1 {
		into = Undecided // together they may take what each of them does not
	}
	return into, out
}

// verdicts are those for values that the client sends, and that the server sends,
// if one schema takes the place of another. A pair whose verdicts are being worked out
// is taken to be the same: a value that holds itself differs where something else does.
func (d *schemas) verdicts(a, b *openapi.SchemaRef) (client, server Verdict) {
	if a.Value == nil || b.Value == nil {
		return d.verdictsAt(a, b, spot{})
	}
	pair := [2]*openapi.Schema{a.Value, b.Value}
	if known, ok := d.work.verdicts[pair]; ok {
		return known[0], known[1]
	}
	if at := slices.Index(d.work.asked, pair); at >= 0 {
		d.work.assumed = min(d.work.assumed, at)
		return OK, OK
	}
	mine, before := len(d.work.asked), d.work.assumed
	d.work.asked, d.work.assumed = append(d.work.asked, pair), mine
	client, server = d.verdictsAt(a, b, spot{})
	d.work.asked = d.work.asked[:mine]
	if d.work.assumed >= mine { // otherwise it is true only for who asks
		d.work.verdicts[pair] = [2]Verdict{client, server}
	}
	d.work.assumed = min(d.work.assumed, before)
	return client, server
}

func (d *schemas) verdictsAt(a, b *openapi.SchemaRef, at spot) (client, server Verdict) {
	inner := &schemas{base: d.base, head: d.head, depth: d.depth + 1, renamed: d.renamed, work: d.work, seen: map[[2]*openapi.Schema]bool{}}
	inner.out = func(f found) {
		client, server = max(client, f.effect.client), max(server, f.effect.server)
	}
	inner.compare(a, b, at)
	return client, server
}

// nulls compares whether null is valid, which a choice says beside its branches.
func (c *facets) nulls() {
	old, now := c.old.types&nullType, c.now.types&nullType
	if old != now {
		saved := c.old
		was := *c.now
		was.types = was.types&^nullType | old
		c.old = &was
		c.types()
		c.old = saved
	}
}

func (c *facets) schemaText(f *flattener, ref *openapi.SchemaRef) string {
	if s := f.of(ref); len(s.choices) > 0 {
		return c.branchNames(f, s.choices[0])
	}
	return f.briefly(ref)
}

func (c *facets) branchNames(f *flattener, of choice) string {
	names := make([]string, len(of.branches))
	for i, b := range of.branches {
		names[i] = f.briefly(b)
	}
	slices.Sort(names)
	return shown(strings.Join(names, " | "))
}

// ofBranches reports whether the types of a schema are those of its branches, null
// aside, so that whatever differs there the branches tell.
func (f *flat) ofBranches(by *flattener) bool {
	if len(f.choices) != 1 {
		return false
	}
	var union types
	for _, b := range f.choices[0].branches {
		union |= by.of(b).types
	}
	return f.types|nullType == union|nullType
}

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

// discriminator compares what tells the branches apart.
func (c *facets) discriminator() {
	old, now := c.old.discriminator, c.now.discriminator
	switch {
	case old == nil && now == nil:
	case old == nil:
		c.report("discriminator-added", "a discriminator was added: "+now.PropertyName, "", now.PropertyName, narrows("values without it, or with a value it does not know, are refused now"))
	case now == nil:
		c.report("discriminator-removed", "the discriminator "+old.PropertyName+" was removed", old.PropertyName, "", widens("a client cannot tell the branches apart by it any more"))
	case old.PropertyName != now.PropertyName:
		c.report("discriminator-changed", "the discriminator is "+now.PropertyName+" now", old.PropertyName, now.PropertyName, shifts("the branches are told apart by another property"))
	default:
		c.mapping(old, now)
	}
}

func (c *facets) mapping(old, now *openapi.Discriminator) {
	a, b := mapped(old, c.old.choices), mapped(now, c.now.choices)
	for _, value := range slices.Sorted(maps.Keys(a)) {
		switch to, has := b[value]; {
		case !has && !holds(c.now.choices, a[value]): // the branch is gone, which is said
		case !has:
			c.report("discriminator-value-removed", "the discriminator does not know "+value+" any more", value, "", narrows("a client that sends "+value+" is refused now"))
		case to != a[value] && c.renamed[a[value]] != to:
			c.report("discriminator-value-changed", "the discriminator's "+value+" means "+to+" now", value+" "+a[value], value+" "+to, shifts("the same value means another schema"))
		}
	}
	for _, value := range slices.Sorted(maps.Keys(b)) {
		if _, had := a[value]; !had && holds(c.old.choices, b[value]) {
			c.report("discriminator-value-added", "the discriminator knows "+value+" now", "", value, widens("a client meets "+value+", which it does not know"))
		}
	}
}

// holds reports whether a component is a branch of a choice.
func holds(choices []choice, name string) bool {
	return slices.ContainsFunc(choices, func(c choice) bool {
		return slices.ContainsFunc(c.branches, func(b *openapi.SchemaRef) bool { return refName(b) == name })
	})
}

// mapped are all values of a discriminator, those that follow from names too
// (OpenAPI 3.0.3, section 4.7.25).
func mapped(d *openapi.Discriminator, choices []choice) map[string]string {
	out := map[string]string{}
	named := map[string]bool{}
	for value, ref := range d.Mapping {
		out[value] = strings.TrimPrefix(ref, schemaPrefix)
		named[out[value]] = true
	}
	for _, c := range choices {
		for _, b := range c.branches {
			if name := refName(b); name != "" && !named[name] {
				out[name] = name
			}
		}
	}
	return out
}

// ambiguous reports whether a value may fit a branch of oneOf and another one,
// which makes it invalid. A discriminator picks one.
func (f *flat) ambiguous(by *flattener, of choice, branch *openapi.SchemaRef) bool {
	if !of.exclusive || f.discriminator != nil {
		return false
	}
	for _, other := range of.branches {
		if other != branch && !by.disjoint(branch, other, 0) {
			return true
		}
	}
	return false
}

// apart reports whether it is certain that no value fits two branches.
func (f *flat) apart(by *flattener, of choice) bool {
	of.exclusive = true
	return !slices.ContainsFunc(of.branches, func(b *openapi.SchemaRef) bool { return f.ambiguous(by, of, b) })
}

// disjoint reports whether it is certain that no value fits both schemas.
func (f *flattener) disjoint(x, y *openapi.SchemaRef, depth int) bool {
	if x.Value == nil || y.Value == nil {
		return false
	}
	pair := [2]*openapi.Schema{x.Value, y.Value}
	if apart, known := f.apart[pair]; known {
		return apart
	}
	if len(f.apart) >= maxApart {
		return false
	}
	f.apart[pair] = false // while it is not known
	apart := f.exclusive(f.of(x), f.of(y), depth)
	f.apart[pair] = apart
	return apart
}

func (f *flattener) exclusive(a, b *flat, depth int) bool {
	common := a.types & b.types
	if common == 0 {
		return true
	}
	if a.enum != nil && b.enum != nil && len(intersect(a.enum, b.enum)) == 0 {
		return true
	}
	if common != objectType || depth > maxTextDepth {
		return false
	}
	for name := range a.required {
		if b.closed && b.props[name] == nil && len(b.patterns) == 0 {
			return true
		}
		if b.required[name] && a.props[name] != nil && b.props[name] != nil && f.disjoint(a.props[name], b.props[name], depth+1) {
			return true
		}
	}
	for name := range b.required {
		if a.closed && a.props[name] == nil && len(a.patterns) == 0 {
			return true
		}
	}
	return false
}
