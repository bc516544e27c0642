package wire

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// mostBroken bounds how many broken rules a client is told.
const mostBroken = 100

// Rules holds a decoded body against the x-validate rules of its contract, when
// the request was checked against the rest of it before; otherwise nothing is
// asked of requests. Body is a pointer to a struct or, with a tag that leads to
// the structs, to a list or map of them. What is broken is in Err.
func (in *Input) Rules(body any, tag string) {
	v := reflect.ValueOf(body)
	if in.known == nil || in.err != nil || len(in.faults) > 0 || v.Kind() != reflect.Pointer || v.IsNil() {
		return
	}
	in.broken = append(in.broken, brokenRules(v, tag)...)
}

func brokenRules(v reflect.Value, tag string) []problem.Fault {
	var err error
	if tag == "" {
		err = Validator().Struct(v.Interface())
	} else {
		err = Validator().Var(v.Interface(), tag)
	}
	var wrong validator.ValidationErrors
	if !errors.As(err, &wrong) {
		return nil
	}
	var out []problem.Fault
	for _, e := range wrong {
		sentence, params := sentences[e.Tag()], words(e.Param())
		if sentence == nil || len(params) == 0 {
			continue // said by the schema, which was asked before
		}
		path := e.StructNamespace()
		if tag == "" {
			_, path, _ = strings.Cut(path, ".") // the type's own name
		}
		at, ok := locate(v, path)
		if !ok {
			continue
		}
		out = append(out, problem.Fault{Pointer: at.pointer, Message: sentence(at, params), Code: e.Tag()})
	}
	slices.SortFunc(out, func(a, b problem.Fault) int { return cmp.Compare(a.Pointer, b.Pointer) })
	return out[:min(len(out), mostBroken)]
}

// spot is a field of a struct somewhere in a body.
type spot struct {
	pointer string
	parent  reflect.Type
	field   int
}

// name returns the contract's name of another field of the same struct.
func (s spot) name(goName string) string {
	if f, ok := s.parent.FieldByName(goName); ok && len(f.Index) == 1 {
		return fieldsOf(s.parent).names[f.Index[0]]
	}
	return goName
}

func (s spot) names(goNames []string, last string) string {
	out := make([]string, len(goNames))
	for i, n := range goNames {
		out[i] = s.name(n)
	}
	return listed(out, last)
}

// moment reports whether the field is a date or time.
func (s spot) moment() bool {
	t := s.parent.Field(s.field).Type
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.ConvertibleTo(reflect.TypeFor[time.Time]()) || t == reflect.TypeFor[openapi_types.Date]()
}

// locate finds the field that a path of Go names, such as Items[0].Sku, leads
// to. It goes along the value, because keys of maps may hold anything.
func locate(v reflect.Value, path string) (spot, bool) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		path = strings.TrimPrefix(path, ".")
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		f, ok := v.Type().FieldByName(path[:end])
		if !ok || len(f.Index) != 1 {
			return spot{}, false
		}
		at := spot{parent: v.Type(), field: f.Index[0]}
		if name := fieldsOf(at.parent).names[at.field]; name != "" { // members of AdditionalProperties are the object's own
			at.pointer = "/" + jsonpointer.Escape(name)
		}
		if end == len(path) {
			return at, true
		}
		return below(at.pointer, v.Field(at.field), path[end:])
	case reflect.Slice:
		end := strings.IndexByte(path, ']')
		if end < 1 || path[0] != '[' {
			return spot{}, false
		}
		i, err := strconv.Atoi(path[1:end])
		if err != nil || i < 0 || i >= v.Len() {
			return spot{}, false
		}
		return below("/"+strconv.Itoa(i), v.Index(i), path[end+1:])
	case reflect.Map:
		for _, key := range v.MapKeys() {
			rest, ok := strings.CutPrefix(path, "["+key.String()+"]")
			if !ok {
				continue
			}
			if at, ok := below("/"+jsonpointer.Escape(key.String()), v.MapIndex(key), rest); ok {
				return at, true
			}
		}
	}
	return spot{}, false
}

