package dispatch

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
	"pgregory.net/rapid"
)

func newMatcher(t testing.TB, paths ...string) *matcher {
	t.Helper()
	m := &matcher{}
	for _, p := range paths {
		tmpl, names, err := parseTemplate(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.add(tmpl, &route{op: &catalog.Operation{Key: p, Method: http.MethodGet, Path: p}, names: names}); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func TestMatcher(t *testing.T) {
	t.Parallel()
	m := newMatcher(t,
		"/", "/users", "/users/", "/users/{id}", "/users/me", "/users/{id}:cancel", "/users/{id}:undo", "/users/{id}/files/{name}.{ext}",
		"/users/{id}/files/{path}", "/wp-json/", "/wp-json/wp/v2/posts/{id}", "/café/{id}", "/v{major}.{minor}/x", "/a/{order-id}/{b c}",
		"/colon:literal", "/users/me/x", "/range/{from}..{to}", "/star*/x",
	)
	tests := []struct {
		path string // as sent
		want string
		vals []string
	}{
		{"/", "/", nil},
		{"/users", "/users", nil},
		{"/users/", "/users/", nil},
		{"/users/7", "/users/{id}", []string{"7"}},
		{"/users/me", "/users/me", nil},
		{"/users/m%65", "/users/me", nil},
		{"/users/me/files/a", "/users/{id}/files/{path}", []string{"me", "a"}},
		{"/users/a%2Fb", "/users/{id}", []string{"a/b"}},
		{"/users/a%252Fb", "/users/{id}", []string{"a%2Fb"}},
		{"/users/a%20b", "/users/{id}", []string{"a b"}},
		{"/users/%C3%BC", "/users/{id}", []string{"ü"}},
		{"/users/%25", "/users/{id}", []string{"%"}},
		{"/users/7:cancel", "/users/{id}:cancel", []string{"7"}},
		{"/users/7:undo", "/users/{id}:undo", []string{"7"}},
		{"/users/7:other", "/users/{id}", []string{"7:other"}},
		{"/users/:cancel", "/users/{id}", []string{":cancel"}},
		{"/users/7%3Acancel", "/users/{id}", []string{"7:cancel"}},
		{"/users/a%2Fb:cancel", "/users/{id}:cancel", []string{"a/b"}},
		{"/users/a:b:cancel", "/users/{id}:cancel", []string{"a:b"}},
		{"/users/7/files/a.tar.gz", "/users/{id}/files/{name}.{ext}", []string{"7", "a.tar", "gz"}},
		{"/users/7/files/a%2Etar", "/users/{id}/files/{name}.{ext}", []string{"7", "a", "tar"}},
		{"/users/7/files/.gz", "/users/{id}/files/{path}", []string{"7", ".gz"}},
		{"/users/7/files/a.", "/users/{id}/files/{path}", []string{"7", "a."}},
		{"/users/7/8", "", nil},
		{"/users//files/x", "", nil},
		{"/users/7/", "", nil},
		{"/wp-json/", "/wp-json/", nil},
		{"/wp%2Djson/", "/wp-json/", nil},
		{"/wp-json", "", nil},
		{"/wp-json//", "", nil},
		{"/wp-json/wp/v2/posts/1", "/wp-json/wp/v2/posts/{id}", []string{"1"}},
		{"/caf%C3%A9/a%2Fb", "/café/{id}", []string{"a/b"}},
		{"/v1.20/x", "/v{major}.{minor}/x", []string{"1", "20"}},
		{"/v1/x", "", nil},
		{"/a/1/2", "/a/{order-id}/{b c}", []string{"1", "2"}},
		{"/colon:literal", "/colon:literal", nil},
		{"/range/1...3", "/range/{from}..{to}", []string{"1.", "3"}},
		{"/range/1..", "", nil},
		{"/range/..3", "", nil},
		{"/star*/x", "/star*/x", nil},
		{"//users", "", nil},
		{"*", "", nil},
		{"", "", nil},
	}
	for _, tt := range tests {
		f := m.find(http.MethodGet, tt.path)
		got := ""
		if f.route != nil {
			got = f.route.op.Path
		}
		if got != tt.want || !slices.Equal(f.values, tt.vals) {
			t.Errorf("%s: got %q %q, want %q %q", tt.path, got, f.values, tt.want, tt.vals)
		}
		if post := m.find(http.MethodPost, tt.path); post.route != nil || (len(post.allow) > 0) != (tt.want != "") {
			t.Errorf("POST %s: route %v, allow %v", tt.path, post.route, post.allow)
		}
	}
}

func TestTemplateFaults(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"users":         "does not start with a slash",
		"/{a}{b}":       "nothing stands between {a} and the next parameter",
		"/{}":           "a parameter must be written {name}",
		"/{a":           "a parameter must be written {name}",
		"/a}":           "a brace is closed",
		"/{a/b}":        "a parameter must be written {name}",
		"/{a}/{b}/x{a}": "{a} stands twice",
	} {
		if _, _, err := parseTemplate(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
}

// Registering in another order must not change what serves a path.
func TestMatcherOrder(t *testing.T) {
	t.Parallel()
	paths := []string{"/f/{name}.{ext}", "/f/{name}", "/f/{name}.json", "/f/x.json", "/f/a-{name}"}
	want := newMatcher(t, paths...)
	slices.Reverse(paths)
	reversed := newMatcher(t, paths...)
	for _, p := range []string{"/f/x", "/f/x.json", "/f/y.json", "/f/y.xml", "/f/a-b", "/f/a-b.json", "/f/a-b.xml"} {
		a, b := want.find(http.MethodGet, p), reversed.find(http.MethodGet, p)
		if a.route.op.Path != b.route.op.Path {
			t.Errorf("%s: %s or %s", p, a.route.op.Path, b.route.op.Path)
		}
	}
}

// Through Echo's router a request reaches the operation and the parameters
// that the matcher finds, whatever the routes are.
func TestRoutesAreExact(t *testing.T) {
	t.Parallel()
	part := rapid.SampledFrom([]string{"a", "ab", "b", "a.b", "a:b", "é", "", "{p}", "{p}.{q}", "{p}:a", "a{p}", "*"})
	sent := rapid.SampledFrom([]string{"a", "ab", "b", "a.b", "a:b", "%C3%A9", "", "abc", "a%2Fb", "%61", "a%252Fb", "x", "a%3Ab", "*", ":p"})
	rapid.Check(t, func(rt *rapid.T) {
		s := &catalog.Service{Name: "s"}
		seen := map[string]bool{}
		for range rapid.IntRange(1, 12).Draw(rt, "routes") {
			var b strings.Builder
			for i, text := range rapid.SliceOfN(part, 1, 4).Draw(rt, "template") {
				b.WriteString("/" + strings.NewReplacer("{p}", fmt.Sprintf("{p%d}", i), "{q}", fmt.Sprintf("{q%d}", i)).Replace(text))
			}
			path, method := b.String(), rapid.SampledFrom([]string{"GET", "POST"}).Draw(rt, "method")
			if tmpl, _, _ := parseTemplate(path); seen[method+tmpl.key()] {
				continue
			} else {
				seen[method+tmpl.key()] = true
			}
			s.Operations = append(s.Operations, catalog.Operation{Key: method + " " + path, ID: method + " " + path, Method: method, Path: path})
		}
		var got string
		handlers := map[string]echo.HandlerFunc{}
		for i := range s.Operations {
			op := &s.Operations[i]
			_, names, _ := parseTemplate(op.Path)
			handlers[op.ID] = func(c echo.Context) error {
				got = op.Key
				for _, n := range names {
					got += fmt.Sprintf(" %q", c.Param(n))
				}
				return nil
			}
		}
		d := New(Options{Workspace: &catalog.Workspace{Services: []*catalog.Service{s}}, Observe: func(*Event) {}})
		e := echo.New()
		if err := d.Handle(e, s, handlers); err != nil {
			rt.Fatal(err)
		}
		if err := d.Start(e); err != nil {
			rt.Fatal(err)
		}
		for range 8 {
			path := "/" + strings.Join(rapid.SliceOfN(sent, 1, 4).Draw(rt, "sent"), "/")
			u, err := url.ParseRequestURI("http://h" + path)
			if err != nil {
				rt.Fatal(err)
			}
			got = ""
			e.ServeHTTP(httptest.NewRecorder(), &http.Request{Method: "GET", URL: u, Header: http.Header{}, Body: http.NoBody})
			want := ""
			if f := d.table.find("GET", path); f.route != nil {
				want = f.route.op.Key
				for _, v := range f.values {
					want += fmt.Sprintf(" %q", v)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("%s: %s", path, diff)
			}
		}
	})
}

func FuzzMatcher(f *testing.F) {
	f.Add("/users/{id}:cancel", "/users/a%2Fb:cancel")
	f.Add("/{name}.{ext}", "/a.b.c")
	f.Add("/a/{b}/", "/a/%zz/")
	f.Fuzz(func(t *testing.T, tmpl, path string) {
		parsed, names, err := parseTemplate(tmpl)
		if err != nil {
			return
		}
		m := &matcher{}
		if err := m.add(parsed, &route{op: &catalog.Operation{Method: "GET", Path: tmpl}, names: names}); err != nil {
			t.Fatal(err)
		}
		found := m.find("GET", path)
		if found.route != nil && len(found.values) != len(names) {
			t.Fatalf("%q: %q for %q", path, found.values, names)
		}
		if slices.Contains(found.values, "") {
			t.Fatalf("%q: an empty value: %q", path, found.values)
		}
	})
}
