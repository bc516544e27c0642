package wordpress

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What Go's answer for one post may lack or say differently; the package
// comment of examples/wordpress/handlers/wordpress tells the same story. A path
// is followed through objects: content.rendered.
var goMayDiffer = map[string]string{
	"_links":           "not in the contract",
	"meta":             "PHP writes an empty object as []",
	"content.rendered": "WordPress sends text through its filters",
	"excerpt.rendered": "WordPress makes up an excerpt where there is none",
}

// TestGoAnswersLikePHP asks both sides of the one operation that has a Go
// handler for the same posts. Whoever needs the saved state restores it first,
// so what is changed here may stay.
func TestGoAnswersLikePHP(t *testing.T) {
	s := wordpress(t)
	addr := banyan(t, s, "http://"+s.addr)
	if err := s.state.restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	// What the seed does not have: a protected post, a sticky one, one with a
	// picture, one that is a quotation.
	for _, statement := range []string{
		"UPDATE wp.wp_posts SET post_password = 'mole' WHERE ID = 11",
		"UPDATE wp.wp_options SET option_value = 'a:2:{i:0;i:14;i:1;i:12;}' WHERE option_name = 'sticky_posts'",
		"INSERT INTO wp.wp_postmeta (post_id, meta_key, meta_value) VALUES (15, '_thumbnail_id', '16')",
		"INSERT INTO wp.wp_terms (term_id, name, slug) VALUES (900, 'post-format-quote', 'post-format-quote')",
		"INSERT INTO wp.wp_term_taxonomy (term_taxonomy_id, term_id, taxonomy, description) VALUES (900, 900, 'post_format', '')",
		"INSERT INTO wp.wp_term_relationships (object_id, term_taxonomy_id) VALUES (17, 900), (17, 2)",
	} {
		if _, err := s.state.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}

	used := map[string]bool{}
	passed := t.Run("posts", func(t *testing.T) {
		for _, c := range []struct{ name, target, status string }{
			{"published", "10", "200 OK"},
			{"for embedding", "10?context=embed", "200 OK"},
			{"for editing", "10?context=edit", "401 Unauthorized"},
			{"sticky", "12", "200 OK"},
			{"with a picture", "15", "200 OK"},
			{"quotation in two categories", "17", "200 OK"},
			{"draft", "13", "401 Unauthorized"},
			{"protected", "11", "200 OK"},
			{"protected, right password", "11?password=mole", "200 OK"},
			{"protected, wrong password", "11?password=vole", "403 Forbidden"},
			{"page", "2", "404 Not Found"},
			{"unknown", "999999", "404 Not Found"},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := request{method: "GET", target: "/wp-json/wp/v2/posts/" + c.target}
				php := sendTo(t, addr, r)
				r.headers = []string{"x-env: canary"}
				golang := sendTo(t, addr, r)
				// nginx's name in the answer tells who wrote it.
				if php.header["Server"] == nil || golang.header["Server"] != nil {
					t.Fatalf("answered by %q and %q, want nginx and nobody", php.header["Server"], golang.header["Server"])
				}
				if php.status != c.status || golang.status != c.status {
					t.Fatalf("PHP says %s, Go %s, want %s\n%s\n%s", php.status, golang.status, c.status, php.body, golang.body)
				}
				want, got := leaves(t, php), leaves(t, golang)
				for path := range goMayDiffer {
					if want[path] != got[path] {
						used[path] = true
					}
					delete(want, path)
					delete(got, path)
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("Go's answer differs (-PHP +Go):\n%s", d)
				}
			})
		}
	})
	if passed && len(used) < len(goMayDiffer) {
		t.Errorf("only %v differed; take the rest off the list", slices.Sorted(maps.Keys(used)))
	}
}

func sendTo(t *testing.T, addr string, r request) *answer {
	t.Helper()
	got, err := send(addr, r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// leaves lists the members of a JSON object with dots between the names of
// objects; an array is one leaf, and so are the _links.
func leaves(t *testing.T, a *answer) map[string]string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal(a.body, &object); err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
	out := map[string]string{}
	var visit func(path string, v any)
	visit = func(path string, v any) {
		members, isObject := v.(map[string]any)
		if !isObject || path == "_links" || len(members) == 0 {
			out[path] = fmt.Sprintf("%#v", v)
			return
		}
		for name, member := range members {
			visit(strings.TrimPrefix(path+"."+name, "."), member)
		}
	}
	visit("", object)
	return out
}
