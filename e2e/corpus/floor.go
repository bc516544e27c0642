package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// writeFloor writes a package that refers to everything in other packages that the
// one in from refers to by name, and declares nothing else: what building costs
// before a line of generated code is compiled. A bare import would not do; the
// compiler reads of a package what is asked for.
func writeFloor(from, to string) error {
	names, err := filepath.Glob(filepath.Join(from, "*.go"))
	if err != nil {
		return err
	}
	imports, used := map[string]string{}, map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		here := map[string]bool{}
		for _, spec := range file.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			local := path.Base(target)
			if spec.Name != nil {
				local = spec.Name.Name
			}
			if local != "_" {
				imports[local], here[local] = target, true
			}
		}
		types := map[ast.Expr]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Field:
				mark(n.Type, types)
			case *ast.TypeSpec:
				mark(n.Type, types)
			case *ast.CompositeLit:
				mark(n.Type, types)
			}
			return true
		})
		for e := range types {
			if s, ok := e.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil && here[x.Name] {
					used[x.Name+"."+s.Sel.Name] = true
				}
			}
		}
	}
	var b strings.Builder
	b.WriteString("package floor\n\nimport (\n")
	list := make([]string, 0, len(used))
	for name := range used {
		list = append(list, name)
	}
	slices.Sort(list)
	for i, name := range list {
		if local, _, _ := strings.Cut(name, "."); i == 0 || !strings.HasPrefix(list[i-1], local+".") {
			fmt.Fprintf(&b, "\t%s %q\n", local, imports[local])
		}
	}
	b.WriteString(")\n\nvar (\n")
	for _, name := range list {
		fmt.Fprintf(&b, "\t_ *%s\n", name)
	}
	b.WriteString(")\n")
	return errors.Join(os.MkdirAll(to, 0o755), os.WriteFile(filepath.Join(to, "floor.go"), []byte(b.String()), 0o644))
}

// mark collects what a type expression names in other packages.
func mark(e ast.Expr, into map[ast.Expr]bool) {
	if e == nil {
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IndexExpr:
			mark(n.Index, into)
			return false
		case *ast.FuncType, *ast.StructType, *ast.InterfaceType:
			return false // their fields are visited themselves
		case *ast.SelectorExpr:
			into[n] = true
			return false
		}
		return true
	})
}
