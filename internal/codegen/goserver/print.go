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
}).ParseFS(templates, "templates/validate.tmpl", "templates/workspace.tmpl"))

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

func sortedChunks(chunks []chunk) []chunk {
	out := slices.Clone(chunks)
	slices.SortStableFunc(out, func(a, b chunk) int { return strings.Compare(a.name, b.name) })
	return out
}
