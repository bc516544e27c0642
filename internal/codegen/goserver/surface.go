package goserver

import (
	"bytes"
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	goprinter "go/printer"
	"go/token"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

var _ codegen.Surfacer = Target{}

// Surface returns the exported names of a service's package.
func (Target) Surface(ws *contract.Workspace, c *contract.Contract) (*codegen.Surface, error) {
	made, files, list := build(c, packageName(c.Name), settingsOf(ws, targetConfig(ws), c))
	if contract.Broken(list) || made == nil {
		return nil, errors.New("the contract cannot be generated")
	}
	s := &surface{symbols: map[string]codegen.Symbol{}, places: map[string]place{}, operations: map[string]place{}, fset: token.NewFileSet()}
	s.locate(made)
	var parsed []*ast.File
	for i, f := range files {
		files[i].Data = nil // as much as possible is let go of, for there may be much
		if path.Ext(f.Path) != ".go" || strings.HasSuffix(f.Path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(s.fset, f.Path, f.Data, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, file)
	}
	names := made.given()
	made = nil
	for _, file := range parsed {
		s.nested(file)
	}
	for i, file := range parsed {
		for _, d := range file.Decls {
			s.declaration(d)
		}
		parsed[i] = nil
	}
	return &codegen.Surface{Symbols: s.symbols, Names: names}, nil
}

func targetConfig(ws *contract.Workspace) contract.TargetConfig {
	if i := slices.IndexFunc(ws.Targets, func(t contract.TargetConfig) bool { return t.Name == name }); i >= 0 {
		return ws.Targets[i]
	}
	return contract.TargetConfig{}
}

// given are the names of the package that things in the contract have, and those of
// operations.
func (p *prep) given() (out []string) {
	for name := range p.names {
		if !fixedNames[name] {
			out = append(out, name)
		}
	}
	for _, op := range p.operations {
		out = append(out, op.Go)
	}
	return out
}

// Stems implements codegen.Surfacer: a name is its own in the contract, or what
// x-go-name asks for, with more behind it.
func (Target) Stems(ws *contract.Workspace, section, name string, text []byte) []string {
	var out []string
	switch section {
	case "paths", "schemas", "responses", "parameters", "requestBodies":
		words := initialismsOf(targetConfig(ws))
		out = []string{words.goName(name)}
		if long := words.longName(name); long != out[0] {
			out = append(out, long)
		}
	}
	if bytes.Contains(text, []byte("x-go-")) {
		for _, m := range askedNames.FindAllSubmatch(text, -1) {
			out = append(out, string(m[1]), goName(string(m[1])))
		}
	}
	return out
}

var askedNames = regexp.MustCompile(`x-go-(?:type-)?name["']?\s*:\s*["']?([^"'\s,}]+)`)

// place is what of the contract something comes from.
type place struct{ name, pointer string }

type surface struct {
	symbols map[string]codegen.Symbol
	// places goes from type names, and "Type.Field" where the field's name does
	// not tell, to places.
	places map[string]place
	// operations goes from methods and fields that are named after operations, which
	// types may be called, too, to places.
	operations map[string]place
	fset       *token.FileSet
}

// locate finds the places of what has a name in the contract.
func (s *surface) locate(p *prep) {
	for key, name := range p.components {
		s.places[name] = place{"schema " + key, ""}
	}
	byID := map[string]string{}
	for _, op := range p.operations {
		at := op.Method + " " + op.model.Template
		byID[op.model.ID] = at
		s.operations[op.Go], s.operations[op.Visit] = place{at, ""}, place{at, ""}
		s.messages(op, at)
	}
	for _, op := range p.exchanges {
		which := op.Exchange
		at := "webhook " + which.Method + " " + which.Name
		if which.Operation != "" {
			at = byID[which.Operation] + " callback " + which.Name + " " + which.Method + " " + which.Expression
		}
		s.places["Send"+op.Go], s.places["Receive"+op.Go] = place{at, ""}, place{at, ""}
		s.places[op.Guard], s.operations[op.Visit] = place{at, "/security"}, place{at, ""}
		s.messages(op, at)
	}
	for key, a := range p.sharedAnswers {
		s.places[a.Type] = place{"response " + key.component, ""}
	}
	for component, h := range p.sharedHeaders {
		s.headers(h, place{"response " + component, "/header"})
	}
	if _, taken := s.places["Security"]; !taken {
		s.places["Security"], s.places["Handlers.Security"] = place{"security", ""}, place{"security", ""}
	}
	delete(s.places, "")
}

// messages finds the places of an operation's parameters, bodies and answers. The
// media type is part of the place where there are several.
func (s *surface) messages(op *operation, at string) {
	for _, name := range []string{op.Request, op.Response, op.ParamsType} {
		s.places[name] = place{at, ""}
	}
	path, rest := op.PathFields, op.ParamFields
	for _, declared := range op.model.Parameters {
		pointer := "/" + declared.In + "/" + jsonpointer.Escape(declared.Name)
		switch {
		case declared.In == "path" && len(path) > 0:
			s.places[op.Request+"."+path[0].Name] = place{at, pointer}
			path = path[1:]
		case declared.In != "path" && len(rest) > 0 && !(declared.In == "header" && slices.Contains(unheard, strings.ToLower(declared.Name))):
			s.places[op.ParamsType+"."+rest[0].Name] = place{at, pointer}
			rest = rest[1:]
		}
	}
	for _, b := range op.Bodies {
		pointer := "/body"
		if len(op.Bodies) > 1 {
			pointer += "/" + jsonpointer.Escape(b.Media)
		}
		s.places[op.Request+"."+b.Field] = place{at, pointer}
		s.places[b.Alias] = place{at, pointer}
	}
	several := map[string]int{}
	for _, a := range op.Answers {
		several[a.Status]++
	}
	for _, a := range op.Answers {
		pointer := "/" + a.Status
		if several[a.Status] > 1 {
			pointer += "/" + jsonpointer.Escape(a.Media)
		}
		s.places[a.Type] = place{at, pointer}
		if a.Headers != nil {
			s.headers(a.Headers, place{at, "/" + a.Status + "/header"})
		}
	}
}

func (s *surface) headers(h *headersView, at place) {
	s.places[h.Type] = at
	for _, f := range h.Fields {
		s.places[fieldKey(h.Type, f.Field)] = place{at.name, at.pointer + "/" + jsonpointer.Escape(strings.ToLower(f.Name))}
	}
}

var unheard = []string{"accept", "content-type", "authorization"}

// nested gives the types that stand inside others the place of what holds them: of
// the field, in a struct.
func (s *surface) nested(file *ast.File) {
	for again := true; again; {
		again = false
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				if receiver := identifiers(f.Recv.List[0].Type); len(receiver) > 0 {
					if at, known := s.places[receiver[0]]; known {
						again = s.inside(f.Type, at) || again // the branch that a union has the method for
					}
				}
			}
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				t, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				within, known := s.places[t.Name.Name]
				if !known {
					continue
				}
				st, ok := t.Type.(*ast.StructType)
				if !ok {
					again = s.inside(t.Type, within) || again
					continue
				}
				for _, f := range st.Fields.List {
					for _, name := range f.Names {
						again = s.inside(f.Type, s.field(t.Name.Name, name.Name, f)) || again
					}
				}
			}
		}
	}
}

