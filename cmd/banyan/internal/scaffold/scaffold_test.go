package scaffold

import (
	"bytes"
	"encoding/json"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTemplateIsFilledInEverywhere(t *testing.T) {
	t.Parallel()
	own := &Own{File: "a.json", Parts: []File{{Path: "a.json", Data: []byte("{}\n")}}, Operation: "op", Try: "/op", Unsupported: []Listing{{"x", "api/shop/openapi.yaml:3:1"}},
		Handler: &Handler{"Op", "OpRequestObject", "OpResponseObject"}}
	for _, test := range []struct {
		own  *Own
		want []string
	}{
		{nil, []string{
			".github/workflows/ci.yml", ".gitignore", "Makefile", "README.md", "api/rollout.yaml",
			"api/things/legacy.yaml", "api/things/openapi.yaml", "banyan.yaml", "cmd/server/main.go",
			"handlers/things/quote.go", "handlers/things/quote_test.go", "php/index.php",
		}},
		{own, []string{
			".github/workflows/ci.yml", ".gitignore", "Makefile", "README.md", "api/rollout.yaml",
			"api/things/a.json", "api/things/legacy.yaml", "banyan.yaml", "cmd/server/main.go", "handlers/things/handlers.go",
		}},
		{&Own{File: "openapi.yaml"}, []string{
			".github/workflows/ci.yml", ".gitignore", "Makefile", "README.md", "api/rollout.yaml",
			"api/things/legacy.yaml", "banyan.yaml", "cmd/server/main.go", "handlers/things/handlers.go",
		}},
	} {
		files, err := Files(Names{Module: "example.com/m", Service: "things"}, test.own)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, filledIn(t, files)); diff != "" {
			t.Error(diff)
		}
	}
}

// filledIn returns the paths of files that are what they should be.
func filledIn(t *testing.T, files []File) (paths []string) {
	t.Helper()
	for _, f := range files {
		paths = append(paths, f.Path)
		if bytes.Contains(f.Data, []byte("<%")) || bytes.Contains(f.Data, []byte("%>")) || strings.Contains(f.Path, "SERVICE") {
			t.Errorf("%s: a name is left out", f.Path)
		}
		if !bytes.HasSuffix(f.Data, []byte("\n")) {
			t.Errorf("%s does not end in a line break", f.Path)
		}
		if strings.HasSuffix(f.Path, ".go") {
			if want, err := format.Source(f.Data); err != nil || !bytes.Equal(want, f.Data) {
				t.Errorf("%s is not formatted: %v", f.Path, err)
			}
		}
	}
	return paths
}

// Whatever a folder is called, the names made of it can be used.
func TestDefaultsAreUsable(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		"/src/shop": "shop", "/src/My-Shop": "myshop", "/": "shop", ".": "shop", "/src/2nd": "nd",
		"/src/type": "shop", "/src/main": "shop", "/src/ÄÖÜ": "shop", "/src/v2": "v2",
	} {
		if got := Defaults(dir).Service; got != want {
			t.Errorf("%s: got %s, want %s", dir, got, want)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		dir := "/" + rapid.String().Draw(r, "folder")
		if err := Defaults(dir).Check(); err != nil {
			r.Fatalf("%q: %v", dir, err)
		}
	})
}

