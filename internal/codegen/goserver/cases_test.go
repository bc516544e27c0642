package goserver_test

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
)

// A case is an archive with a contract in api/svc/openapi.yaml and whatever it
// refers to. Beside it stand what is expected:
//
//	declarations  every type, constant and variable, without comments
//	findings      what the generator says about the contract
//	use.go        code in the generated package, which must compile
//	use_test.go   tests in it, which must pass; testdata/helpers has helpers
//
// go test -update writes the first two.
func TestCases(t *testing.T) {
	names, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	module := map[string][]byte{}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			runCase(t, name, module)
		})
	}
	t.Run("compile", func(t *testing.T) { compile(t, module) })
}

// runCase checks one case and adds its files to the module to compile.
func runCase(t *testing.T, name string, module map[string][]byte) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(data)
	id := "c" + regexp.MustCompile(`[^a-z0-9]`).ReplaceAllString(strings.TrimSuffix(filepath.Base(name), ".txtar"), "")
	ws := load(t, archive, "example.com/cases/"+id)
	files, list := goserver.Target{}.Generate(ws, ws.Targets[0], codegen.Unwatched)
	var findings strings.Builder
	for _, d := range list {
		fmt.Fprintf(&findings, "%s: %s: %s (%s)\n", d.Pos, d.Severity, d.Message, d.Rule)
		if d.Hint != "" {
			fmt.Fprintf(&findings, "  hint: %s\n", d.Hint)
		}
	}
	shuffled, _ := goserver.Target{}.Generate(load(t, archive, "example.com/cases/"+id), ws.Targets[0], codegen.Unwatched)
	if diff := cmp.Diff(files, shuffled); diff != "" {
		t.Errorf("a second run differs:\n%s", diff)
	}
	for _, f := range files {
		if list.Errors() == 0 { // otherwise nobody writes it
			module[path.Join(id, "gen", f.Path)] = f.Data
		}
		if !codegen.Generated(f.Data) {
			t.Errorf("%s has no header", f.Path)
		}
		if strings.HasSuffix(f.Path, ".go") {
			laidOut(t, f)
		}
	}
	for _, f := range archive.Files {
		switch {
		case f.Name == "use_test.go":
			module[path.Join(id, "gen", "svc", "helpers.go")] = helpers
			fallthrough
		case f.Name == "use.go":
			module[path.Join(id, "gen", "svc", f.Name)] = f.Data
		}
	}
	expect(t, name, archive, "findings", findings.String())
	if list.Errors() == 0 {
		expect(t, name, archive, "declarations", declarations(t, files))
	}
}

// laidOut holds a file against gofmt: the generator does not run it.
func laidOut(t *testing.T, f codegen.File) {
	t.Helper()
	formatted, err := format.Source(f.Data)
	if err != nil {
		t.Errorf("%s: %v", f.Path, err)
		return
	}
	if diff := cmp.Diff(string(formatted), string(f.Data)); diff != "" {
		t.Errorf("%s: gofmt (-) would write it in another way:\n%s", f.Path, diff)
	}
}

//go:embed testdata/helpers/helpers.go
var helpers []byte

func load(t *testing.T, archive *txtar.Archive, module string) *contract.Workspace {
	t.Helper()
	fsys := fstest.MapFS{"banyan.yaml": {Data: []byte("version: 1\nservices: {svc: {base-path: /v1}}\ntargets: {goserver: {output: gen}}\n")}}
	for _, f := range archive.Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	ws, list := contract.LoadFS(fsys, module)
	if list.Errors() > 0 {
		t.Fatal(list)
	}
	return ws
}

// expect compares a section, or writes it.
func expect(t *testing.T, name string, archive *txtar.Archive, section, got string) {
	t.Helper()
	at := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == section })
	if !*update {
		want := ""
		if at >= 0 {
			want = string(archive.Files[at].Data)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", section, diff)
		}
		return
	}
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == section })
	if got != "" {
		archive.Files = append(archive.Files, txtar.File{Name: section, Data: []byte(got)})
	}
	if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// declarations prints the types, constants and variables of the generated
