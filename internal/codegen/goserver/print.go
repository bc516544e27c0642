package goserver

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

var printer = template.Must(template.New("").Funcs(template.FuncMap{
	"quote": strconv.Quote,
	"doc":   docComment,
	"paren": parenthesise,
}).ParseFS(templates, "templates/server.tmpl", "templates/handlers.tmpl", "templates/port.tmpl", "templates/validate.tmpl", "templates/workspace.tmpl"))

// docComment writes lines as a Go comment. With a name, they read "Name:
// ...", because an OpenAPI summary is rarely a sentence about a Go name.
func docComment(name string, lines []string, indent string) string {
	if len(lines) == 0 {
		if name == "" {
			return ""
		}
		return "// " + name + " is an operation of the contract."
	}
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteString("\n" + indent)
		}
		if i == 0 && name != "" && !strings.HasPrefix(line, name+" ") {
			line = name + ": " + line
		}
		b.WriteString(strings.TrimRight("// "+line, " "))
	}
	return b.String()
}

// parenthesise makes a type usable as a conversion.
func parenthesise(expr string) string {
	if strings.HasPrefix(expr, "func") || strings.HasPrefix(expr, "*") {
		return "(" + expr + ")"
	}
	return expr
}

func execute(name string, data any) (string, error) {
	var b bytes.Buffer
	if err := printer.ExecuteTemplate(&b, name, data); err != nil {
		return "", err
	}
	return b.String(), nil
}

// printTypes prints types.gen.go.
func printTypes(v *serviceView) ([]byte, error) {
	src, err := generateTypes(v.Package, v.Decls, v.Imports)
	if err != nil {
		return nil, err
	}
	if src, err = tagRest(src, v.Decls); err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\n\n%s", v.Header, src)
	for _, d := range sortedDecls(v.Decls) {
		if d.enum != nil {
			printEnum(&b, d)
		}
	}
	return tidy("types.gen.go", b.String())
}

// tagRest adds the validate tags of AdditionalProperties, for which
// oapi-codegen has no place.
func tagRest(src string, decls []*decl) (string, error) {
	tags := map[string]string{}
	for _, d := range decls {
		if d.object != nil && d.object.restTag != "" {
			tags[d.name] = d.object.restTag
		}
	}
	if len(tags) == 0 {
		return src, nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return "", fmt.Errorf("types.gen.go does not parse: %w", err)
	}
	var out strings.Builder
	done := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		object, ok := spec.Type.(*ast.StructType)
		if tags[spec.Name.Name] == "" || !ok {
			return false
		}
		for _, f := range object.Fields.List {
			if len(f.Names) == 1 && f.Names[0].Name == "AdditionalProperties" && f.Tag != nil {
				end := fset.Position(f.Tag.End()).Offset - 1 // before the closing quote
				out.WriteString(src[done:end] + ` validate:"` + tags[spec.Name.Name] + `"`)
				done = end
			}
		}
		return false
	})
	return out.String() + src[done:], nil
}

func printEnum(b *strings.Builder, d *decl) {
	if len(d.enum.values) == 0 {
		return
	}
	fmt.Fprintf(b, "\n// The values of %s.\nconst (\n", d.name)
	var names []string
	for _, v := range d.enum.values {
		fmt.Fprintf(b, "\t%s %s = %s\n", v.name, d.name, v.literal)
		names = append(names, v.name)
	}
	fmt.Fprintf(b, ")\n\n// Valid reports whether the value is one that the contract lists.\nfunc (v %s) Valid() bool {\n\tswitch v {\n\tcase %s:\n\t\treturn true\n\t}\n\treturn false\n}\n", d.name, strings.Join(names, ",\n\t\t"))
}

func sortedDecls(decls []*decl) []*decl {
	out := slices.Clone(decls)
	slices.SortFunc(out, func(a, b *decl) int { return strings.Compare(a.name, b.name) })
	return out
}
