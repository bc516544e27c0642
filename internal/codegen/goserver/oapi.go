package goserver

import (
	"bytes"
	"embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

//go:embed templates/*.tmpl
var templates embed.FS

// oapiMutex guards oapi-codegen, whose state is global to the process.
var oapiMutex sync.Mutex

// oapiTemplates replace those of oapi-codegen whose output we do not want: its
// accessors read JSON with encoding/json, and its constants lose values.
var oapiTemplates = []string{"additional-properties", "constants", "imports", "union", "union-and-additional-properties"}

// generateTypes prints declarations with oapi-codegen. It is the only door to
// it. All names and types were decided before: what it gets is a document of
// flat schemas in which every type is spelled out, so that the parts of
// oapi-codegen that guess have nothing to guess.
func generateTypes(pkg string, decls []*decl, imports map[string]string) (string, error) {
	oapiMutex.Lock()
	defer oapiMutex.Unlock()

	cfg := codegen.Configuration{PackageName: pkg, Generate: codegen.GenerateOptions{Models: true}}
	cfg = cfg.UpdateDefaults()
	cfg.AllowRemoteRefsFrom = []string{}
	cfg.OutputOptions.SkipFmt = true
	cfg.OutputOptions.SkipPrune = true
	cfg.OutputOptions.SkipEnumValidate = true
	cfg.OutputOptions.DisableTypeAliasesForType = []string{"array"}
	cfg.Compatibility.DisableRequiredReadOnlyAsPointer = true
	cfg.OutputOptions.UserTemplates = map[string]string{}
	for _, name := range oapiTemplates {
		text, err := templates.ReadFile("templates/oapi-" + name + ".tmpl")
		if err != nil {
			return "", err
		}
		cfg.OutputOptions.UserTemplates[name+".tmpl"] = string(text)
	}
	for _, path := range slices.Sorted(maps.Keys(imports)) {
		cfg.AdditionalImports = append(cfg.AdditionalImports, codegen.AdditionalImport{Alias: imports[path], Package: path})
	}
	return codegen.Generate(document(decls), cfg)
}

// document writes declarations as the OpenAPI document that oapi-codegen turns
// into them.
func document(decls []*decl) *openapi3.T {
	doc := &openapi3.T{
		OpenAPI:    "3.0.3",
		Info:       &openapi3.Info{Title: "types", Version: "1"},
		Paths:      openapi3.NewPaths(),
		Components: &openapi3.Components{Schemas: openapi3.Schemas{}},
	}
	for _, d := range decls {
		doc.Components.Schemas[d.name] = &openapi3.SchemaRef{Value: d.schema()}
	}
	for _, d := range decls {
		if d.object == nil {
			continue
		}
		// Variants are references, which carry the schema they lead to.
		for _, ref := range doc.Components.Schemas[d.name].Value.OneOf {
			ref.Value = doc.Components.Schemas[strings.TrimPrefix(ref.Ref, schemaPrefix)].Value
		}
	}
	return doc
}

func (d *decl) schema() *openapi3.Schema {
	s := &openapi3.Schema{Description: comment(d.name, d.doc), Deprecated: d.deprecated, Extensions: map[string]any{}}
	if s.Description == "" {
		s.Description = "is " + d.origin() + "."
	}
	if reason, ok := d.extensions["x-deprecated-reason"]; ok {
		s.Extensions["x-deprecated-reason"] = reason
	}
	switch {
	case d.alias != nil:
		s.Extensions["x-go-type"] = d.alias.expr
	case d.elem != nil:
		s.Type = &openapi3.Types{"array"}
		s.Items = exact(d.elem.item())
	case d.value != nil:
		s.Type = &openapi3.Types{"object"}
		s.AdditionalProperties = openapi3.AdditionalProperties{Schema: exact(d.value.item())}
	case d.enum != nil:
		// One value makes a defined type; the constants are printed by us.
		s.Type, s.Format = baseSchema(d.enum.base)
		s.Enum = []any{"0"}
	default:
		d.object.schema(s)
	}
	return s
}

func (d *decl) origin() string {
	if d.source != "" {
		return "the schema " + strconv.Quote(d.source) + " of the contract"
	}
	return "a schema without a name of its own in the contract"
}

func baseSchema(base string) (*openapi3.Types, string) {
	switch base {
	case "string":
		return &openapi3.Types{"string"}, ""
	case "float64":
		return &openapi3.Types{"number"}, "double"
	}
	return &openapi3.Types{"integer"}, base
}

// exact is a schema whose Go type is spelled out.
func exact(expr string) *openapi3.SchemaRef {
	return &openapi3.SchemaRef{Value: &openapi3.Schema{Extensions: map[string]any{
		"x-go-type": expr, "x-go-type-skip-optional-pointer": true,
	}}}
}

func (o *structDecl) schema(s *openapi3.Schema) {
	if len(o.variants) == 0 {
		s.Type = &openapi3.Types{"object"}
	}
	for _, v := range o.variants {
		s.OneOf = append(s.OneOf, &openapi3.SchemaRef{Ref: schemaPrefix + v})
	}
	if o.discriminator != "" {
		s.Discriminator = &openapi3.Discriminator{PropertyName: o.discriminator, Mapping: map[string]openapi3.MappingRef{}}
		for value, name := range o.mapping {
			s.Discriminator.Mapping[value] = openapi3.MappingRef{Ref: schemaPrefix + name}
		}
	}
	if o.rest != nil {
		s.AdditionalProperties = openapi3.AdditionalProperties{Schema: exact(o.rest.item())}
	}
	s.Properties = openapi3.Schemas{}
	for _, f := range o.fields {
		expr, omit := f.typ.field(f.required)
		if f.pointer {
			expr = "*" + f.typ.expr
		}
		ref := exact(expr)
		maps.Copy(ref.Value.Extensions, f.extensions)
		ref.Value.Extensions["x-go-name"] = f.name
		ref.Value.Extensions["x-omitempty"] = omit == "omitempty"
		ref.Value.Extensions["x-omitzero"] = omit == "omitzero"
		ref.Value.Description = comment(f.name, f.doc)
		ref.Value.Deprecated = f.deprecated
		s.Properties[f.json] = ref
		s.Required = append(s.Required, f.json)
	}
}

// comment prepares a description for oapi-codegen, which puts the name in front
// of it: control characters out, lines trimmed, the name not said twice.
func comment(name, text string) string {
	lines := commentLines(text)
	out := strings.Join(lines, "\n")
	if rest, ok := strings.CutPrefix(out, name+" "); ok {
		return rest
	}
	return out
}

// maxComment bounds the lines of a description that are printed.
const maxComment = 60

func commentLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", "    ").Replace(strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f || r == 0xFEFF {
			return -1
		}
		return r
	}, text)
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	if len(lines) > maxComment {
		lines = append(lines[:maxComment], "(shortened; see the contract)")
	}
	return lines
}

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
	// Laying out a comment can uncover another one to lay out: what is written
	// must be what gofmt leaves alone.
	for range 4 {
		again, err := format.Source(out)
		if err != nil {
			return nil, fmt.Errorf("%s does not parse: %w", name, err)
		}
		if bytes.Equal(again, out) {
			break
		}
		out = again
	}
	return out, nil
}

func versioned(s string) bool {
	return len(s) > 1 && s[0] == 'v' && strings.Trim(s[1:], "0123456789") == ""
}

func pathBase(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
