package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/banyan-go/banyan/cmd/banyan/internal/term"
)

// TestGenerateForPeople: on a terminal every service is shown when its code is
// made, then what came of all. A run with nothing to do has none.
func TestGenerateForPeople(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "api"), os.DirFS(filepath.Join(checkoutDir(t), "api"))); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod":      "module example.com/shop\nrequire github.com/banyan-go/banyan v1.0.0\n",
		"banyan.yaml": "version: 1\nservices: {users: {}, orders: {}}\nupstream: http://127.0.0.1:1\ntargets: {goserver: {output: gen}}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, "api", "rollout.yaml")); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	watched := func(args ...string) string {
		var out, errs bytes.Buffer
		a := &app{stdout: term.New(&out), stderr: term.Terminal(&errs, 100)}
		if code := a.execute(newRoot(a), append([]string{"-C", dir, "generate"}, args...)); code != exitOK {
			t.Fatalf("%v: exit code %d\n%s%s", args, code, out.String(), errs.String())
		}
		// What is drawn and removed again depends on how fast the machine is.
		return regexp.MustCompile(`\r\x1b\[K([^\r\n]*\.\.\. [0-9.]+s)?`).ReplaceAllString(errs.String(), "")
	}
	const service = ` +[1-9][0-9]* types?, [1-9][0-9]* operations? +[1-9][0-9]* files +[0-9]+\.[0-9] s\n`
	const seconds = ` in [0-9]+\.[0-9] s\n$`
	const services = `(?s)^orders ` + service + `users  ` + service + `.*`
	for _, run := range []struct {
		args []string
		want string
	}{
		{[]string{"--dry-run"}, services + `\n?[0-9]+ files generated, [1-9][0-9]* changed, 0 removed` + seconds},
		{nil, services + `[0-9]+ files generated, [1-9][0-9]* changed, 0 removed` + seconds},
		{[]string{"--check"}, services + `[0-9]+ files generated, all up to date` + seconds},
		{nil, `(?s)^([^\n]*warning.*)?[0-9]+ files generated, 0 changed, 0 removed` + seconds},
	} {
		if got := watched(run.args...); !regexp.MustCompile(run.want).MatchString(got) {
			t.Errorf("%v: got\n%s", run.args, got)
		}
	}
}
