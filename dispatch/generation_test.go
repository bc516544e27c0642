package dispatch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the generator wrote and what runs it must be of one generation. Where
// they are not, the compiler's message has to say what to do.
func TestGenerationsThatDoNotFit(t *testing.T) {
	t.Parallel()
	const current = "wire.Generation6_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest"
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	older := t.TempDir() // a run time that has not heard of this generation
	write(t, older, "go.mod", "module github.com/banyan-go/banyan\n\ngo 1.26\n")
	write(t, older, "wire/wire.go", "package wire\n")
	for _, c := range []struct{ name, runTime, names, want string }{
		{"older code", root, "dispatch.GeneratedV1", "RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan"},
		{"code of the second generation", root, "dispatch.Generation2_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest", "RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan"},
		{"code of the third generation", root, "wire.Generation3_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest", "RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan"},
		{"code of the fourth generation", root, "wire.Generation4_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest", "RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan"},
		{"code of the fifth generation", root, "wire.Generation5_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest", "RunBanyanGenerate_ThisCodeIsFromAnOlderBanyan"},
		{"older run time", older, current, "undefined: " + current},
		{"both of today", root, current, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			mod, err := os.ReadFile(filepath.Join(c.runTime, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(mod), "module github.com/banyan-go/banyan", "module example.com/shop", 1)
			write(t, dir, "go.mod", text+"\nrequire github.com/banyan-go/banyan v0.0.0\nreplace github.com/banyan-go/banyan => "+c.runTime+"\n")
			if sum, err := os.ReadFile(filepath.Join(c.runTime, "go.sum")); err == nil {
				write(t, dir, "go.sum", string(sum))
			}
			write(t, dir, "gen/orders/handlers.gen.go", "package orders\n\nimport \"github.com/banyan-go/banyan/"+strings.Split(c.names, ".")[0]+"\"\n\nconst _ = "+c.names+"\n")
			cmd := exec.Command("go", "build", "./gen/...")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
			out, err := cmd.CombinedOutput()
			if (err == nil) != (c.want == "") || !strings.Contains(string(out), c.want) {
				t.Errorf("%v\n%s\nwant %q", err, out, c.want)
			}
		})
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
