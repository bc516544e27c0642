package goserver

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
)

// A workspace imports its services by their package names, whatever a service
// is called.
func TestPackageNamesCanBeImported(t *testing.T) {
	t.Parallel()
	for _, service := range []string{
		"init", "main", "nil", "true", "string", "error", "len", "type", "func", "internal", "vendor", "gen", "catalog", "users", "1st-class", "a-b",
	} {
		name := packageName(service)
		src := "package gen\nimport " + name + ` "example.com/gen/x"` + "\nvar _ = " + name + ".Service\n"
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, "workspace.gen.go", src, 0)
		if err != nil {
			t.Errorf("%s: %v", service, err)
			continue
		}
		imported := types.NewPackage("example.com/gen/x", name)
		imported.Scope().Insert(types.NewVar(token.NoPos, imported, "Service", types.Typ[types.Int]))
		imported.MarkComplete()
		config := types.Config{Importer: only{imported}}
		if _, err := config.Check("example.com/gen", set, []*ast.File{file}, nil); err != nil {
			t.Errorf("%s as %s: %v", service, name, err)
		}
	}
}

// only imports one package.
type only struct{ pkg *types.Package }

func (o only) Import(string) (*types.Package, error) { return o.pkg, nil }
