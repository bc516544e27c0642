package goserver

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

var printer = template.Must(template.New("").Funcs(template.FuncMap{
	"quote": strconv.Quote,
	"doc":   docComment,
	"paren": parenthesise,
}).ParseFS(templates, "templates/server.tmpl", "templates/handlers.tmpl", "templates/port.tmpl", "templates/workspace.tmpl"))

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
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\n\n%s", v.Header, src)
	for _, d := range sortedDecls(v.Decls) {
		if d.enum != nil {
			printEnum(&b, d)
		}
	}
	return tidy("types.gen.go", b.String())
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
