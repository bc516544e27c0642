package goserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"github.com/banyan-go/banyan/wire"
)

var _ codegen.Decoder = Target{}

// Decoder returns what a port of the service's package does with answers. Of the
// settings initialisms count: types are called as in the package. What is listed as
// not supported is read as if it were, in both contracts of a review.
func (Target) Decoder(ws *contract.Workspace, c *contract.Contract, doc *openapi.Document) (codegen.Decode, error) {
	var list diag.List
	p := newPrep(doc, &list, sortedKeys(fixedNames)...)
	p.settings = settingsOf(ws, targetConfig(ws), c)
	p.view(c, packageName(c.Name))
	if contract.Broken(list) {
		return nil, errors.New("the contract cannot be generated")
	}
	decls, layouts, known := map[string]*decl{}, map[*decl]*layout{}, 0
	return func(of *openapi.SchemaRef, value []byte) (map[string]string, bool) {
		t := p.typeOf(of, "Value") // may declare more
		for ; known < len(p.decls); known++ {
			decls[p.decls[known].name] = p.decls[known]
		}
		r := &reading{decls: decls, layouts: layouts, misfits: map[string]string{}}
		r.read(t.item(), value, "")
		return r.misfits, !r.foreign
	}, nil
}

// reading reads a value into a type that is only described: structures are followed
// here, as the methods that are printed for them do, and everything else is read by
// the run time itself. A test holds it against compiled packages.
type reading struct {
	decls   map[string]*decl
	layouts map[*decl]*layout
	misfits map[string]string // by JSON pointer
	// foreign says that a type of somebody else was met.
	foreign bool
}

// simple are the types that the run time reads by itself.
var simple = map[string]reflect.Type{
	"string": reflect.TypeFor[string](), "bool": reflect.TypeFor[bool](), "float32": reflect.TypeFor[float32](), "float64": reflect.TypeFor[float64](),
	"int": reflect.TypeFor[int](), "int8": reflect.TypeFor[int8](), "int16": reflect.TypeFor[int16](), "int32": reflect.TypeFor[int32](), "int64": reflect.TypeFor[int64](),
	"uint": reflect.TypeFor[uint](), "uint8": reflect.TypeFor[uint8](), "uint16": reflect.TypeFor[uint16](), "uint32": reflect.TypeFor[uint32](), "uint64": reflect.TypeFor[uint64](),
	"[]byte": reflect.TypeFor[[]byte](), "[]uint8": reflect.TypeFor[[]byte](), "json.Number": reflect.TypeFor[json.Number](), "time.Time": reflect.TypeFor[time.Time](),
	"openapi_types.Date": reflect.TypeFor[openapi_types.Date](), "json.RawMessage": reflect.TypeFor[json.RawMessage](), "interface{}": reflect.TypeFor[any](), "any": reflect.TypeFor[any](),
}

// read reads a value into a type, which is written as in generated code.
func (r *reading) read(expr string, value json.RawMessage, at string) {
	if t, ok := simple[expr]; ok {
		if err := wire.Unmarshal(value, reflect.New(t).Interface()); err != nil {
			r.misfit(expr, value, at)
			// The words around the cause differ from one process to the next.
			if wrong := (*jsonv2.SemanticError)(nil); errors.As(err, &wrong) && wrong.Err != nil {
				r.misfits[at] += ": " + wrong.Err.Error()
			}
		}
		return
	}
	isNull := string(value) == "null"
	if inner, ok := strings.CutPrefix(expr, "wire.Nullable["); ok {
		expr = "*" + strings.TrimSuffix(inner, "]")
	}
	switch {
	case strings.HasPrefix(expr, "*"):
		if !isNull {
			r.read(expr[1:], value, at)
		}
	case strings.HasPrefix(expr, "[]"):
		for i, item := range r.list(expr, value, at) {
			r.read(expr[2:], item, at+"/"+strconv.Itoa(i))
		}
	case strings.HasPrefix(expr, "map[string]"):
		members := r.object(expr, value, at)
		for _, name := range sortedKeys(members) {
			r.read(strings.TrimPrefix(expr, "map[string]"), members[name], at+"/"+jsonpointer.Escape(name))
		}
	case r.decls[expr] == nil:
		r.foreign = true
	default:
		r.declared(r.decls[expr], value, at)
	}
}

