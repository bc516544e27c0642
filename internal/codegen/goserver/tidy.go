package goserver

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// tidy formats Go source, dropping imports that it does not use.
func tidy(name, src string) ([]byte, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("%s does not parse: %w", name, err)
	}
	used := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				used[x.Name] = true
			}
		}
		return true
	})
	// Lines are cut from the text: deleting from the tree displaces comments. Our
	// templates give every import a line of its own.
	unused := map[int]bool{}
	for _, imp := range file.Imports {
		path, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			return nil, err
		}
		local := path[strings.LastIndexByte(path, '/')+1:]
		if imp.Name != nil {
			local = imp.Name.Name
		} else if versioned(local) {
			local = pathBase(strings.TrimSuffix(path, "/"+local))
		}
		if !used[local] && local != "_" && local != "." {
			unused[fset.Position(imp.Pos()).Line] = true
		}
	}
	var b strings.Builder
	line := 0
	for text := range strings.Lines(src) {
		if line++; !unused[line] {
			b.WriteString(text)
		}
	}
	out := []byte(b.String())
	for range 4 {
		if out, err = format.Source(out); err != nil {
			return nil, fmt.Errorf("%s does not parse: %w", name, err)
		}
		if commentsLaid(string(out)) {
			break
		}
	}
	return out, nil
}

// commentsLaid reports whether gofmt leaves all doc comments alone: laying one
// out can uncover another one to lay out. Everything else it lays out at once.
func commentsLaid(src string) bool {
	var group []string
	for line := range strings.Lines(src) {
		if text, ok := strings.CutPrefix(line, "//"); ok {
			group = append(group, strings.TrimPrefix(strings.TrimSuffix(text, "\n"), " "))
			continue
		}
		if len(group) > 1 { // a line alone has no layout
			if text := strings.Join(group, "\n"); layComment(text) != text {
				return false
			}
		}
		group = group[:0]
	}
	return true
}

func versioned(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], "0123456789") == ""
}

func pathBase(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
