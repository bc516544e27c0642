package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/banyan-go/banyan/schema/internal/pattern"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// compiler turns declarations into nodes. A node stands for a set of
// declarations that apply to the same place; equal sets share their node.
type compiler struct {
	doc      *Document
	decls    map[string]*decl
	byID     []*decl
	nodes    map[string]*node
	patterns map[string]*pattern.Pattern
	warnings []Fault
	lastID   uint32
	fresh    []*node                         // lowered, not finished yet
	private  atomic.Pointer[map[string]bool] // names of properties that are sensitive somewhere
	declared sync.Map                        // names of all properties
	shapes   shapes
	meanings map[*decl]*decl // see meant
	merged   int             // counts declarations against maxMerged
	full     bool            // says that a bound was met
	faults   []Fault         // of the compilation under way
	anything *node
	// unevaluated is set once a schema has such a keyword: an if without then
	// and else says nothing but to them.
	unevaluated bool
}

// maxNodes and maxMerged bound what merging allOf can make of a contract: how many
// schemas, and of how many declarations those are put together that have several.
const (
	maxNodes  = 200_000
	maxMerged = 200_000
)

func newCompiler(d *Document) *compiler {
	return &compiler{
		doc: d, decls: map[string]*decl{}, meanings: map[*decl]*decl{}, nodes: map[string]*node{}, patterns: map[string]*pattern.Pattern{},
		anything: &node{types: kindAny, accepts: kindAny, finished: true},
	}
}

// schema compiles the schema at a pointer.
func (c *compiler) schema(at string) (*node, error) {
	if at != "" && at[0] != '/' {
		return nil, Faults{c.doc.fault(at, "a JSON pointer begins with a slash")}
	}
	return c.compile(c.declare(at))
}

// compile lowers a declaration, unless something in its reach is at fault.
func (c *compiler) compile(d *decl) (*node, error) {
	c.faults = nil
	seen := map[*decl]bool{}
	c.collect(d, seen)
	if len(c.faults) == 0 {
		var names []string
		for reached := range seen {
			for _, p := range reached.properties {
				if p.decl.anySensitive() {
					names = append(names, p.name)
				}
			}
		}
		c.protect(names)
		c.fresh = nil
		n := c.lower([]*decl{d})
		c.finish()
		if len(c.faults) == 0 {
			for reached := range seen {
				reached.sound = true
			}
			c.noteNames()
			return n, nil
		}
	}
	slices.SortStableFunc(c.faults, func(a, b Fault) int { return cmp.Compare(a.Pointer, b.Pointer) })
	return nil, Faults(slices.CompactFunc(c.faults, func(a, b Fault) bool { return a == b }))
}

func (c *compiler) warningsOf() []Fault {
	slices.SortStableFunc(c.warnings, func(a, b Fault) int { return cmp.Compare(a.Pointer, b.Pointer) })
	c.warnings = slices.CompactFunc(c.warnings, func(a, b Fault) bool { return a == b })
	return slices.Clone(c.warnings)
}

// collect gathers the faults of all declarations in reach, but for those in whose
// reach there were none before: most schemas of a contract reach most others.
func (c *compiler) collect(d *decl, seen map[*decl]bool) {
	if d == nil || d.sound || seen[d] {
		return
	}
	seen[d] = true
	c.faults = append(c.faults, d.faults...)
	d.each(func(sub *decl) { c.collect(sub, seen) })
}

// each calls f with every declaration that d refers to or holds.
func (d *decl) each(f func(*decl)) {
	for _, one := range []*decl{
		d.ref, d.not, d.test, d.then, d.els, d.additional, d.propertyNames, d.items, d.contains,
		d.unevalProperties, d.unevalItems,
	} {
		if one != nil {
			f(one)
		}
	}
	for _, list := range [][]*decl{d.allOf, d.anyOf, d.oneOf, d.prefix} {
		for _, one := range list {
			f(one)
		}
	}
	for _, list := range [][]namedDecl{d.properties, d.dependSchemas} {
		for _, one := range list {
			f(one.decl)
		}
	}
	for _, one := range d.patterns {
		f(one.decl)
	}
}

// anySensitive reports whether d, or a schema that applies to the same value,
// is marked as sensitive.
func (d *decl) anySensitive() bool {
	if d == nil || d.harmless {
		return false
	}
	seen := map[*decl]bool{}
	if d.findSensitive(seen) {
		return true
	}
	for one := range seen { // they reach nothing else
		one.harmless = true
	}
	return false
}

