package bracket_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/schema/bracket"
)

// spell writes a tree as text.
func spell(t *bracket.Tree) string {
	var b strings.Builder
	for _, v := range t.Values {
		b.WriteString(v.Text + ";")
	}
	for _, key := range t.Keys {
		fmt.Fprintf(&b, "%q{%s}", key, spell(t.Children[key]))
	}
	return b.String()
}

func TestTree(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[a]", bracket.MaxDepth)
	for _, c := range []struct {
		names, want    string // want is empty where a name is not well formed
		mixed, indexed bool
		items          int
	}{
		{"a", "0;", false, true, 0},
		{"a a", "0;1;", false, true, 0},
		{"a a[b]", `0;"b"{1;}`, true, false, 1},
		{"a[] a[]", `""{0;1;}`, false, true, 2},
		{"a[7] a[3] a[]", `"7"{0;}"3"{1;}""{2;}`, false, true, 3},
		{"a[][b] a[][c]", `"[0]"{"b"{0;}}"[1]"{"c"{1;}}`, false, true, 2},
		{"a[b][c] a[b][d] a[b][c]", `"b"{"c"{0;2;}"d"{1;}}`, false, false, 1},
		{"a[b[c]", `"b[c"{0;}`, false, false, 1},
		{"a[b", "", false, false, 0},
		{"a[b]c", "", false, false, 0},
		{"a[b]]", "", false, false, 0},
		{"a" + deep + "[]", "", false, false, 0},
	} {
		tree, ok := new(bracket.Tree), true
		for i, name := range strings.Fields(c.names) {
			base, path := bracket.Cut(name)
			if base != "a" {
				t.Errorf("%s is of %q", name, base)
			}
			ok = ok && tree.Add(path, bracket.Value{Text: fmt.Sprint(i)})
		}
		switch got := spell(tree); {
		case ok != (c.want != ""):
			t.Errorf("%s: well formed %v", c.names, ok)
		case ok && (got != c.want || tree.Mixed() != c.mixed || tree.Indexed() != c.indexed || len(tree.Items()) != c.items):
			t.Errorf("%s: %s, mixed %v, indexed %v, %d items", c.names, got, tree.Mixed(), tree.Indexed(), len(tree.Items()))
		}
	}
	if base, path := bracket.Cut("[a]"); base != "[a]" || path != "" {
		t.Errorf("%q %q", base, path)
	}
	if !new(bracket.Tree).Add(deep, bracket.Value{}) {
		t.Error("a name as deep as can be is refused")
	}
}