// inside gives the types in an expression a place, and reports whether one had none.
func (s *surface) inside(expr ast.Expr, at place) (found bool) {
	for _, name := range identifiers(expr) {
		if _, known := s.places[name]; !known && ast.IsExported(name) {
			s.places[name] = at
			found = true
		}
	}
	return found
}

// field is the place of a struct's field: what its json tag names.
func (s *surface) field(typ, name string, f *ast.Field) place {
	if at, ok := s.places[typ+"."+name]; ok {
		return at
	}
	at := s.places[typ]
	if f.Tag != nil {
		if tag, err := strconv.Unquote(f.Tag.Value); err == nil {
			if json, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ","); json != "" && json != "-" {
				at.pointer += "/" + jsonpointer.Escape(json)
			}
		}
	}
	return at
}

// identifiers are the names of this package in a type.
func identifiers(expr ast.Expr) []string {
	var out []string
	ast.Inspect(expr, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			return false
		case *ast.Ident:
			out = append(out, n.Name)
		}
		return true
	})
	return out
}

func (s *surface) add(name, signature string, at place, implemented bool) {
	s.symbols[name] = codegen.Symbol{Name: name, Signature: signature, Place: at.name, Pointer: at.pointer, Implemented: implemented}
}

func (s *surface) declaration(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() {
			return
		}
		name, at := d.Name.Name, s.places[d.Name.Name]
		if d.Recv != nil {
			receiver := identifiers(d.Recv.List[0].Type)
			if len(receiver) == 0 || !ast.IsExported(receiver[0]) {
				return
			}
			name = receiver[0] + "." + name
			at = s.places[receiver[0]]
			if of, ok := s.operations[d.Name.Name]; ok && (receiver[0] == "Port" || strings.HasPrefix(at.name, "response ")) {
				at = of // and not of the answer that operations share
			}
		}
		s.add(name, s.print(d.Type), at, false)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				s.typeSpec(spec)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if name.IsExported() {
						typ := ""
						at := place{}
						if spec.Type != nil {
							typ = s.print(spec.Type)
							at = s.places[typ]
						}
						s.add(name.Name, strings.TrimSpace(d.Tok.String()+" "+typ), at, false)
					}
				}
			}
		}
	}
}

func (s *surface) typeSpec(t *ast.TypeSpec) {
	if !t.Name.IsExported() {
		return
	}
	name, at := t.Name.Name, s.places[t.Name.Name]
	switch typ := t.Type.(type) {
	case *ast.StructType:
		s.add(name, "struct", at, false)
		for _, f := range typ.Fields.List {
			for _, field := range f.Names {
				if field.IsExported() {
					s.add(name+"."+field.Name, s.print(f.Type), cmp.Or(s.places[fieldKey(name, field.Name)], s.operationOf(name, field.Name), s.field(name, field.Name, f)), false)
				}
			}
		}
	case *ast.InterfaceType:
		s.add(name, "interface", at, false)
		for _, m := range typ.Methods.List {
			for _, method := range m.Names {
				s.add(name+"."+method.Name, s.print(m.Type), cmp.Or(s.operationOf(name, method.Name), at), at.name == "")
			}
		}
	default:
		s.add(name, s.print(t.Type), at, false)
	}
}

func fieldKey(typ, field string) string { return typ + "." + field }

// operationOf is the place of a field of Handlers or a method of the interface that
// has all of them, which are named after their operations.
func (s *surface) operationOf(typ, field string) place {
	if typ == "Handlers" || typ == "StrictServerInterface" {
		return s.operations[field]
	}
	return place{}
}

func (s *surface) print(n any) string {
	var b strings.Builder
	if err := goprinter.Fprint(&b, s.fset, n); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
