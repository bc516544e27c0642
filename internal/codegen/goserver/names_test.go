package goserver

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/openapi"
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

func TestInitialisms(t *testing.T) {
	t.Parallel()
	words := initialisms{"SKU": true, "GTIN": true, "EAN13": true, "B2B": true, "ID": true}
	for text, want := range map[string]string{
		"sku": "SKU", "Sku": "SKU", "skuCode": "SKUCode", "sku_code": "SKUCode", "order-sku": "OrderSKU", "SKUCode": "SKUCode",
		"HTTPSku": "HTTPSKU", "sku2": "SKU2", "ean13": "EAN13", "ean_13": "EAN13", "b2b-price": "B2BPrice", "userId": "UserID",
		"skus": "Skus", "skuld": "Skuld", "ids": "Ids", "identity": "Identity", "gtin sku": "GTINSKU", "3sku": "N3sku", "": "Empty", "名sku": "X名SKU",
	} {
		if got := words.goName(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
		if got := initialisms(nil).goName(text); got != goName(text) {
			t.Errorf("without any, %q is %s, want %s", text, got, goName(text))
		}
	}
}

// Any names of a contract become Go names that are valid, told apart, and always
// the same; and what is added changes no name that it does not collide with.
func TestNames(t *testing.T) {
	t.Parallel()
	words := []string{"user", "User", "USER", "first-name", "first_name", "firstName", "FirstName", "StartTime", "StartTime<", "StartTime>", "名", "名前",
		"", " ", "1", "-1", "+1", "a", "A", "a-b", "a_b", "@type", "type", "$filter", "filter", "ids[]", "ids", "Client", "Handlers", "func", "ǆ", "ß", "é", "ﬁ", "\u0301", "x名y", "日本語 text", "٣", "a2", "a22"}
	name := rapid.OneOf(rapid.SampledFrom(words), rapid.String(), rapid.StringMatching(`[a-zA-Z_<>$-]{1,4}`))
	rapid.Check(t, func(t *rapid.T) {
		words := initialisms{}
		for _, word := range rapid.SliceOf(rapid.SampledFrom([]string{"ID", "IDS", "NAME", "TIME", "USER", "A2", "LT"})).Draw(t, "initialisms") {
			words[word] = true
		}
		texts := rapid.SliceOfNDistinct(name, 1, 12, rapid.ID).Draw(t, "names")
		give := func(texts []string) map[string]string {
			p := newPrep(&openapi.Document{}, new(diag.List))
			p.words = words
			wishes := make([]wish, len(texts))
			for i, text := range texts {
				wishes[i] = wish{text: text, kind: "Schema"}
			}
			out := map[string]string{}
			for i, got := range p.nameAll(newScope("Handlers"), wishes) {
				out[texts[i]] = got
			}
			return out
		}
		got := give(texts)
		seen := map[string]bool{}
		for text, name := range got {
			if !token.IsIdentifier(name) || !token.IsExported(name) {
				t.Fatalf("%q is %q, which Go does not export", text, name)
			}
			if seen[name] {
				t.Fatalf("%q is given twice", name)
			}
			seen[name] = true
		}
		if again := give(rapid.Permutation(texts).Draw(t, "in another order")); !maps.Equal(got, again) {
			t.Fatalf("the order matters: %v, %v", got, again)
		}
		added := texts[len(texts)-1]
		before := give(texts[:len(texts)-1])
		candidates := []string{words.goName(added), words.longName(added), got[added]}
		for text, name := range before {
			if slices.Contains(candidates, words.goName(text)) || slices.Contains(candidates, words.longName(text)) || slices.Contains(candidates, name) {
				continue // they collide
			}
			if got[text] != name {
				t.Fatalf("%q was %s and is %s since there is %q", text, name, got[text], added)
			}
		}
	})
}