func (d *decl) findSensitive(seen map[*decl]bool) bool {
	if d == nil || seen[d] || d.harmless {
		return false
	}
	seen[d] = true
	if d.sensitive || d.ref.findSensitive(seen) {
		return true
	}
	for _, list := range [][]*decl{d.allOf, d.anyOf, d.oneOf, {d.then, d.els}} {
		for _, one := range list {
			if one.findSensitive(seen) {
				return true
			}
		}
	}
	return false
}

// flatten lists what applies to the same value as the given declarations:
// themselves and what they reach by $ref and allOf, each once, in order.
// Declarations with unevaluated keywords only see what is inside them, so that
// beside others they stay on their own, in apart.
func (c *compiler) flatten(set []*decl) (flat, apart []*decl) {
	seen := map[*decl]bool{}
	var add func(d *decl, top bool)
	add = func(d *decl, top bool) {
		if d == nil || seen[d] {
			return
		}
		seen[d] = true
		if (d.unevalProperties != nil || d.unevalItems != nil) && !top {
			apart = append(apart, d)
			return
		}
		flat = append(flat, d)
		add(c.meant(d.ref), false)
		for _, sub := range d.allOf {
			add(c.meant(sub), false)
		}
	}
	for _, d := range set {
		add(d, len(set) == 1)
	}
	return flat, apart
}

// meant is the declaration that d is nothing but another name of: d itself where it
// says anything. What is known is kept, for there may be long chains of names.
func (c *compiler) meant(d *decl) *decl {
	var chain []*decl
	for d != nil && len(chain) <= len(c.decls) {
		if known, ok := c.meanings[d]; ok {
			d = known
			break
		}
		next, one := d.ref, len(d.allOf) == 0
		if d.ref == nil && len(d.allOf) == 1 {
			next, one = d.allOf[0], true
		}
		if next == nil || !one || d.constrains() {
			break
		}
		chain = append(chain, d)
		d = next
	}
	for _, name := range chain {
		c.meanings[name] = d
	}
	return d
}

// lower returns the node of a set of declarations.
func (c *compiler) lower(set []*decl) *node {
	if c.full {
		return c.anything // the contract cannot be used
	}
	flat, apart := c.flatten(set)
	ids := make([]int, 0, len(flat)+len(apart))
	for _, d := range append(slices.Clone(flat), apart...) {
		if d.constrains() {
			ids = append(ids, d.id)
		}
	}
	if len(ids) == 0 {
		return c.anything
	}
	slices.Sort(ids)
	key := strings.Trim(fmt.Sprint(ids), "[]")
	for _, d := range apart { // the same declarations may also be merged
		key += "|" + strconv.Itoa(d.id)
	}
	if n, ok := c.nodes[key]; ok {
		return n
	}
	c.lastID++
	n := &node{id: c.lastID, types: kindAny, at: flat0(flat, apart).at}
	c.nodes[key] = n
	if len(ids) > 1 {
		c.merged += len(ids)
	}
	if len(c.nodes) > maxNodes || c.merged > maxMerged {
		if !c.full {
			c.full = true
			c.faults = append(c.faults, c.doc.fault(n.at, "the schema's allOf combine to more than %d different schemas, or of more than %d parts", maxNodes, maxMerged))
		}
		return n
	}
	c.fresh = append(c.fresh, n)
	for _, d := range flat {
		c.scalars(n, d)
		c.inPlace(n, d, flat)
	}
	for _, d := range apart {
		n.also = append(n.also, c.lower([]*decl{d}))
	}
	c.objects(n, flat)
	c.arrays(n, flat)
	return n
}

func flat0(flat, apart []*decl) *decl {
	if len(flat) > 0 {
		return flat[0]
	}
	return apart[0]
}

// constrains reports whether d itself, its $ref and allOf left aside, says
// anything about a value.
func (d *decl) constrains() bool {
	return d.never || d.types != 0 || d.enums != nil || d.constant != nil || d.strings != nil || d.numbers != nil ||
		d.object != nil || d.array != nil || d.unique || len(d.anyOf) > 0 || len(d.oneOf) > 0 || d.not != nil ||
		d.test != nil || len(d.properties) > 0 || len(d.patterns) > 0 || d.additional != nil || d.propertyNames != nil ||
		len(d.required) > 0 || len(d.dependRequired) > 0 || len(d.dependSchemas) > 0 || len(d.prefix) > 0 ||
		d.items != nil || d.contains != nil || d.unevalProperties != nil || d.unevalItems != nil ||
		d.binary || d.readOnly || d.writeOnly || d.sensitive || d.defaultValue != nil
}

