package review

// problemBodyField says how a service writes the errors that it answers by itself.
const problemBodyField = "x-problem-body"

// problemBody compares the form of errors. What contracts declare of answers, it
// need not show: the form is where no schema is strict.
func (c *comparison) problemBody() {
	old, had := c.base.Extensions[problemBodyField]
	now, has := c.head.Extensions[problemBodyField]
	if had == has && literal(old) == literal(now) {
		return
	}
	f := found{rule: "problem-body-changed", at: spot{place: "errors"}, old: shown(literal(old)), new: shown(literal(now)),
		base: c.base.At(problemBodyField), head: c.head.At(problemBodyField), note: "keep the members that errors have, and add others beside them"}
	switch {
	case !had:
		f.message = "errors that the service answers by itself are written in a form of their own now"
		f.old, f.base = "", c.base.At()
		f.effect = unclear("a client that reads problem documents there does not find their members")
	case !has:
		f.message = "errors that the service answers by itself are problem documents now"
		f.new, f.head = "", c.head.At()
		f.effect = shifts("a client that reads the members of the old form does not find them")
	case within(old, now):
		f.message = "errors that the service answers by itself have more members"
	default:
		f.message = "errors that the service answers by itself are written in another form"
		f.effect = shifts("a client that reads the members of the old form does not find them")
	}
	wire, why := f.effect.on(client)
	c.record(f, wire, why)
}

// within reports whether a form has all that another one has, at the same places.
func within(old, now any) bool {
	a, isObject := old.(map[string]any)
	b, both := now.(map[string]any)
	if !isObject || !both {
		return literal(old) == literal(now)
	}
	for name, v := range a {
		if other, ok := b[name]; !ok || !within(v, other) {
			return false
		}
	}
	return true
}
