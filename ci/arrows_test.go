// Package ci guards the house: who may import whom.
package ci

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/banyan-go/banyan/"

// A ban says which packages must not import what, and why. Patterns are
// prefixes of import paths; one below the module is written without it.
type ban struct {
	who    []string
	whom   []string
	except []string // importers that may
	why    string
}

var (
	runtime  = []string{"catalog", "config", "problem", "rollout", "schema", "conform", "dispatch", "legacyproxy", "admin", "wire"}
	workshop = []string{"internal"}
	everyone = []string{""}
)

var bans = []ban{
	{who: runtime, whom: []string{"internal", "gen", "handlers", "api", "cmd", "examples", "e2e"},
		why: "the run time knows neither the tool nor any service"},
	{who: workshop, whom: []string{"gen", "handlers", "cmd", "examples", "e2e"},
		why: "the tool writes that code, it does not run it"},
	{who: []string{"conform"}, whom: []string{"dispatch", "legacyproxy", "rollout", "wire", "config", "github.com/labstack/echo"},
		why: "messages are held against contracts whoever serves them"},
	{who: []string{"config", "problem", "catalog", "schema"}, whom: []string{"catalog", "config", "rollout", "conform", "dispatch", "legacyproxy", "admin", "wire"},
		why: "leaves: everything stands on them"},
	{who: []string{"wire", "conform"}, whom: []string{"dispatch", "legacyproxy", "rollout", "admin"},
		why: "messages know nothing of who serves them"},
	{who: []string{"dispatch"}, whom: []string{"legacyproxy"},
		why: "dispatch gets its backend as an interface"},
	{who: []string{"legacyproxy"}, whom: []string{"dispatch", "rollout"},
		why: "the adapter answers one operation and decides nothing"},
	{who: []string{"rollout"}, whom: []string{"net/http", "dispatch", "github.com/labstack/echo"},
		why: "a decision is pure: plan, operation, subject in; target and reason out"},
	{who: []string{"internal/contract", "internal/codegen", "internal/diag"}, whom: []string{"rollout", "legacyproxy", "dispatch", "admin"},
		why: "contracts and generators need no run time; cmd/banyan joins the two"},
	{who: []string{"internal/contract"}, whom: []string{"internal/codegen"},
		why: "the model does not know what is made of it"},
	{who: everyone, whom: []string{"github.com/labstack/echo"},
		except: []string{"dispatch", "cmd/", "examples/", "e2e/bench"}, // the bench runs a whole server
		why:    "Echo v4's support ends: v5 must cost one file; generated code knows no router"},
	{who: everyone, whom: []string{"github.com/getkin/kin-openapi"},
		except: []string{"internal/review/oasdiff", "e2e/bench/oasdiff"}, // oasdiff compares its documents
		why:    "its API moves often; contracts are read by our own reader, tests and speed goals measure against it"},
	{who: everyone, whom: []string{"github.com/oapi-codegen/oapi-codegen"},
		why: "types are printed by our own emitter; tests run it as the tool of somebody else"},
	{who: everyone, whom: []string{"github.com/oasdiff/oasdiff"},
		except: []string{"internal/review/oasdiff", "e2e/bench/oasdiff"}, // the bench runs it as it comes
		why:    "its rules and their levels move with every release: one door, with a test that shows what moved"},
	{who: []string{"internal/review"}, whom: []string{"rollout", "legacyproxy", "dispatch", "admin", "gen", "handlers", "internal/codegen"},
		why: "a review reads contracts; what code is made of them, it is told"},
	{who: []string{"handlers"}, whom: []string{"dispatch", "legacyproxy", "rollout", "internal", "admin", "github.com/labstack/echo"},
		why: "business code knows neither Echo nor PHP"},
}

type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	GoFiles                            []string
}

func TestImportArrows(t *testing.T) {
	t.Parallel()
	pkgs := list(t)
	for _, b := range bans {
		if !slices.ContainsFunc(pkgs, func(p pkg) bool { return matches(local(p), b.who) }) {
			t.Errorf("no package matches %v: this ban holds nothing", b.who)
		}
		for _, p := range pkgs {
			if !matches(local(p), b.who) || matches(local(p), b.except) && len(b.except) > 0 {
				continue
			}
			for _, imported := range p.Imports {
				if matches(strings.TrimPrefix(imported, module), b.whom) {
					t.Errorf("%s imports %s: %s", p.ImportPath, imported, b.why)
				}
			}
		}
	}
}

// An exception that nobody needs any more must go.
func TestExceptionsAreNeeded(t *testing.T) {
	t.Parallel()
	pkgs := list(t)
	for _, b := range bans {
		for _, e := range b.except {
			needed := slices.ContainsFunc(pkgs, func(p pkg) bool {
				all := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
				return matches(local(p), []string{e}) && slices.ContainsFunc(all, func(i string) bool { return matches(i, b.whom) })
			})
			exists := slices.ContainsFunc(pkgs, func(p pkg) bool { return matches(local(p), []string{e}) })
			if exists && !needed {
				t.Errorf("%q need not be allowed to import %v any more: remove the exception", e, b.whom)
			}
		}
	}
}

// Echo stands in one file of dispatch.
func TestEchoInOneFileOfDispatch(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("grep", "-l", "--include=*.go", "labstack/echo", "-r", "../dispatch").Output()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for f := range strings.FieldsSeq(string(out)) {
		if !strings.HasSuffix(f, "_test.go") {
			files = append(files, f)
		}
	}
	if len(files) != 1 || !strings.HasSuffix(files[0], "/echo.go") {
		t.Errorf("Echo is named in %v, want dispatch/echo.go alone", files)
	}
}

func local(p pkg) string { return strings.TrimPrefix(p.ImportPath, module) }

// matches reports whether path is one of the prefixes, or below one.
func matches(path string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		return prefix == "" || path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
	})
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,GoFiles", "./...")
	cmd.Dir = ".."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return pkgs
		case err != nil:
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}