// package as Go would, without comments and bodies.
func declarations(t *testing.T, files []codegen.File) string {
	t.Helper()
	var out strings.Builder
	for _, f := range files {
		if !strings.HasPrefix(f.Path, "svc/") || !strings.HasSuffix(f.Path, ".go") || f.Path == "svc/port.gen.go" || strings.HasSuffix(f.Path, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, f.Path, f.Data, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "// %s\n", f.Path)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				if d.Tok == token.IMPORT || f.Path == "svc/handlers.gen.go" && !isProblem(d) && !isInterface(d) {
					continue
				}
				print(&out, fset, d)
			case *ast.FuncDecl:
				if f.Path == "svc/types.gen.go" && d.Name.Name != "Valid" {
					d.Body = nil
					print(&out, fset, d)
				}
			}
		}
	}
	return out.String()
}

// isInterface reports the interfaces that people implement.
func isInterface(d *ast.GenDecl) bool {
	t, ok := d.Specs[0].(*ast.TypeSpec)
	return ok && (t.Name.Name == "StrictServerInterface" || t.Name.Name == "Security")
}

func isProblem(d *ast.GenDecl) bool {
	v, ok := d.Specs[0].(*ast.ValueSpec)
	return ok && strings.HasPrefix(v.Names[0].Name, "Problem")
}

func print(out *strings.Builder, fset *token.FileSet, node any) {
	var b bytes.Buffer
	if err := printer.Fprint(&b, fset, node); err != nil {
		b.WriteString(err.Error())
	}
	out.Write(regexp.MustCompile(`\n\s*\n`).ReplaceAll(b.Bytes(), []byte("\n")))
	out.WriteByte('\n')
}

// compile builds, vets and tests all cases in one module, against this checkout.
func compile(t *testing.T, files map[string][]byte) {
	if testing.Short() && os.Getenv("CI") != "true" {
		t.Skip("compiling all cases takes half a minute")
	}
	dir := writeModule(t, oneProgram(files))
	goRun(t, dir, "vet", "./...") // which builds them, too
	goRun(t, dir, "test", ".")
}

// oneProgram makes one test of the tests in all packages: to link a program
// takes longer than to compile what is in it.
func oneProgram(files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	var imports, calls strings.Builder
	packages := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		test, isTest := strings.CutSuffix(name, "_test.go")
		if !isTest {
			out[name] = files[name]
			continue
		}
		out[test+"_check.go"] = files[name]
		dir := path.Dir(name)
		if packages[dir] == "" {
			packages[dir] = "p" + strconv.Itoa(len(packages))
			fmt.Fprintf(&imports, "\t%s \"example.com/cases/%s\"\n", packages[dir], dir)
		}
		for _, f := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(files[name], -1) {
			fmt.Fprintf(&calls, "\tt.Run(%q, %s.%s)\n", strings.Split(name, "/")[0]+"/"+string(f[1]), packages[dir], f[1])
		}
	}
	out["all_test.go"] = fmt.Appendf(nil, "package cases\n\nimport (\n\t\"testing\"\n\n%s)\n\nfunc TestAll(t *testing.T) {\n%s}\n", &imports, &calls)
	return out
}

// writeModule writes files as a module that is built against this checkout.
func writeModule(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(mod), "module github.com/banyan-go/banyan", "module example.com/cases", 1)
	files["go.mod"] = fmt.Appendf(nil, "%s\nrequire github.com/banyan-go/banyan v0.0.0\nreplace github.com/banyan-go/banyan => %s\n", text, root)
	if files["go.sum"], err = os.ReadFile(filepath.Join(root, "go.sum")); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func goRun(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", args[0], err, out[:min(len(out), 8000)])
	}
}
