package contract

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const smallContract = `openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /users:
    get:
      operationId: listUsers
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: %q}}}}}
`

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLoadWorkspaceFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":                       "// the shop\nmodule \"example.org/shop\" // quoted\n\ngo 1.26\n",
		"sub/ws/banyan.yaml":           "version: 1\nservices: {shop: {}}\ntargets: {goserver: {output: gen}}\n",
		"sub/ws/api/shop/openapi.yaml": fmt.Sprintf(smallContract, "user.yaml"),
		"sub/ws/api/shop/user.yaml":    "type: object\n",
		"sub/other/openapi.yaml":       "x: 1\n",
		"sub/ws/api/shop/aux/one.yaml": "x: 1\n",
	})
	w, findings := LoadWorkspace(filepath.Join(dir, "sub", "ws"))
	if len(findings) > 0 {
		t.Fatal(show(t, findings))
	}
	if got, want := w.Targets[0].Package, "example.org/shop/sub/ws/gen"; got != want {
		t.Errorf("package %q, want %q", got, want)
	}
	if w.Services[0].LegacyFile != "" {
		t.Error("a mapping is taken for there")
	}
	if w.Service("shop") == nil || w.Service("nope") != nil {
		t.Error("Service finds the wrong ones")
	}
}

func TestLoadWorkspaceNowhere(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "nowhere")
	w, findings := LoadWorkspace(dir)
	want := "banyan.yaml: error: cannot open the folder: there is no such file (workspace-missing)\n1 error in 1 file\n"
	if got := show(t, findings); w != nil || got != want {
		t.Errorf("got %v and\n%s", w, got)
	}
}

