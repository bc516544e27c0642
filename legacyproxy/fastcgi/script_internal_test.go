package fastcgi

import (
	"strings"
	"testing"

	"github.com/banyan-go/banyan/catalog"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ split, path, script, info string }{
		{"", "/", "/index.php", ""},
		{"", "", "error", ""},
		{"", "*", "error", ""},
		{"", "/order.php", "/order.php", ""},
		{"", "/order.php/", "/order.php", "/"},
		{"", "/a/b.php/c/d", "/a/b.php", "/c/d"},
		{"", "/a.php/b.php", "/a.php", "/b.php"},
		{"", "/a.PHP", "/index.php", ""},
		{"", "/a.php5", "/index.php", ""},
		{"", "/.php", "/index.php", ""},
		{"", "/.php/a.php", "/.php/a.php", ""},
		{"", "/a%2Ephp", "/a.php", ""},
		{"", "/a.php%2Fb", "/a.php", "/b"},
		{"", "/a%20b.php", "/a b.php", ""},
		{"", "//a.php//b", "/a.php", "/b"},
		{"", "/a.ph\u212a.php", "/a.ph\u212a.php", ""}, // the Kelvin sign is k to whoever folds case by Unicode
		{"", "/a.ph\u1d56/x.php", "/a.ph\u1d56/x.php", ""},
		{"", "/a/../b.php", "error", ""},
		{"", "/a/%2e%2E/b.php", "error", ""},
		{"", `/a\..\b.php`, "error", ""},
		{"", "/a.php%00.jpg", "error", ""},
		{"", "/a.php%0a", "error", ""},
		{"", "/a%", "error", ""},
		{"", "/a%zz", "error", ""},
		{".phtml", "/a.php/b.phtml/c", "/a.php/b.phtml", "/c"},
		{catalog.SplitNone, "/order.php/x", "/index.php", ""},
		{catalog.SplitNone, "/a/../b%0a", "/index.php", ""},
		{catalog.SplitNone, "/a%00", "error", ""},
	} {
		l := Layout{Root: "/srv", Split: tt.split}.withDefaults()
		script, info, err := l.resolve(tt.path)
		if err != nil {
			script, info = "error", ""
		}
		if script != tt.script || info != tt.info {
			t.Errorf("%q %q: %q and %q (%v), want %q and %q", tt.split, tt.path, script, info, err, tt.script, tt.info)
		}
	}
}

// FuzzResolve: whatever the path, the script is a file below the root whose
// name ends as scripts do, and nothing of the path is lost.
func FuzzResolve(f *testing.F) {
	f.Add("/a.php/b", ".php")
	f.Add("/a%2Ephp//%2e%2e/b", ".php")
	f.Add("/a.ph\u212a", ".phk")
	f.Add("/x", "none")
	f.Fuzz(func(t *testing.T, path, split string) {
		l := Layout{Root: "/srv", Split: split}
		if l.Check() != nil {
			return
		}
		l = l.withDefaults()
		script, info, err := l.resolve(path)
		if err != nil {
			return
		}
		switch {
		case strings.ContainsRune(script+info, 0):
			t.Error("a NUL byte")
		case !strings.HasPrefix(script, "/") || dotSegments(script) || dotSegments(info):
			t.Errorf("%q and %q leave the root", script, info)
		case info != "" && info[0] != '/':
			t.Errorf("the info %q is no path", info)
		case script == "/"+l.Index && info == "":
		case !strings.HasSuffix(script, l.Split):
			t.Errorf("%q is no script", script)
		default:
			if decoded, _ := decode(path); mergeSlashes(decoded) != script+info {
				t.Errorf("%q and %q are not %q", script, info, path)
			}
		}
	})
}
