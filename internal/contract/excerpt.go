package contract

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Touched are the operations, as "GET /users", of two versions of a contract that
// are not the same to the letter: the operation, its path, or a component that it
// leads to, descriptions included. Those that only one of the two has are among
// them. It fails only for a contract that had errors.
func Touched(was, is *Contract) (map[string]bool, error) {
	for _, c := range []*Contract{was, is} {
		if c.bundle == nil {
			return nil, fmt.Errorf("%s has errors", c.File)
		}
	}
	var before, after *outline
	var both sync.WaitGroup
	both.Go(func() { before = was.outline() })
	both.Go(func() { after = is.outline() })
	both.Wait()
	out := map[string]bool{}
	for _, pair := range [][2]*outline{{before, after}, {after, before}} {
		one, other := pair[0], pair[1]
		changed := map[string]bool{}
		var queue []string
		for name, p := range one.components {
			if q, has := other.components[name]; !has || p.sum != q.sum {
				changed[name] = true
				queue = append(queue, name)
			}
		}
		holders := map[string][]string{}
		for name, p := range one.components {
			for _, to := range p.refs {
				holders[to] = append(holders[to], name)
			}
		}
		for len(queue) > 0 {
			name := queue[0]
			queue = queue[1:]
			for _, holder := range holders[name] {
				if !changed[holder] {
					changed[holder] = true
					queue = append(queue, holder)
				}
			}
		}
		for op, p := range one.operations {
			q, has := other.operations[op]
			if !has || p.sum != q.sum || slices.ContainsFunc(p.refs, func(name string) bool { return changed[name] }) {
				out[op] = true
			}
		}
	}
	return out, nil
}

// Paired returns what tells of an operation, as "GET /users/{id}", whether both
// contracts have it, whatever the parameters in its path are called.
func Paired(was, is *Contract) func(operation string) bool {
	var sides [2]map[string]bool
	for i, c := range []*Contract{was, is} {
		sides[i] = map[string]bool{}
		if c.bundle != nil {
			c.eachOperation(func(path *valueField, method string, _ *value) {
				sides[i][unnamed(strings.ToUpper(method)+" "+path.name)] = true
			})
		}
	}
	return func(operation string) bool {
		operation = unnamed(operation)
		return sides[0][operation] && sides[1][operation]
	}
}

var inBraces = regexp.MustCompile(`\{[^{}/]*\}`)

// unnamed is an operation's method and path without the names of its parameters.
func unnamed(operation string) string { return inBraces.ReplaceAllString(operation, "{}") }

// outline tells what the parts of a contract say, and which components they name.
type outline struct{ operations, components map[string]part }

type part struct {
	sum  [sha256.Size]byte
	refs []string
}

func (c *Contract) outline() *outline {
	out := &outline{operations: map[string]part{}, components: map[string]part{}}
	p := &printer{}
	sum := func(vs ...*value) (out part) {
		p.out.Reset()
		for _, v := range vs {
			if v != nil {
				p.value(v)
				componentsIn(v, &out.refs)
			}
			p.out.WriteByte(0)
		}
		out.sum = sha256.Sum256(p.out.Bytes())
		return out
	}
	for _, section := range c.bundle.components {
		for _, t := range section {
			out.components[t.path()] = sum(t.value)
		}
	}
	shared := []*value{c.bundle.root.get("security"), c.bundle.root.get("servers")}
	c.eachOperation(func(path *valueField, method string, op *value) {
		out.operations[strings.ToUpper(method)+" "+path.name] = sum(append(shared, op, path.value.get("parameters"), path.value.get("servers"))...)
	})
	return out
}

// componentsIn collects the components that a value names.
func componentsIn(v *value, out *[]string) {
	if v == nil {
		return
	}
	if v.ref != nil {
		*out = append(*out, v.ref.path())
	}
	for i := range v.fields {
		componentsIn(v.fields[i].value, out)
	}
	for _, item := range v.items {
		componentsIn(item, out)
	}
}

func (c *Contract) eachOperation(visit func(path *valueField, method string, op *value)) {
	paths := c.bundle.root.get("paths")
	if paths == nil {
		return
	}
	for i := range paths.fields {
		path := &paths.fields[i]
		if path.value.kind != objectValue {
			continue
		}
		for _, method := range methods {
			if op := path.value.get(method); op != nil && op.kind == objectValue {
				visit(path, method, op)
			}
		}
	}
}

// Excerpt returns the bundled document with those operations that keep wants, and
// the components that they lead to. Webhooks are no operations of paths, and left
// out. It fails only for a contract that had errors.
func (c *Contract) Excerpt(keep func(method, path string) bool) ([]byte, error) {
	if c.bundle == nil {
		return nil, fmt.Errorf("%s has errors", c.File)
	}
	root := *c.bundle.whole()
	root.fields = slices.Clone(root.fields)
	root.drop("webhooks")
	paths := &value{kind: objectValue, object: pathsObject, pos: root.pos}
	var kept []*value
	c.eachOperation(func(path *valueField, method string, _ *value) {
		if !keep(strings.ToUpper(method), path.name) || paths.get(path.name) != nil {
			return
		}
		item := *path.value
		item.fields = slices.DeleteFunc(slices.Clone(item.fields), func(f valueField) bool {
			return slices.Contains(methods, f.name) && !keep(strings.ToUpper(f.name), path.name)
		})
		paths.set(path.name, path.pos, &item)
		kept = append(kept, &item)
	})
	components := &value{kind: objectValue, object: componentsObject, pos: root.pos}
	for _, t := range append(reachable(kept), c.bundle.components[securityScheme.section]...) {
		section := components.get(t.object.section)
		if section == nil {
			section = &value{kind: mapValue, pos: root.pos}
			components.set(t.object.section, root.pos, section)
		}
		section.set(t.name, t.value.pos, t.value)
	}
	root.set("paths", root.pos, paths)
	root.set("components", root.pos, components)
	p := &printer{}
	p.document(&root, "")
	return p.out.Bytes(), nil
}

// reachable are the components that values lead to, in a fixed order.
func reachable(from []*value) []*target {
	seen := map[*target]bool{}
	var out []*target
	var walk func(v *value)
	walk = func(v *value) {
		if v == nil {
			return
		}
		if v.ref != nil && !seen[v.ref] {
			seen[v.ref] = true
			out = append(out, v.ref)
			walk(v.ref.value)
		}
		for i := range v.fields {
			walk(v.fields[i].value)
		}
		for _, item := range v.items {
			walk(item)
		}
	}
	for _, v := range from {
		walk(v)
	}
	slices.SortFunc(out, func(a, b *target) int { return strings.Compare(a.path(), b.path()) })
	return out
}
