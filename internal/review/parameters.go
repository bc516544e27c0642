package review

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// parameter is a parameter where it is used.
type parameter struct {
	*openapi.Parameter
	// place is where it is declared: a component, the path or the operation. A
	// change there is one change, whoever uses it.
	place string
}

// effective are an operation's parameters and its path's, its own winning.
func effective(l located, place string) []parameter {
	var out []parameter
	add := func(refs []*openapi.ParameterRef, place string) {
		for _, ref := range refs {
			p := parameter{ref.Value, place}
			if name, ok := strings.CutPrefix(ref.Ref, "#/components/parameters/"); ok {
				p.place = "parameter " + name
			}
			if ignored(p.Parameter) {
				continue
			}
			if i := slices.IndexFunc(out, func(q parameter) bool { return q.is(p) }); i >= 0 {
				out[i] = p
			} else {
				out = append(out, p)
			}
		}
	}
	add(l.item.Parameters, "path "+l.path)
	add(l.op.Parameters, place)
	return out
}

// ignored are headers that parameters cannot describe (OpenAPI 3.0.3, section
// 4.7.12.1).
func ignored(p *openapi.Parameter) bool {
	switch strings.ToLower(p.Name) {
	case "accept", "content-type", "authorization":
		return p.In == "header"
	}
	return false
}

func (p parameter) is(q parameter) bool {
	return p.In == q.In && (p.Name == q.Name || p.In == "header" && strings.EqualFold(p.Name, q.Name))
}

// at is where the parameter is reported.
func (p parameter) at() spot {
	if strings.HasPrefix(p.place, "parameter ") {
		return spot{place: p.place, within: spot{}.below(p.In, p.Name).pointer}
	}
	return spot{place: p.place}.below(p.In, p.Name)
}

func (o *operationDiff) parameters() {
	old, now := effective(o.a, o.place), effective(o.b, o.place)
	renames := o.renamedVariables()
	for _, p := range old {
		if to, ok := renames[p.Name]; ok && p.In == "path" {
			i := slices.IndexFunc(now, func(q parameter) bool { return q.In == "path" && q.Name == to })
			if i >= 0 {
				o.say(found{rule: "path-parameter-renamed", at: p.at(), message: "the path parameter " + p.Name + " is called " + to + " now", old: p.Name, new: to, base: p.Pos, head: now[i].Pos}, o.caller)
				o.parameter(p, now[i])
				continue
			}
		}
		if i := slices.IndexFunc(now, p.is); i >= 0 {
			o.parameter(p, now[i])
			continue
		}
		f := found{rule: "parameter-removed", at: p.at(), message: "the " + p.In + " parameter " + p.Name + " is gone", old: p.In + " " + p.Name, base: p.Pos, head: o.b.op.At("parameters"),
			effect: effect{client: Undecided, why: "whether a parameter that is not declared is ignored or refused, the contract does not tell"}, note: "keep it and mark it deprecated"}
		if p.Required {
			f.effect.server, f.effect.serverWhy = Breaks, "who counts on it does not find it"
		}
		if p.In == "path" {
			f.effect = effect{} // the path tells
		}
		o.say(f, o.caller)
	}
	for _, q := range now {
		renamed := false
		for _, to := range renames {
			renamed = renamed || q.In == "path" && q.Name == to
		}
		if renamed || slices.ContainsFunc(old, q.is) {
			continue
		}
		f := found{rule: "parameter-added", at: q.at(), message: "the " + q.In + " parameter " + q.Name + " is new", new: q.In + " " + q.Name, base: o.a.op.At("parameters"), head: q.Pos}
		if q.Required && q.In != "path" {
			f.rule, f.message = "required-parameter-added", "the "+q.In+" parameter "+q.Name+" is new and required"
			f.effect, f.note = narrows("a client that does not send it is refused"), "make it optional, with a default"
		}
		o.say(f, o.caller)
	}
}

// renamedVariables goes from the path's variables to what stands in their place
// now.
func (o *operationDiff) renamedVariables() map[string]string {
	out := map[string]string{}
	a, b := variables(o.a.path), variables(o.b.path)
	if shape(o.a.path) != shape(o.b.path) {
		return out
	}
	for i := range a {
		if a[i] != b[i] {
			out[a[i]] = b[i]
		}
	}
	return out
}

// parameterFields are the fields that rules are about.
var parameterFields = map[string]string{
	"parameter-became-required": "required", "parameter-became-optional": "required", "parameter-style-changed": "style", "parameter-explode-changed": "explode",
	"parameter-reserved-changed": "allowReserved", "parameter-empty-changed": "allowEmptyValue", "parameter-deprecated": "deprecated",
}

