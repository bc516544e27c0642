//go:build unix

package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"banyan": main, "upstream": upstream})
}

// TestScripts runs testdata/script/*/*.txtar. UPDATE_SCRIPTS=1 rewrites the
// expected output in them.
func TestScripts(t *testing.T) {
	t.Parallel()
	checkout := checkoutDir(t)
	groups, err := filepath.Glob("testdata/script/*")
	if err != nil || len(groups) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, group := range groups {
		t.Run(filepath.Base(group), func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{
				Dir:                 group,
				UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") == "1",
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				Cmds:                scriptCommands,
				Condition:           scriptCondition,
				Setup: func(env *testscript.Env) error {
					env.Setenv("CHECKOUT", checkout)
					env.Values[answersKey{}] = map[string]chan httpAnswer{}
					env.Values[groupsKey{}] = map[string]*process{}
					for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOFLAGS", "GOTOOLCHAIN"} {
						value, err := exec.Command("go", "env", name).Output()
						if err != nil {
							return err
						}
						env.Setenv(name, string(value[:len(value)-1]))
					}
					return nil
				},
			})
		})
	}
}

func checkoutDir(t *testing.T) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		t.Fatal("the test does not know its source folder; build it without -trimpath")
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// upstream is a stand-in for PHP: it answers every request with what it got.
func upstream() {
	var waiting atomic.Int32
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/never": // /waiting tells how many wait for it
			waiting.Add(1)
			<-r.Context().Done()
			return
		case "/waiting":
			fmt.Fprintln(w, "waiting:", waiting.Load())
			return
		case "/slow":
			time.Sleep(400 * time.Millisecond)
		case "/item": // as PHP writes what the contract has otherwise
			w.Header().Set("Content-Type", "text/html; charset=UTF-8")
			fmt.Fprintln(w, `{"id":"7","meta":[],"by":{"ann":"1"}}`)
			return
		case "/wrong":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintln(w, `{"id":"seven"}`)
			return
		case "/missing":
			http.Error(w, "no such thing, says PHP", http.StatusNotFound)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "upstream got %s %s", r.Method, r.RequestURI)
		if len(body) > 0 {
			fmt.Fprintf(w, " with %s", body)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(os.Stderr, http.ListenAndServe(os.Args[1], http.HandlerFunc(handler)))
	os.Exit(1)
}
