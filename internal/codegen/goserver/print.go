package goserver

import (
	"bytes"
	"embed"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

//go:embed templates/*.tmpl
var templates embed.FS

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

func sortedDecls(decls []*decl) []*decl {
	out := slices.Clone(decls)
	slices.SortFunc(out, func(a, b *decl) int { return strings.Compare(a.name, b.name) })
	return out
}
