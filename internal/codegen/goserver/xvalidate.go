package goserver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"

	"github.com/banyan-go/banyan/config"
)

// extValidate holds rules between the properties of an object: on a property as
// a text of rules about it, on an object as texts by property.
const extValidate = "x-validate"

// crossRule is what a rule is about, which decides what it may name.
type crossRule uint8

const (
	equality  crossRule = iota + 1 // of two values
	order                          // of two values
	presence                       // depends on whether others are there
	condition                      // depends on the values of others
)

// crossRules are the rules of validator that x-validate may use: those that
// look at other fields of the same object, and mean for contracts what they say.
var crossRules = map[string]crossRule{
	"eqfield": equality, "nefield": equality,
	"gtfield": order, "gtefield": order, "ltfield": order, "ltefield": order,
	"required_with": presence, "required_with_all": presence, "required_without": presence, "required_without_all": presence,
	"excluded_with": presence, "excluded_with_all": presence, "excluded_without": presence, "excluded_without_all": presence,
	"required_if": condition, "required_unless": condition, "excluded_if": condition, "excluded_unless": condition,
}

// ruleText is an x-validate of a property as the contract has it.
type ruleText struct {
	text string
	pos  config.Pos
}

// fieldRules are the rules of a field as tags, with Go names.
type fieldRules struct {
	texts []ruleText
	// presence rules come before the value is looked at, value rules after.
	presence, value []string
}

func (r fieldRules) first() *ruleText {
	if len(r.texts) == 0 {
		return nil
	}
	return &r.texts[0]
}

// rulesOf returns the rules of a struct's fields by property.
func (p *prep) rulesOf(d *decl) map[string]fieldRules {
	out := map[string]fieldRules{}
	byJSON := map[string]*fieldDecl{}
	for i := range d.object.fields {
		f := &d.object.fields[i]
		byJSON[f.json] = f
		if texts := p.ruleTexts(f.ref); texts != nil {
			out[f.json] = fieldRules{texts: texts}
		}
	}
	for _, s := range d.object.validates {
		p.ruled[s] = true
		pos := placeOf(s.Places, s.Pos)
		texts, ok := s.Extensions[extValidate].(map[string]any)
		if !ok {
			continue // about the object as a property
		}
		for _, name := range sortedKeys(texts) {
			text, isText := texts[name].(string)
			switch {
			case byJSON[name] == nil:
				p.refuse(pos, config.Suggest(name, sortedKeys(byJSON)), "%s has no property %q", named(d), name)
			case !isText:
				p.refuse(pos, "", "the rules of %s must be text, such as eqfield=other", name)
			default:
				r := out[name]
				r.texts = append(r.texts, ruleText{text, pos})
				out[name] = r
			}
		}
	}
	for name, r := range out {
		for _, text := range r.texts {
			p.parseRules(byJSON, byJSON[name], text, &r)
		}
		out[name] = r
		d.object.ruled = d.object.ruled || len(r.presence)+len(r.value) > 0
	}
	return out
}

// ruleTexts returns what a property says of itself, beside a reference too, and
// what the members of its allOf say.
func (p *prep) ruleTexts(ref *openapi.SchemaRef) (out []ruleText) {
	if ref == nil {
		return nil
	}
	if text, ok := ref.Extensions[extValidate].(string); ok {
		p.ruledRefs[ref] = true
		out = append(out, ruleText{text, placeOf(ref.Places, ref.Pos)})
	}
	if s := ref.Value; ref.Ref == "" && s != nil {
		if text, ok := s.Extensions[extValidate].(string); ok {
			p.ruled[s] = true
			out = append(out, ruleText{text, placeOf(s.Places, s.Pos)})
		}
		for _, m := range s.AllOf {
			out = append(out, p.ruleTexts(m)...)
		}
	}
	return out
}

// placeOf is the place of an x-validate, or at least of its schema.
func placeOf(places map[string]config.Pos, schema config.Pos) config.Pos {
	if pos, ok := places[extValidate]; ok {
		return pos
	}
	return schema
}

// refuse adds a finding once: a property may be met in several structs.
func (p *prep) refuse(pos config.Pos, hint, format string, args ...any) {
	message := extValidate + ": " + fmt.Sprintf(format, args...)
	for _, d := range *p.list {
		if d.Rule == ruleXValidate && d.Pos == pos && d.Message == message {
			return
		}
	}
	p.list.Add(ruleXValidate, pos, message, hint)
}

// mentioned returns the words of all rules of an object and its properties:
// properties among them have rules, or are named by some.
func mentioned(sh *shape) map[string]bool {
	out := map[string]bool{}
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case string:
			for _, word := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" \t,='", r) }) {
				out[word] = true
			}
		case map[string]any:
			for name, text := range v {
				out[name] = true
				add(text)
			}
		}
	}
	for _, s := range sh.validates {
		add(s.Extensions[extValidate])
	}
	for name, ref := range sh.props {
		if text := extension(ref, extValidate); text != nil {
			out[name] = true
			add(text)
		}
		if ref.Ref == "" && ref.Value != nil {
			for _, m := range ref.Value.AllOf {
				if text := extension(m, extValidate); text != nil {
					out[name] = true
					add(text)
				}
			}
		}
	}
	return out
}

// parseRules reads the rules of a field.
func (p *prep) parseRules(fields map[string]*fieldDecl, f *fieldDecl, text ruleText, out *fieldRules) {
	for _, part := range splitQuoted(text.text, ',') {
		name, param, _ := strings.Cut(strings.TrimSpace(part), "=")
		r := ruleReader{prep: p, fields: fields, field: f, rule: name, pos: text.pos}
		words, ok := splitWords(param)
		kind, known := crossRules[name]
		switch {
		case !known:
			hint := config.Suggest(name, slices.Collect(maps.Keys(crossRules)))
			if hint == "" {
				hint = "rules look at other properties, such as eqfield, gtfield, required_with, required_if; what JSON Schema can say belongs there"
			}
			r.refuse(hint, "%q is not a rule that x-validate has", name)
		case !ok:
			r.refuse("", "%s has a quote without an end", name)
		case len(words) == 0:
			r.refuse("", "%s names no property", name)
		default:
			r.read(kind, words, out)
		}
	}
}

// splitQuoted splits text at a separator outside single quotes.
func splitQuoted(text string, sep rune) []string {
	quoted := false
	return strings.FieldsFunc(text, func(r rune) bool {
		if r == '\'' {
			quoted = !quoted
		}
		return r == sep && !quoted
	})
}

// splitWords splits the parameter of a rule at spaces; words in single quotes
// may have some, or be empty. Ok is false when a quote does not end.
func splitWords(param string) (words []string, ok bool) {
	for {
		param = strings.TrimLeft(param, " \t")
		if param == "" {
			return words, true
		}
		end := strings.IndexAny(param, " \t")
		if param[0] == '\'' {
			if end = strings.IndexByte(param[1:], '\''); end < 0 {
				return words, false
			}
			words, param = append(words, param[1:end+1]), param[end+2:]
			continue
		}
		if end < 0 {
			end = len(param)
		}
		words, param = append(words, param[:end]), param[end:]
	}
}
