package contract

import "strings"

// Knotted are the operations, as "GET /users", that lead to components which
// refer to each other in a circle with more than limit branches of choices (oneOf,
// anyOf) in it, or to a choice of more than wide schemas. Whoever looks at such a circle way by way, or holds
// each schema of such a choice against each, is not done in a lifetime.
func (c *Contract) Knotted(limit, wide int) map[string]bool {
	out := map[string]bool{}
	if c.bundle == nil {
		return out
	}
	knots := &knots{limit: limit, wide: wide, index: map[*target]int{}, low: map[*target]int{}, leads: map[*target]bool{}}
	c.eachOperation(func(path *valueField, method string, op *value) {
		for _, v := range []*value{op, path.value.get("parameters")} {
			if widest(v) > wide {
				out[strings.ToUpper(method)+" "+path.name] = true
			}
			for _, t := range targetsIn(v, nil) {
				if knots.visit(t) {
					out[strings.ToUpper(method)+" "+path.name] = true
				}
			}
		}
	})
	return out
}

// knots finds circles as Tarjan does: components that reach each other are
// popped from the stack together.
type knots struct {
	limit      int
	wide       int
	index, low map[*target]int
	stack      []*target
	leads      map[*target]bool // to a knot; known once a component left the stack
}

func (k *knots) visit(t *target) bool {
	if _, seen := k.index[t]; seen {
		return k.leads[t]
	}
	k.index[t], k.low[t] = len(k.index), len(k.index)
	at := len(k.stack)
	k.stack = append(k.stack, t)
	leads := widest(t.value) > k.wide
	for _, next := range targetsIn(t.value, nil) {
		if _, seen := k.index[next]; !seen {
			leads = k.visit(next) || leads
			k.low[t] = min(k.low[t], k.low[next])
		} else if done, known := k.leads[next]; known {
			leads = leads || done
		} else {
			k.low[t] = min(k.low[t], k.index[next])
		}
	}
	if k.low[t] < k.index[t] {
		return leads
	}
	circle := k.stack[at:]
	k.stack = k.stack[:at]
	if branches := 0; len(circle) > 1 || leadsTo(t, t) {
		for _, member := range circle {
			branches += branchesIn(member.value)
		}
		leads = leads || branches > k.limit
	}
	for _, member := range circle {
		k.leads[member] = leads
	}
	return leads
}

func leadsTo(from, to *target) bool {
	for _, t := range targetsIn(from.value, nil) {
		if t == to {
			return true
		}
	}
	return false
}

// targetsIn collects the components that a value refers to.
func targetsIn(v *value, out []*target) []*target {
	if v == nil {
		return out
	}
	if v.ref != nil {
		out = append(out, v.ref)
	}
	for i := range v.fields {
		out = targetsIn(v.fields[i].value, out)
	}
	for _, item := range v.items {
		out = targetsIn(item, out)
	}
	return out
}

// branchesIn counts the schemas of all choices in a value.
func branchesIn(v *value) (n int) {
	choicesIn(v, func(branches int) { n += branches })
	return n
}

// widest is how many schemas the choice in a value has that has the most.
func widest(v *value) (n int) {
	choicesIn(v, func(branches int) { n = max(n, branches) })
	return n
}

// choicesIn visits the choices in a value with the number of their schemas.
func choicesIn(v *value, visit func(branches int)) {
	if v == nil {
		return
	}
	if v.kind == objectValue && v.object == schemaObject {
		for _, name := range []string{"oneOf", "anyOf"} {
			if list := v.get(name); list != nil {
				visit(len(list.items))
			}
		}
	}
	for i := range v.fields {
		choicesIn(v.fields[i].value, visit)
	}
	for _, item := range v.items {
		choicesIn(item, visit)
	}
}
