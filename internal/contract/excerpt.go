package contract

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// Fingerprints returns, for each operation as "GET /users", what tells whether
// anything that it is made of has changed: the operation, its path, and every
// component that it leads to, descriptions included. Operations of two contracts
// with the same fingerprint are the same. It fails only for a contract that had
// errors.
func (c *Contract) Fingerprints() (map[string]string, error) {
	if c.bundle == nil {
		return nil, fmt.Errorf("%s has errors", c.File)
	}
	own := map[*target][]byte{}
	hash := func(vs ...*value) []byte {
		p := &printer{}
		for _, v := range vs {
			if v != nil {
				p.value(v)
			}
		}
		sum := sha256.Sum256(p.out.Bytes())
		return sum[:]
	}
	shared := hash(c.bundle.root.get("security"), c.bundle.root.get("servers"))
	out := map[string]string{}
	c.eachOperation(func(path *valueField, method string, op *value) {
		parts := []*value{op, path.value.get("parameters"), path.value.get("servers")}
		sum := sha256.New()
		sum.Write(shared)
		sum.Write(hash(parts...))
		for _, t := range reachable(parts) {
			if own[t] == nil {
				own[t] = append([]byte(t.path()), hash(t.value)...)
			}
			sum.Write(own[t])
		}
		out[strings.ToUpper(method)+" "+path.name] = string(sum.Sum(nil))
	})
	return out, nil
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
// the components that they lead to. It fails only for a contract that had errors.
func (c *Contract) Excerpt(keep func(method, path string) bool) ([]byte, error) {
	if c.bundle == nil {
		return nil, fmt.Errorf("%s has errors", c.File)
	}
	root := *c.bundle.whole()
	root.fields = slices.Clone(root.fields)
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
