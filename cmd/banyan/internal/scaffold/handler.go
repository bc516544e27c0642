package scaffold

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"

	"github.com/banyan-go/banyan/internal/codegen"
)

// FindHandler returns the first handler that generated files leave to users, or
// nil.
func FindHandler(files []codegen.File) *Handler {
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".gen.go") || !strings.Contains(string(f.Data), "\ntype Handlers struct {") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Data, parser.SkipObjectResolution)
		if err != nil {
			return nil
		}
		var found *Handler
		ast.Inspect(file, func(n ast.Node) bool {
			t, ok := n.(*ast.TypeSpec)
			if !ok {
				return found == nil
			}
			if fields, ok := t.Type.(*ast.StructType); ok && t.Name.Name == "Handlers" {
				found = handlerIn(fields)
			}
			return false
		})
		return found
	}
	return nil
}

// handlerIn is the first field that is a function of a context and a request.
func handlerIn(fields *ast.StructType) *Handler {
	for _, f := range fields.Fields.List {
		t, ok := f.Type.(*ast.FuncType)
		if !ok || len(f.Names) != 1 || len(t.Params.List) != 2 || t.Results == nil {
			continue
		}
		request, ok := t.Params.List[1].Type.(*ast.Ident)
		response, ok2 := t.Results.List[0].Type.(*ast.Ident)
		if ok && ok2 {
			return &Handler{Field: f.Names[0].Name, Request: request.Name, Response: response.Name}
		}
	}
	return nil
}
