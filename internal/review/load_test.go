package review

import (
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

// counted is a file system that counts how often each file is opened.
type counted struct {
	fstest.MapFS
	mu     sync.Mutex
	opened map[string]int
}

func (c *counted) Open(name string) (fs.File, error) {
	c.mu.Lock()
	c.opened[name]++
	c.mu.Unlock()
	return c.MapFS.Open(name)
}

func (c *counted) ReadFile(name string) ([]byte, error) {
	f, err := c.Open(name)
	if err != nil {
		return nil, err
	}
	f.Close()
	return c.MapFS.ReadFile(name)
}

// TestUnchangedServicesAreNotLoaded holds that the files of a service that did not
// change are looked at once, to see that, and that a contract that did is not read
// a second time either where what differs can be told from its text.
func TestUnchangedServicesAreNotLoaded(t *testing.T) {
	t.Parallel()
	doc := func(ids ...string) *fstest.MapFile {
		var b strings.Builder
		b.WriteString("openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\npaths:\n")
		for _, id := range ids {
			b.WriteString("  /" + id + ":\n    get:\n      operationId: " + id + "\n      responses:\n        \"200\": {description: ok, content: {application/json: {schema: {$ref: \"#/components/schemas/S\"}}}}\n")
		}
		b.WriteString("components:\n  schemas:\n    S: {type: string}\n")
		return &fstest.MapFile{Data: []byte(b.String()), Mode: 0o444}
	}
	side := func(changed ...string) *counted {
		return &counted{opened: map[string]int{}, MapFS: fstest.MapFS{
			"banyan.yaml":  {Data: []byte("version: 1\nservices:\n  same: {contract: same.yaml}\n  other: {contract: other.yaml}\n"), Mode: 0o444},
			"same.yaml":    doc("a", "b"),
			"other.yaml":   doc(changed...),
			"unasked.yaml": doc("c"),
		}}
	}
	base, head := side("x", "y"), side("x", "y", "z")
	r, err := Workspaces(Side{Name: "base", FS: base}, Side{Name: "head", FS: head}, Settings{Now: time.Unix(0, 0)})
	if err != nil || len(r.Services) != 2 || len(r.All()) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, files := range []*counted{base, head} {
		for name, want := range map[string]int{"same.yaml": 1, "other.yaml": 1, "unasked.yaml": 0} {
			if files.opened[name] != want {
				t.Errorf("%s was opened %d times, want %d", name, files.opened[name], want)
			}
		}
	}
	if s := r.Services; s[0].Status != Changed || s[1].Status != Unchanged {
		t.Errorf("%s %s, %s %s", s[0].Name, s[0].Status, s[1].Name, s[1].Status)
	}
}

// TestReferredBy holds that whatever may be a reference to a file is followed.
func TestReferredBy(t *testing.T) {
	t.Parallel()
	text := "a: {$ref: b.yaml#/X}\n\"$ref\" : \"./c.json\"\n$ref:\n  'd/e.yml'\n$ref: '#/local'\n$ref: https://example.org/x.yaml\n$refs: no\n$ref: ../../outside.yaml\n$ref: last.yaml"
	got := strings.Join(referredBy("api/openapi.yaml", []byte(text)), " ")
	if want := "api/b.yaml api/c.json api/d/e.yml api/last.yaml"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