func below(pointer string, v reflect.Value, path string) (spot, bool) {
	at, ok := locate(v, path)
	at.pointer = pointer + at.pointer
	return at, ok
}

// sentences say to a client what each rule asks for.
var sentences = map[string]func(at spot, params []string) string{
	"eqfield": func(at spot, p []string) string { return "must be the same as " + at.name(p[0]) },
	"nefield": func(at spot, p []string) string { return "must not be the same as " + at.name(p[0]) },
	"gtfield": func(at spot, p []string) string { return at.either("later than ", "greater than ") + at.name(p[0]) },
	"gtefield": func(at spot, p []string) string {
		return at.either("at or after ", "at least ") + at.name(p[0])
	},
	"ltfield": func(at spot, p []string) string { return at.either("earlier than ", "less than ") + at.name(p[0]) },
	"ltefield": func(at spot, p []string) string {
		return at.either("at or before ", "at most ") + at.name(p[0])
	},
	"required_with":        func(at spot, p []string) string { return "is required when " + at.there(p, " or ") + " given" },
	"required_with_all":    func(at spot, p []string) string { return "is required when " + at.there(p, " and ") + " given" },
	"required_without":     func(at spot, p []string) string { return "is required when " + at.there(p, " or ") + " not given" },
	"required_without_all": func(at spot, p []string) string { return "is required when " + at.gone(p) + " given" },
	"excluded_with":        func(at spot, p []string) string { return "must be left out when " + at.there(p, " or ") + " given" },
	"excluded_with_all":    func(at spot, p []string) string { return "must be left out when " + at.there(p, " and ") + " given" },
	"excluded_without":     func(at spot, p []string) string { return "must be left out when " + at.there(p, " or ") + " not given" },
	"excluded_without_all": func(at spot, p []string) string { return "must be left out when " + at.gone(p) + " given" },
	"required_if":          func(at spot, p []string) string { return "is required when " + at.has(p, " and ") },
	"required_unless":      func(at spot, p []string) string { return "is required unless " + at.has(p, " or ") },
	"excluded_if":          func(at spot, p []string) string { return "must be left out when " + at.has(p, " and ") },
	"excluded_unless":      func(at spot, p []string) string { return "must be left out unless " + at.has(p, " or ") },
}

func (s spot) either(moment, number string) string {
	if s.moment() {
		return "must be " + moment
	}
	return "must be " + number
}

func (s spot) there(goNames []string, last string) string {
	verb := " is"
	if len(goNames) > 1 && last == " and " {
		verb = " are"
	}
	return s.names(goNames, last) + verb
}

func (s spot) gone(goNames []string) string {
	switch len(goNames) {
	case 1:
		return s.name(goNames[0]) + " is not"
	case 2:
		return "neither " + s.names(goNames, " nor ") + " is"
	}
	return "none of " + s.names(goNames, " and ") + " is"
}

// has writes pairs of a field and its value. Values of text are quoted.
func (s spot) has(params []string, last string) string {
	var out []string
	for i := 0; i+1 < len(params); i += 2 {
		value := params[i+1]
		if f, ok := s.parent.FieldByName(params[i]); ok {
			t := f.Type
			for t.Kind() == reflect.Pointer {
				t = t.Elem()
			}
			if t.Kind() == reflect.String {
				value = strconv.Quote(value)
			}
		}
		out = append(out, s.name(params[i])+" is "+value)
	}
	return listed(out, last)
}

func listed(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	end := len(words) - 1
	return strings.Join(words[:end], ", ") + last + words[end]
}

// words splits the parameter of a rule as validator does.
func words(param string) (out []string) {
	for param = strings.TrimLeft(param, " "); param != ""; param = strings.TrimLeft(param, " ") {
		var word string
		if rest, quoted := strings.CutPrefix(param, "'"); quoted {
			word, param, _ = strings.Cut(rest, "'")
		} else {
			word, param, _ = strings.Cut(param, " ")
		}
		out = append(out, word)
	}
	return out
}
