package wordpress

import (
	"encoding/json"
	"testing"

	api "github.com/banyan-go/banyan/examples/wordpress/gen/wordpress"
	"github.com/google/go-cmp/cmp"
)

func example(change func(*post)) *post {
	p := &post{
		id: 10, author: 3, title: "Harbour note 7", content: "<p>Ship 7</p>", excerpt: "Ship", status: "publish",
		commentStatus: "open", pingStatus: "open", slug: "harbour-note-7", guid: "http://wordpress.test/?p=10",
		date: "2024-01-01 07:00:00", dateGMT: "2024-01-01 07:00:00", modified: "2024-01-02 07:00:00", modifiedGMT: "2024-01-02 07:00:00",
		format: "standard", categories: []int{1}, tags: []int{}, home: "http://wordpress.test",
	}
	if change != nil {
		change(p)
	}
	return p
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	protect := func(p *post) { p.password = "mole" }
	for _, c := range []struct {
		name         string
		post         *post
		scope, given string
		code         string // of the error
		content      string
	}{
		{name: "published", post: example(nil), content: "<p>Ship 7</p>"},
		{name: "embedded", post: example(nil), scope: "embed"},
		{name: "for editing", post: example(nil), scope: "edit", code: "rest_forbidden_context"},
		{name: "draft", post: example(func(p *post) { p.status = "draft" }), code: "rest_forbidden"},
		{name: "private", post: example(func(p *post) { p.status = "private" }), code: "rest_forbidden"},
		{name: "protected", post: example(protect), content: ""},
		{name: "protected, right password", post: example(protect), given: "mole", content: "<p>Ship 7</p>"},
		{name: "protected, wrong password", post: example(protect), given: "vole", code: "rest_post_incorrect_password"},
		{name: "a password nobody needs", post: example(nil), given: "mole", content: "<p>Ship 7</p>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var params api.GetWpV2PostsIdParams
			if c.scope != "" {
				params.Context = (*api.GetWpV2PostsIdParamsContext)(&c.scope)
			}
			if c.given != "" {
				params.Password = &c.given
			}
			switch got := answer(c.post, params).(type) {
			case api.GetWpV2PostsId200JSONResponse:
				if c.code != "" {
					t.Fatalf("an answer, want %s", c.code)
				}
				if c.scope == "embed" {
					if got.Content != nil || got.Title == nil {
						t.Errorf("%+v", got)
					}
					return
				}
				if *got.Content.Rendered != c.content {
					t.Errorf("content %q, want %q", *got.Content.Rendered, c.content)
				}
			case api.GetWpV2PostsIddefaultJSONResponse:
				if got.Body.Code != c.code || got.StatusCode != *got.Body.Data.Value.Status {
					t.Errorf("%+v, want %s", got, c.code)
				}
			}
		})
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(example(nil).document(true))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"author":3,"categories":[1],"comment_status":"open","content":{"protected":false,"rendered":"<p>Ship 7</p>"},
		"date":"2024-01-01T07:00:00","date_gmt":"2024-01-01T07:00:00","excerpt":{"protected":false,"rendered":"Ship"},"featured_media":0,
		"format":"standard","guid":{"rendered":"http://wordpress.test/?p=10"},"id":10,"link":"http://wordpress.test/harbour-note-7/","meta":{},
		"modified":"2024-01-02T07:00:00","modified_gmt":"2024-01-02T07:00:00","ping_status":"open","slug":"harbour-note-7","status":"publish",
		"sticky":false,"tags":[],"template":"","title":{"rendered":"Harbour note 7"},"type":"post"}`
	if d := cmp.Diff(decode(t, want), decode(t, string(got))); d != "" {
		t.Error(d)
	}
}

func decode(t *testing.T, s string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestHolds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		serialized string
		id         int
		want       bool
	}{
		{"a:0:{}", 10, false},
		{"", 10, false},
		{"a:2:{i:0;i:10;i:1;i:12;}", 10, true},
		{"a:2:{i:0;i:10;i:1;i:12;}", 12, true},
		{"a:2:{i:0;i:10;i:1;i:12;}", 1, false},
		{"a:1:{i:0;i:100;}", 10, false},
		{"a:1:{i:10;i:100;}", 10, false},
	} {
		if got := holds(c.serialized, c.id); got != c.want {
			t.Errorf("holds(%q, %d) = %v", c.serialized, c.id, got)
		}
	}
}