// parameter compares one parameter.
func (o *operationDiff) parameter(a, b parameter) {
	say := func(rule, message, old, now string, e effect) {
		field := parameterFields[rule]
		o.say(found{rule: rule, at: b.at(), message: message, old: old, new: now, base: a.At(cmp.Or(field, formField(a))), head: b.At(cmp.Or(field, formField(b))), effect: e}, o.caller)
	}
	kind := "the " + b.In + " parameter " + b.Name
	switch {
	case b.In == "path":
	case !a.Required && b.Required:
		say("parameter-became-required", kind+" is required now", "optional", "required", narrows("a client that leaves it out is refused now"))
	case a.Required && !b.Required:
		say("parameter-became-optional", kind+" is optional now", "required", "optional", widens("who counts on it may not find it"))
	}
	o.serialisation(a, b, say)
	if a.AllowReserved != b.AllowReserved {
		e := effect{}
		if !b.AllowReserved {
			e = unclear("a client that sends reserved characters as they are may be misread")
		}
		say("parameter-reserved-changed", "allowReserved of "+kind+" is "+strconv.FormatBool(b.AllowReserved)+" now", strconv.FormatBool(a.AllowReserved), strconv.FormatBool(b.AllowReserved), e)
	}
	if a.AllowEmptyValue != b.AllowEmptyValue {
		e := effect{}
		if !b.AllowEmptyValue {
			e = narrows("a client that sends it empty is refused now")
		}
		say("parameter-empty-changed", "allowEmptyValue of "+kind+" is "+strconv.FormatBool(b.AllowEmptyValue)+" now", strconv.FormatBool(a.AllowEmptyValue), strconv.FormatBool(b.AllowEmptyValue), e)
	}
	if a.Deprecated != b.Deprecated {
		say("parameter-deprecated", "deprecated of "+kind+" is "+strconv.FormatBool(b.Deprecated)+" now", strconv.FormatBool(a.Deprecated), strconv.FormatBool(b.Deprecated), effect{})
	}
	o.extension(a.Extensions, b.Extensions, b.at(), func(name string) spots { return spots{a.At(name), b.At(name)} }, o.place)
	switch {
	case len(a.Content) == 0 && len(b.Content) == 0:
		at := b.at()
		at.text, at.lists, at.segment = true, listing(a, b), b.In == "path"
		o.schema(a.Schema, b.Schema, at, o.caller, o.place)
	case len(a.Content) > 0 && len(b.Content) > 0:
		o.content(a.Content, b.Content, b.at(), o.caller, spots{base: a.Pos, head: b.Pos})
	default:
		say("parameter-content-changed", kind+" is written in another way", parameterForm(a), parameterForm(b), shifts("what clients write cannot be read any more"))
	}
}

// listing is how the head writes a list, where the base may have written one value.
func listing(a, b parameter) writing {
	split := map[string]writing{"simple": joined, "form": joined}
	switch {
	case split[styleOf(a)] == noList || split[styleOf(b)] == noList:
		return noList
	case styleOf(b) == "form" && explodes(b):
		return repeated
	}
	return joined
}

// formField is what says how a parameter is written.
func formField(p parameter) string {
	if len(p.Content) > 0 {
		return "content"
	}
	return "schema"
}

func parameterForm(p parameter) string {
	if len(p.Content) > 0 {
		return "content"
	}
	return "style " + styleOf(p)
}

// serialisation compares style and explode, which only show on lists and
// objects, but for label and matrix.
func (o *operationDiff) serialisation(a, b parameter, say func(rule, message, old, now string, e effect)) {
	if len(a.Content) > 0 || len(b.Content) > 0 {
		return
	}
	const why = "what clients write in the old form cannot be read any more"
	const compound = arrayType | objectType
	kinds := o.schemas.base.of(a.Schema).types & o.schemas.head.of(b.Schema).types
	if x, y := styleOf(a), styleOf(b); x != y {
		e := shifts(why)
		if simple := map[string]bool{"simple": true, "form": true, "spaceDelimited": true, "pipeDelimited": true}; kinds&compound == 0 && simple[x] && simple[y] {
			e = effect{}
		}
		say("parameter-style-changed", "the style of the parameter "+b.Name+" is "+y+" now", x, y, e)
		return
	}
	if x, y := explodes(a), explodes(b); x != y {
		e := shifts(why)
		if kinds&compound == 0 {
			e = effect{}
		}
		say("parameter-explode-changed", "explode of the parameter "+b.Name+" is "+strconv.FormatBool(y)+" now", strconv.FormatBool(x), strconv.FormatBool(y), e)
	}
}

func styleOf(p parameter) string {
	fallback := "simple"
	if p.In == "query" || p.In == "cookie" {
		fallback = "form"
	}
	return cmp.Or(p.Style, fallback)
}

func explodes(p parameter) bool {
	if p.Explode != nil {
		return *p.Explode
	}
	return styleOf(p) == "form"
}

// spots are the places of what surrounds a comparison.
type spots struct{ base, head config.Pos }