func TestSymbolicLinksStayInside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"secret.yaml":                  "type: object\n",
		"ws/banyan.yaml":               "version: 1\nservices: {shop: {}}\n",
		"ws/api/shop/openapi.yaml":     fmt.Sprintf(smallContract, "link.yaml"),
		"ws/api/shop/real/inside.yaml": "type: object\n",
	})
	for link, to := range map[string]string{"link.yaml": "../../../secret.yaml", "inside.yaml": "real/inside.yaml"} {
		if err := os.Symlink(to, filepath.Join(dir, "ws", "api", "shop", link)); err != nil {
			t.Fatal(err)
		}
	}
	_, findings := LoadWorkspace(filepath.Join(dir, "ws"))
	want := `api/shop/openapi.yaml:7:88: error: $ref "link.yaml": cannot read api/shop/link.yaml: a symbolic link leads out of the workspace (ref-outside)
1 error in 1 file
`
	if diff := cmp.Diff(want, show(t, findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	write(t, dir, map[string]string{"ws/api/shop/openapi.yaml": fmt.Sprintf(smallContract, "inside.yaml")})
	if _, findings := LoadWorkspace(filepath.Join(dir, "ws")); len(findings) > 0 {
		t.Errorf("a link inside the workspace: %s", show(t, findings))
	}
}

// remoteWorkspace has a contract that refers to a server, and an allow list.
func remoteWorkspace(ref string, allowed ...string) fstest.MapFS {
	refs := ""
	for _, a := range allowed {
		refs += "\n  - " + a
	}
	return fstest.MapFS{
		"banyan.yaml":           {Data: []byte("version: 1\nservices: {shop: {}}\nremote-refs:" + refs + "\n")},
		"api/shop/openapi.yaml": {Data: []byte(fmt.Sprintf(smallContract, ref))},
	}
}

func TestRemoteReferences(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	hits := map[string]int{}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		hits["other"]++
		mu.Unlock()
		fmt.Fprint(w, "type: object\n")
	}))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		hits[r.URL.Path]++
		mu.Unlock()
		switch r.URL.Path {
		case "/common/user.yaml":
			fmt.Fprint(w, "type: object\nproperties:\n  home: {$ref: 'deep/address.json#/Address'}\n  boss: {$ref: '#'}\n")
		case "/common/deep/address.json":
			fmt.Fprint(w, `{"Address": {"type": "object", "properties": {"up": {"$ref": "../user.yaml"}}}}`)
		case "/common/escape.yaml":
			fmt.Fprint(w, "type: object\nproperties: {x: {$ref: ../private.yaml}}\n")
		case "/common/moved.yaml":
			http.Redirect(w, r, "/common/user.yaml", http.StatusFound)
		case "/common/away.yaml":
			http.Redirect(w, r, other.URL+"/x.yaml", http.StatusFound)
		case "/common/loop.yaml":
			http.Redirect(w, r, "/common/loop.yaml", http.StatusFound)
		case "/common/broken.yaml":
			fmt.Fprint(w, "a: [")
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()

	at := server.URL + "/common/"
	for name, c := range map[string]struct{ ref, want string }{
		"followed, with its own relative references": {at + "user.yaml", "no findings\n"},
		"redirected below the prefix":                {at + "moved.yaml", "no findings\n"},
		"not below the prefix": {server.URL + "/private.yaml",
			`api/shop/openapi.yaml:7:88: error: remote $ref "SERVER/private.yaml" is not allowed (ref-remote)
    copy the file into the workspace, or list the start of its URL under remote-refs in banyan.yaml
1 error in 1 file
`},
		"climbing out with dots": {at + "../private.yaml",
			`api/shop/openapi.yaml:7:88: error: remote $ref "SERVER/common/../private.yaml" is not allowed (ref-remote)
    copy the file into the workspace, or list the start of its URL under remote-refs in banyan.yaml
1 error in 1 file
`},
		"climbing out from within": {at + "escape.yaml",
			`SERVER/common/escape.yaml:2:24: error: remote $ref "../private.yaml" is not allowed (ref-remote)
    copy the file into the workspace, or list the start of its URL under remote-refs in banyan.yaml
1 error in 1 file
`},
		"redirected to another host": {at + "away.yaml",
			`api/shop/openapi.yaml:7:88: error: $ref "SERVER/common/away.yaml" cannot be fetched: it redirects to OTHER/x.yaml, which remote-refs does not allow (ref-unresolved)
1 error in 1 file
`},
		"redirected for ever": {at + "loop.yaml",
			`api/shop/openapi.yaml:7:88: error: $ref "SERVER/common/loop.yaml" cannot be fetched: more than 3 redirects (ref-unresolved)
1 error in 1 file
`},
		"missing": {at + "none.yaml",
			`api/shop/openapi.yaml:7:88: error: $ref "SERVER/common/none.yaml" cannot be fetched: the server answered 404 Not Found (ref-unresolved)
1 error in 1 file
`},
		"broken": {at + "broken.yaml",
			`SERVER/common/broken.yaml:1:1: error: not valid YAML: did not find expected node content (syntax)
1 error in 1 file
`},
	} {
		t.Run(name, func(t *testing.T) {
			w, findings := LoadFS(remoteWorkspace(c.ref, at), "")
			got := strings.NewReplacer(server.URL, "SERVER", other.URL, "OTHER").Replace(show(t, findings))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			invariants(t, w, findings)
		})
	}
	mu.Lock()
	defer mu.Unlock()
	if hits["other"] > 0 || hits["/private.yaml"] > 0 {
		t.Errorf("what is not allowed was asked for: %v", hits)
	}
}

func TestRemotePrefix(t *testing.T) {
	t.Parallel()
	r := newRemote([]string{"https://example.com/common/"})
	for url, want := range map[string]bool{
		"https://example.com/common/a.yaml":              true,
		"https://EXAMPLE.com/common/a/b.json?x=1":        true,
		"https://example.com/commonly/a.yaml":            false,
		"https://example.com/common/../a.yaml":           false,
		"https://example.com/common/%2e%2e/a.yaml":       false,
		"https://example.com.evil.org/common/a.yaml":     false,
		"https://user@example.com/common/a.yaml":         false,
		"https://example.com@evil.org/common/a.yaml":     false,
		"http://example.com/common/a.yaml":               false,
		"https://example.com:444/common/a.yaml":          false,
		"https://example.com":                            false,
		"https://example.com/common/%zz":                 false,
		"https://example.com\\@evil.org/common/a.yaml":   false,
		"https://example.com/common/..%2f..%2fpriv.yaml": false,
	} {
		if got := r.allows(url); got != want {
			t.Errorf("allows(%q) = %v", url, got)
		}
	}
}

