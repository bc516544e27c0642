package review

import (
	"slices"
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
