package goserver

import (
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// strayRules reports every x-validate that became no rule, because it stands
// where there are no properties to speak of.
func (p *prep) strayRules() {
	seen := map[schemaKey]bool{}
	var visit func(ref *openapi.SchemaRef)
	visit = func(ref *openapi.SchemaRef) {
		if ref == nil {
			return
		}
		const message = "it has no effect here: it belongs to a property as text, or to an object with properties of its own as a mapping of them"
		if ref.Extensions[extValidate] != nil && !p.ruledRefs[ref] {
			p.refuse(placeOf(ref.Places, ref.Pos), "", message)
		}
		s := ref.Value
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		if s.Extensions[extValidate] != nil && !p.ruled[s] {
			p.refuse(placeOf(s.Places, s.Pos), "", message)
		}
		for _, list := range [][]*openapi.SchemaRef{s.AllOf, s.OneOf, s.AnyOf} {
			for _, one := range list {
				visit(one)
			}
		}
		for _, name := range sortedKeys(s.Properties) {
			visit(s.Properties[name])
		}
		visit(s.Items)
		visit(s.AdditionalProperties.Schema)
		visit(s.Not)
	}
	for _, name := range sortedKeys(p.schemas()) {
		visit(p.schemas()[name])
	}
	for _, op := range p.operations {
		for _, schema := range op.schemas() {
			visit(schema)
		}
	}
}

// schemas returns the schemas of an operation's messages.
func (op *operation) schemas() []*openapi.SchemaRef {
	out := append([]*openapi.SchemaRef(nil), op.bodies...)
	for _, a := range op.answers {
		out = append(out, a.schema)
	}
	for _, declared := range op.model.Parameters {
		if ref := findParameter(op, declared.Name, declared.In); ref != nil && ref.Value != nil {
			schema, _ := parameterSchema(ref.Value)
			out = append(out, schema)
		}
	}
	return out
}

// ruleBodies decides which bodies are held against rules once they are decoded,
// and says where rules are not looked at.
func (p *prep) ruleBodies(op *operation) {
	for i, b := range op.Bodies {
		met, hidden := p.reach(op.bodies[i])
		switch {
		case b.Kind == jsonBody || b.Kind == formBody && !strings.HasPrefix(b.Type, "map["):
			b.Ruled = met
			if _, deep := p.say(op.bodies[i], nil); met && deep && p.structOf(op.bodies[i]) == nil {
				said, _ := p.say(op.bodies[i], nil)
				b.RuleTag = strings.Join(said, ",")
			}
		case met:
			p.list.Add(ruleXUnreached, op.model.Pos, op.ID+": the rules of x-validate are not looked at in a "+baseMedia(b.Media)+" body, which handlers read themselves", "")
		}
		if hidden != "" {
			p.list.Add(ruleXUnreached, op.model.Pos, op.ID+": the rules of "+hidden+" are not looked at where it is one of several types: which one it is, the handler finds out", "")
		}
	}
	for _, declared := range op.model.Parameters {
		ref := findParameter(op, declared.Name, declared.In)
		if ref == nil || ref.Value == nil || ignoredHeader(ref.Value) {
			continue
		}
		schema, _ := parameterSchema(ref.Value)
		if met, hidden := p.reach(schema); met || hidden != "" {
			p.list.Add(ruleXUnreached, declared.Pos, op.ID+": the rules of x-validate are looked at in bodies only, and not in the "+declared.In+" parameter "+declared.Name, "")
		}
	}
}

// reach reports whether a value of a schema can hold structs with rules, and
// names one that is out of reach, in a union.
func (p *prep) reach(ref *openapi.SchemaRef) (met bool, hidden string) {
	type key struct {
		sh    *shape
		union bool
	}
	seen := map[key]bool{}
	var visit func(ref *openapi.SchemaRef, union bool)
	visit = func(ref *openapi.SchemaRef, union bool) {
		sh := p.told(ref)
		if sh == nil || sh.lossy != "" || seen[key{sh, union}] {
			return
		}
		seen[key{sh, union}] = true
		if d := p.structOf(ref); d != nil && d.object.ruled {
			if union {
				hidden = named(d)
			} else {
				met = true
			}
		}
		for _, v := range sh.variants {
			visit(v, true)
		}
		for _, name := range sortedKeys(sh.props) {
			visit(sh.props[name], union)
		}
		for _, item := range sh.tuple {
			visit(item, union)
		}
		visit(sh.items, union)
		visit(sh.rest, union)
	}
	visit(ref, false)
	return met, hidden
}

// structOf returns the struct that the values of a schema are.
func (p *prep) structOf(ref *openapi.SchemaRef) *decl {
	for range mostAliases {
		if ref == nil || ref.Value == nil {
			return nil
		}
		name := p.hoisted[ref.Value]
		if key, ok := p.componentOf(ref.Ref); ok {
			name = p.components[key]
		}
		if d := p.structs[name]; d != nil {
			return d
		}
		if ref = p.shapeOf(ref.Value).ref; ref == nil {
			return nil
		}
	}
	return nil
}