// A few lines of aliases must not grow into gigabytes, nor a few references
// into an endless document.
func TestBounds(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("openapi: 3.0.3\ninfo: {title: Bomb, version: '1'}\npaths: {}\nx-a: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := range 12 {
		fmt.Fprintf(&bomb, "x-%d: &a%d [%s*a%d]\n", i, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 9), i)
	}
	// Twelve paths files, each of which takes the next one in nine times.
	fan := fstest.MapFS{}
	for i := range 12 {
		var b strings.Builder
		for j := range 9 {
			fmt.Fprintf(&b, "/p%d: {get: {operationId: o%d, callbacks: {c: {$ref: ''}}}, parameters: {$ref: '%d.yaml#/list'}}\n", j, j, i+1)
		}
		fan[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{Data: []byte("list: [" + strings.Repeat(fmt.Sprintf("{name: {$ref: '%d.yaml#/list'}},", i+1), 9) + "]\n" + b.String())}
	}
	deepJSON := `{"openapi": "3.0.3", "x-deep": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}"
	deepYAML := "openapi: 3.0.3\nx-deep: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n"
	for name, root := range map[string]string{
		"bomb.yaml": bomb.String(), "deep.json": deepJSON, "deep.yaml": deepYAML,
		"fan.yaml":  "openapi: 3.0.3\ninfo: {title: Fan, version: '1'}\npaths: {$ref: 0.yaml}\n",
		"long.yaml": "openapi: 3.0.3\ninfo: {title: Long, version: '1'}\npaths: {}\nx-" + strings.Repeat("k", 5000) + ": 1\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{
				"banyan.yaml": {Data: []byte("version: 1\nservices: {it: {contract: " + name + "}}\n")},
				name:          {Data: []byte(root)},
			}
			for n, f := range fan {
				fsys[n] = f
			}
			w, findings := LoadFS(fsys, "")
			invariants(t, w, findings)
			if name != "long.yaml" && findings.Errors() == 0 {
				t.Error("no error")
			}
			if len(findings) < 5 {
				t.Log(show(t, findings))
			}
		})
	}
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	fsys := fstest.MapFS{
		"banyan.yaml": {Data: []byte("version: 1\nservices: {shop: {base-path: /v1}}\nunmatched: legacy\nupstream: http://127.0.0.1:1\n")},
		"api/shop/openapi.yaml": {Data: []byte(fmt.Sprintf(smallContract, "#/components/schemas/User") +
			"components: {schemas: {User: {type: object}}}\nx-problems: {gone-fishing: {status: 503}}\n")},
	}
	w, findings := LoadFS(fsys, "")
	if len(findings) > 0 {
		t.Fatal(show(t, findings))
	}
	cat := w.Catalog()
	s := cat.Services[0]
	op := s.Operation("listUsers")
	if op == nil || op.Key != "shop.listUsers" || op.Path != "/v1/users" || op.Source != "api/shop/openapi.yaml:5:5" || op.BodyLimit != 1<<20 {
		t.Errorf("operation %+v", op)
	}
	if len(s.Problems) != 1 || s.Problems[0].Title != "Service Unavailable" {
		t.Errorf("problems %+v", s.Problems)
	}
	if want, _ := w.Services[0].Bundle(); string(s.Contract) != string(want) || len(want) == 0 {
		t.Error("the catalog's contract is not the bundle")
	}
	if cat.Unmatched != "legacy" || cat.Upstream != "http://127.0.0.1:1" {
		t.Errorf("workspace %+v", cat)
	}
}