// scalars adds what d says about null, booleans, numbers and strings.
func (c *compiler) scalars(n *node, d *decl) {
	if d.never {
		n.types = 0
		r := d.rule("", "", "is not allowed")
		r.keyword = d.at[strings.LastIndexByte(d.at, '/')+1:]
		if r.keyword != "additionalProperties" && !strings.HasPrefix(r.keyword, "unevaluated") {
			r.keyword = "false"
		} else {
			r.message = "is not a property that the contract knows here"
		}
		r.weight = 3
		n.rules = append(n.rules, typeRule{0, r})
	}
	if d.types != 0 {
		n.types &= d.types
		r := d.rule("type", strings.Trim(string(d.e.get("type").raw), `"`), "must be "+d.types.nouns())
		r.weight = wrongKind
		n.rules = append(n.rules, typeRule{d.types, r})
	}
	n.binary = n.binary || d.binary
	if d.strings != nil {
		n.strings = append(n.strings, *d.strings)
	}
	if d.numbers != nil {
		n.numbers = append(n.numbers, *d.numbers)
	}
	if d.enums != nil {
		n.enums = append(n.enums, c.enum(d, "enum", d.enums))
	}
	if d.constant != nil {
		n.enums = append(n.enums, c.enum(d, "const", []*element{d.constant}))
	}
	n.readOnly = n.readOnly || d.readOnly
	n.writeOnly = n.writeOnly || d.writeOnly
	n.sensitive = n.sensitive || d.anySensitive()
	if d.defaultValue != nil && n.defaultValue == nil {
		n.defaultValue = d.defaultValue.raw
	}
}

// inPlace adds the keywords whose schemas apply to the same value.
func (c *compiler) inPlace(n *node, d *decl, flat []*decl) {
	if len(d.anyOf) > 0 && !d.among(d.anyOf, flat) {
		n.groups = append(n.groups, c.group(d, "anyOf", d.anyOf))
	}
	if len(d.oneOf) > 0 && !d.among(d.oneOf, flat) {
		n.groups = append(n.groups, c.group(d, "oneOf", d.oneOf))
	}
	if d.not != nil {
		n.nots = append(n.nots, notRule{c.lower([]*decl{d.not}), d.rule("not", "", "must not match the schema at "+d.not.at)})
	}
	if d.test != nil && (d.then != nil || d.els != nil || c.unevaluated) {
		cond := condition{test: c.lower([]*decl{d.test})}
		if d.then != nil {
			cond.then = c.lower([]*decl{d.then})
		}
		if d.els != nil {
			cond.otherwise = c.lower([]*decl{d.els})
		}
		n.conds = append(n.conds, cond)
	}
	if d.unevalProperties != nil || d.unevalItems != nil {
		n.uneval = new(unevaluated)
		if d.unevalProperties != nil {
			n.uneval.properties = c.lower([]*decl{d.unevalProperties})
		}
		if d.unevalItems != nil {
			n.uneval.items = c.lower([]*decl{d.unevalItems})
		}
	}
}

// among reports whether one of the branches of d is another schema of the set
// that d is merged with: a base with oneOf its variants, each of which has the
// base in allOf. A value that is held against the variant has been told apart
// already, and asking the base again would never end.
func (d *decl) among(branches, set []*decl) bool {
	const longest = 100 // references to references, which may go in a circle
	for _, b := range branches {
		for n := 0; b.ref != nil && !b.constrains() && n < longest; n++ {
			b = b.ref
		}
		if b != d && slices.Contains(set, b) {
			return true
		}
	}
	return false
}

// protect notes names of sensitive properties. Validations may be reading the
// names noted before.
func (c *compiler) protect(names []string) {
	if len(names) == 0 {
		return
	}
	all := map[string]bool{}
	if old := c.private.Load(); old != nil {
		maps.Copy(all, *old)
	}
	for _, name := range names {
		all[name] = true
	}
	c.private.Store(&all)
}

// isPrivate reports whether a pointer goes through a property that some schema
// of the document marks as sensitive: one schema's mark protects the value from
// the messages of all.
func (c *compiler) isPrivate(pointer string) bool {
	names := c.private.Load()
	if names == nil {
		return false
	}
	for token := range strings.SplitSeq(pointer, "/") {
		if (*names)[jsonpointer.Unescape(token)] {
			return true
		}
	}
	return false
}