func TestReleased(t *testing.T) {
	t.Parallel()
	module := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Path: banyanModule, Version: version}, Settings: settings}
	}
	for _, test := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"go install of a version", module("v1.2.3"), "v1.2.3"},
		{"go build without version control", module("(devel)"), ""},
		{"go build of a tagged commit", module("v1.2.3", debug.BuildSetting{Key: "vcs.revision", Value: "abc"}), ""},
		{"go run", module(""), ""},
		{"built into another command", &debug.BuildInfo{Main: debug.Module{Path: "example.com/x", Version: "v1.0.0"}}, ""},
	} {
		if got := released(test.info); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestModuleFiles(t *testing.T) {
	t.Parallel()
	names := Names{Module: "example.com/shop", Service: "shop"}
	files, err := ModuleFiles(names, Source{Version: "v1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	want := []File{{Path: "go.mod", Data: []byte(`module example.com/shop

go 1.26.0

require github.com/banyan-go/banyan v1.2.3

tool github.com/banyan-go/banyan/cmd/banyan
`)}}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Error(diff)
	}

	checkout := filepath.Join(t.TempDir(), "a checkout")
	write(t, filepath.Join(checkout, "go.mod"), "module github.com/banyan-go/banyan\n\ngo 1.30.1\n\nrequire (\n\texample.com/a v1.0.0\n)\n\nrequire (\n\texample.com/b v1.0.0 // indirect\n)\n")
	write(t, filepath.Join(checkout, "go.sum"), "sums\n")
	src, err := FindSource(checkout)
	if err != nil {
		t.Fatal(err)
	}
	if files, err = ModuleFiles(names, src); err != nil {
		t.Fatal(err)
	}
	want = []File{{Path: "go.mod", Data: []byte(`module example.com/shop

go 1.30.1

require (
	github.com/banyan-go/banyan v0.0.0-00010101000000-000000000000
	example.com/a v1.0.0
)

require (
	example.com/b v1.0.0 // indirect
)

tool github.com/banyan-go/banyan/cmd/banyan

// Made by a development build. Before you share this, remove the line and
// require a released version.
replace github.com/banyan-go/banyan => "` + checkout + `"
`)}, {Path: "go.sum", Data: []byte("sums\n")}}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Error(diff)
	}
}

// The go command reads what go.mod says of any folder.
func TestModQuote(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain", "a b", "it's", "(x)", "[x]", "{x}", "a,b", "日本", "tab\there", "nbsp\u00a0"} {
		dir := t.TempDir()
		checkout := "./" + name
		write(t, filepath.Join(dir, "go.mod"), "module example.com/shop\n\nreplace "+banyanModule+" => "+modQuote(checkout)+"\n")
		cmd := exec.Command("go", "mod", "edit", "-json")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		var mod struct {
			Replace []struct{ New struct{ Path string } }
		}
		if err != nil || json.Unmarshal(out, &mod) != nil || len(mod.Replace) != 1 || mod.Replace[0].New.Path != checkout {
			t.Errorf("%q: %v: %s", checkout, err, out)
		}
	}
}

func TestWriteTakesBackWhatItWrote(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "ws", "kept"), "kept")
	write(t, filepath.Join(root, "ws", "z", "taken"), "taken")
	err := Write(filepath.Join(root, "ws"), []File{
		{Path: "a/b/c", Data: []byte("x")}, {Path: "d", Data: []byte("x")}, {Path: "z/taken", Data: []byte("x")},
	})
	if err == nil {
		t.Fatal("a file was replaced")
	}
	var left []string
	if err := filepath.WalkDir(root, func(name string, _ os.DirEntry, err error) error {
		left = append(left, strings.TrimPrefix(name, root))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"", "/ws", "/ws/kept", "/ws/z", "/ws/z/taken"}, left); diff != "" {
		t.Error(diff)
	}
	if data, _ := os.ReadFile(filepath.Join(root, "ws", "z", "taken")); string(data) != "taken" {
		t.Errorf("the file holds %q", data)
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "api"), "a file")
	write(t, filepath.Join(dir, "Makefile"), "")
	if err := os.Symlink("nowhere", filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	got, err := Conflicts(dir, []File{{Path: "api/a/x"}, {Path: "api/y"}, {Path: "Makefile"}, {Path: "go.mod"}, {Path: "new/z"}})
	if diff := cmp.Diff([]string{"Makefile", "api", "go.mod"}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if got, err := Conflicts(filepath.Join(dir, "none"), []File{{Path: "a"}}); len(got) > 0 || err != nil {
		t.Error(got, err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