func (r *reading) declared(d *decl, value json.RawMessage, at string) {
	switch o := d.object; {
	case d.alias != nil:
		r.read(d.alias.expr, value, at)
	case d.elem != nil:
		r.read("[]"+d.elem.item(), value, at)
	case d.value != nil:
		r.read("map[string]"+d.value.item(), value, at)
	case d.enum != nil:
		r.read(d.enum.base, value, at) // values that nobody listed are kept
	case o.tuple != nil:
		r.tuple(d, value, at)
	case len(o.variants) > 0 && len(o.fields) == 0 && o.rest == nil:
		// a union keeps what it is given
	default:
		r.structure(d, value, at)
	}
}

// layout is how the members of a structure are read.
type layout struct {
	types   map[string]string // by what the field's tag calls the member
	named   map[string]bool   // what the contract calls them
	foreign bool              // extra tags, by which the contract reads something else
}

func (r *reading) layout(d *decl) *layout {
	if known := r.layouts[d]; known != nil {
		return known
	}
	l := &layout{types: map[string]string{}, named: map[string]bool{}}
	for _, f := range d.object.fields {
		row := f.row()
		tag, options, _ := strings.Cut(reflect.StructTag(strings.Trim(row.tags, "`")).Get("json"), ",")
		if slices.Contains(strings.Split(options, ","), "string") {
			l.foreign = true
			continue
		}
		if tag != "-" {
			l.types[tag] = row.typ
		}
		l.named[f.json] = true
	}
	r.layouts[d] = l
	return l
}

func (r *reading) structure(d *decl, value json.RawMessage, at string) {
	l := r.layout(d)
	r.foreign = r.foreign || l.foreign
	members := r.object(d.name, value, at)
	for _, name := range sortedKeys(members) {
		if typ, declared := l.types[name]; declared {
			r.read(typ, members[name], at+"/"+jsonpointer.Escape(name))
		}
		if !l.named[name] && d.object.rest != nil {
			r.read(d.object.rest.item(), members[name], at+"/"+jsonpointer.Escape(name))
		}
	}
}

func (r *reading) tuple(d *decl, value json.RawMessage, at string) {
	o := d.object
	items := r.list(d.name, value, at)
	if string(value) == "null" || items == nil {
		return
	}
	if len(items) < o.tuple.least || len(items) > len(o.fields) && o.rest == nil {
		r.misfits[at] = fmt.Sprintf("a list of %d items does not fit %s", len(items), d.name)
		return
	}
	for i, item := range items {
		expr := ""
		if i < len(o.fields) {
			expr = o.fields[i].row().typ
		} else {
			expr = o.rest.item()
		}
		r.read(expr, item, at+"/"+strconv.Itoa(i))
	}
}

// list takes a list apart; null is one without items. It is nil for anything else.
func (r *reading) list(expr string, value json.RawMessage, at string) (items []json.RawMessage) {
	if err := json.Unmarshal(value, &items); err != nil {
		r.misfit(expr, value, at)
		return nil
	}
	return items
}

// object takes an object apart; null is one without members.
func (r *reading) object(expr string, value json.RawMessage, at string) (members map[string]json.RawMessage) {
	if err := json.Unmarshal(value, &members); err != nil {
		r.misfit(expr, value, at)
		return nil
	}
	return members
}

func (r *reading) misfit(expr string, value json.RawMessage, at string) {
	what := map[byte]string{'{': "an object", '[': "a list", '"': "a text", 't': "true", 'f': "false", 'n': "null"}[value[0]]
	if what == "" {
		what = "a number"
	}
	r.misfits[at] = what + " does not fit " + expr
}
