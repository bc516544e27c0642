package goserver

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"unicode"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// usual are the packages that generated files import by themselves where they
// refer to them, by the names they have there.
var usual = map[string]string{
	"context": "context", "json": "encoding/json", "io": "io", "multipart": "mime/multipart", "http": "net/http", "time": "time",
	"openapi_types": "github.com/oapi-codegen/runtime/types",
	"catalog":       module + "catalog", "conform": module + "conform", "wire": module + "wire",
}

// overrides are the types of the user's own that x-go-type names.
type overrides struct {
	types map[schemaKey]*goType // nil for what is none
	// imports are what x-go-type-import names, by local name; uses the packages
	// that types refer to, with a place of each.
	imports map[string]string
	uses    map[string]config.Pos
}

func newOverrides() *overrides {
	return &overrides{types: map[schemaKey]*goType{}, imports: map[string]string{}, uses: map[string]config.Pos{}}
}

// override reads x-go-type, which names a type of the user's.
func (p *prep) override(s *openapi.Schema) (goType, bool) {
	text, ok := s.Extensions["x-go-type"].(string)
	if !ok {
		return goType{}, false
	}
	t, known := p.own.types[s]
	if !known {
		t = p.readOverride(s, text)
		p.own.types[s] = t
	}
	if t == nil {
		return goType{}, false
	}
	return *t, true
}

func (p *prep) readOverride(s *openapi.Schema, text string) *goType {
	pos := placeAt(s, "x-go-type")
	expr, err := parser.ParseExpr(text)
	if err != nil || !isType(expr) {
		p.list.Add(ruleGoName, pos, fmt.Sprintf("x-go-type %q is not the name of a Go type", text), "")
		return nil
	}
	t := &goType{nullable: s.Nullable}
	if star, ok := expr.(*ast.StarExpr); ok {
		expr, t.nullable = star.X, true
	}
	var b strings.Builder
	if err := format.Node(&b, token.NewFileSet(), expr); err != nil {
		p.list.Add(ruleInternal, pos, err.Error(), "please report this")
		return nil
	}
	t.expr = b.String()
	switch e := expr.(type) {
	case *ast.ArrayType:
		if e.Len == nil {
			t.kind = listKind
		}
	case *ast.MapType:
		t.kind = mapKind
	case *ast.InterfaceType:
		t.kind = anyKind
	case *ast.Ident:
		if e.Name == "any" {
			t.kind = anyKind
		}
	}
	packages := qualifiers(expr)
	for _, name := range packages {
		if _, known := p.own.uses[name]; !known {
			p.own.uses[name] = pos
		}
	}
	if imported := s.Extensions["x-go-type-import"]; imported != nil {
		p.importFor(placeAt(s, "x-go-type-import"), imported, packages)
	}
	return t
}

// importFor reads x-go-type-import. Where it does not say the name of the package,
// that is what the type calls it: the end of a path need not be the name.
func (p *prep) importFor(pos config.Pos, imported any, packages []string) {
	const hint = "write x-go-type-import: {path: github.com/google/uuid}, with a name where the package is called otherwise in x-go-type"
	members, _ := imported.(map[string]any)
	path, _ := members["path"].(string)
	name, _ := members["name"].(string)
	if name == "" {
		if name = pathBase(path); len(packages) == 1 {
			name = packages[0]
		}
	}
	if !importable(path) || !token.IsIdentifier(name) || name == "_" {
		p.list.Add(ruleGoName, pos, fmt.Sprintf("x-go-type-import does not say which package to import: name %q, path %q", name, path), hint)
		for _, name := range packages {
			delete(p.own.uses, name) // said
		}
		return
	}
	other := usual[name]
	if other == "" {
		other = p.own.imports[name]
	}
	if other != "" && other != path {
		p.list.Add(ruleGoName, pos, fmt.Sprintf("x-go-type-import: %s is %s already, and not %s", name, other, path), "give it another name in x-go-type-import and x-go-type")
		return
	}
	if usual[name] == "" {
		p.own.imports[name] = path
	}
}

// reportImports reports packages that nothing says the paths of.
func (p *prep) reportImports() {
	for _, name := range sortedKeys(p.own.uses) {
		if usual[name] == "" && p.own.imports[name] == "" {
			p.list.Add(ruleGoName, p.own.uses[name], fmt.Sprintf("x-go-type names the package %s, and nothing says which that is", name), "add x-go-type-import: {path: ...} beside it")
		}
	}
}

// importable reports whether a file can import a path: one that leads nowhere on
// disk, of characters that the compiler takes.
func importable(path string) bool {
	const illegal = "!\"#$%&'()*,:;<=>?[\\]^`{|}\uFFFD" // as the language has it (Import declarations)
	odd := func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r) || strings.ContainsRune(illegal, r)
	}
	return path != "" && path[0] != '.' && path[0] != '/' && !strings.ContainsFunc(path, odd)
}

// placeAt is where an extension of a schema stands.
func placeAt(s *openapi.Schema, extension string) config.Pos {
	if pos, ok := s.Places[extension]; ok {
		return pos
	}
	return s.Pos
}

// isType reports whether an expression can only be a type that a field can have.
func isType(expr ast.Expr) bool {
	switch e := expr.(type) {
	case *ast.Ident:
		return e.Name != "_"
	case *ast.SelectorExpr:
		_, ok := e.X.(*ast.Ident)
		return ok
	case *ast.StarExpr:
		return isType(e.X)
	case *ast.ArrayType:
		_, number := e.Len.(*ast.BasicLit)
		return (e.Len == nil || number) && isType(e.Elt)
	case *ast.MapType:
		return isType(e.Key) && isType(e.Value)
	case *ast.InterfaceType:
		return len(e.Methods.List) == 0
	case *ast.IndexExpr:
		return isType(e.X) && isType(e.Index)
	case *ast.IndexListExpr:
		for _, index := range e.Indices {
			if !isType(index) {
				return false
			}
		}
		return isType(e.X)
	}
	return false
}

// qualifiers are the names of the packages in a type.
func qualifiers(expr ast.Expr) []string {
	var out []string
	ast.Inspect(expr, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			out = append(out, sel.X.(*ast.Ident).Name)
		}
		return true
	})
	return out
}

// goImports are the packages that a generated file may refer to.
func goImports(own map[string]string) []goImport {
	var out []goImport
	for _, known := range []map[string]string{usual, own} {
		for _, name := range sortedKeys(known) {
			out = append(out, goImport{name, known[name]})
		}
	}
	return out
}
