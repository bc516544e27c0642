package build

import (
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/review"
)

// watched is a file system that counts how often each file is opened.
type watched struct {
	fstest.MapFS
	mu     sync.Mutex
	opened map[string]int
}

func (w *watched) Open(name string) (fs.File, error) {
	w.mu.Lock()
	w.opened[name]++
	w.mu.Unlock()
	return w.MapFS.Open(name)
}

func (w *watched) ReadFile(name string) ([]byte, error) {
	f, err := w.Open(name)
	if err != nil {
		return nil, err
	}
	f.Close()
	return w.MapFS.ReadFile(name)
}

// TestUnchangedServicesAreNotGenerated holds that with targets, too, a service whose
// files are the same costs no more than seeing that: its contract is opened once on
// either side and not read, since it would be found to be none, and no target is
// asked about it. Of the service that changed, its contract is not opened again.
func TestUnchangedServicesAreNotGenerated(t *testing.T) {
	t.Parallel()
	side := func(kind string) *watched {
		file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o444} }
		return &watched{opened: map[string]int{}, MapFS: fstest.MapFS{
			"banyan.yaml": file("version: 1\ntargets:\n  goserver: {output: gen}\nservices:\n  same: {contract: same.yaml}\n  split: {contract: split.yaml}\n  other: {contract: other.yaml}\n"),
			"same.yaml":   file("openapi: 3.0.3\ninfo: [no contract\n"),
			"split.yaml":  file("openapi: 3.0.3\ninfo: [no contract\nx: {$ref: 'parts.yaml#/X'}\n"),
			"parts.yaml":  file("X: [nor this\n"),
			"other.yaml": file("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n" +
				"      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}}}\n" +
				"components:\n  schemas:\n    S: {type: object, properties: {a: {type: " + kind + "}}}\n"),
		}}
	}
	var asked []string
	settings := review.Settings{
		Now: time.Unix(0, 0),
		Surfaces: func(ws *contract.Workspace, base, head *contract.Contract) (map[string][]review.SurfaceChange, []string) {
			asked = append(asked, "surface of "+base.Name)
			return Surfaces(ws, base, head)
		},
		Stems: Stems,
		Decoders: func(ws *contract.Workspace, c *contract.Contract, doc *openapi.Document) map[string]review.Decode {
			asked = append(asked, "decoders of "+c.Name)
			return Decoders(ws, c, doc)
		},
	}
	base, head := side("string"), side("integer")
	r, err := review.Workspaces(review.Side{Name: "base", FS: base, Module: "example.org/x"}, review.Side{Name: "head", FS: head, Module: "example.org/x"}, settings)
	if err != nil {
		t.Fatal(err)
	}
	if r.Problems.Errors() > 0 {
		t.Errorf("what nobody asked for was read: %v", r.Problems)
	}
	for _, s := range r.Services {
		if want := map[bool]review.Status{true: review.Changed, false: review.Unchanged}[s.Name == "other"]; s.Status != want {
			t.Errorf("%s is %s, want %s", s.Name, s.Status, want)
		}
	}
	if list := r.All(); len(list) != 1 || list[0].Source["goserver"] != review.Breaks || list[0].Decode != review.Breaks {
		t.Errorf("the change is not judged by the target: %+v", list)
	}
	if got := strings.Join(asked, ", "); got != "surface of other, decoders of other" {
		t.Errorf("targets were asked for the %s", got)
	}
	for _, files := range []*watched{base, head} {
		for _, name := range []string{"same.yaml", "split.yaml", "parts.yaml", "other.yaml"} {
			if files.opened[name] != 1 {
				t.Errorf("%s was opened %d times, want 1", name, files.opened[name])
			}
		}
	}
}
