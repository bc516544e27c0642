package scaffold

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
	"unicode"
)

const (
	banyanModule = "github.com/banyan-go/banyan"
	minimumGo    = "1.26.0"
	// toolLine makes "go tool banyan" the command in the version of the run
	// time: generated code and run time then always agree.
	toolLine = "tool " + banyanModule + "/cmd/banyan\n"
)

// Source is where the new workspace takes Banyan from: a released version, or
// a checkout of its repository.
type Source struct {
	Version  string
	Checkout string
}

// FindSource says where this command itself was built from. A given checkout
// wins. A build of a checkout cannot be named by version, so the workspace
// refers to the folder that the command was compiled in.
func FindSource(checkout string) (Source, error) {
	if checkout != "" {
		abs, err := filepath.Abs(checkout)
		if err != nil {
			return Source{}, err
		}
		return Source{Checkout: abs}, isCheckout(abs)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := released(info); v != "" {
			return Source{Version: v}, nil
		}
	}
	_, file, _, _ := runtime.Caller(0)
	for dir := filepath.Dir(file); filepath.IsAbs(dir) && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if isCheckout(dir) == nil {
			return Source{Checkout: dir}, nil
		}
	}
	return Source{}, errors.New("this is a development build that does not know its source folder; name a checkout of " + banyanModule + " with --banyan")
}

// released returns the version when the command was built by `go install
// ...@version`. Since Go 1.24 a build of a checkout has a pseudo-version too,
// which nobody else can download; the vcs settings tell the two apart.
func released(info *debug.BuildInfo) string {
	if info.Main.Path != banyanModule || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return ""
	}
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "vcs") {
			return ""
		}
	}
	return info.Main.Version
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+"?` + regexp.QuoteMeta(banyanModule) + `"?\s*(//.*)?$`)

func isCheckout(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !moduleLine.Match(data) {
		return fmt.Errorf("%s is not a checkout of %s", dir, banyanModule)
	}
	return nil
}

var (
	goLine       = regexp.MustCompile(`(?m)^go\s+(\S+)`)
	requireBlock = regexp.MustCompile(`(?ms)^require \(\n.*?^\)\n`)
)

// ModuleFiles returns go.mod and, from a checkout, go.sum. From a checkout the
// requirements are the checkout's own, so that the workspace builds from the
// module cache that built this command, without a network.
func ModuleFiles(n Names, src Source) ([]File, error) {
	if src.Checkout == "" {
		mod := fmt.Sprintf("module %s\n\ngo %s\n\nrequire %s %s\n\n%s", n.Module, minimumGo, banyanModule, src.Version, toolLine)
		return []File{{Path: "go.mod", Data: []byte(mod)}}, nil
	}
	mod, err := os.ReadFile(filepath.Join(src.Checkout, "go.mod"))
	if err != nil {
		return nil, err
	}
	sum, err := os.ReadFile(filepath.Join(src.Checkout, "go.sum"))
	if err != nil {
		return nil, err
	}
	goVersion := goLine.FindSubmatch(mod)
	if goVersion == nil {
		return nil, fmt.Errorf("%s has no go line", filepath.Join(src.Checkout, "go.mod"))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "module %s\n\ngo %s\n\n", n.Module, goVersion[1])
	for i, block := range requireBlock.FindAllString(string(mod), -1) {
		if i == 0 {
			// The version is a placeholder: the replace line counts.
			block = strings.Replace(block, "(\n", "(\n\t"+banyanModule+" v0.0.0-00010101000000-000000000000\n", 1)
		}
		b.WriteString(block + "\n")
	}
	fmt.Fprintf(&b, "%s\n// Made by a development build. Before you share this, remove the line and\n// require a released version.\nreplace %s => %s\n", toolLine, banyanModule, modQuote(src.Checkout))
	return []File{{Path: "go.mod", Data: []byte(b.String())}, {Path: "go.sum", Data: sum}}, nil
}

// modQuote quotes a path for go.mod where it needs to be.
func modQuote(path string) string {
	special := func(r rune) bool { return strings.ContainsRune(" \"'`()[]{},", r) || !unicode.IsPrint(r) }
	if strings.ContainsFunc(path, special) {
		return fmt.Sprintf("%q", path)
	}
	return path
}

// Tidy lets the go command reduce go.mod and go.sum in dir to what the
// workspace uses. From a checkout it tries without a network first, which does
// as long as the module cache also holds what only other systems build. Its
// output is in the error.
func Tidy(ctx context.Context, dir string, src Source) error {
	if src.Checkout != "" && tidy(ctx, dir, time.Minute, "GOPROXY=off") == nil {
		return nil
	}
	return tidy(ctx, dir, 2*time.Minute)
}

func tidy(ctx context.Context, dir string, limit time.Duration, env ...string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "mod", "tidy")
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod"), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go mod tidy: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Missing returns the command that lets the code that is generated in dir build,
// where the go.mod above it does not require this module; empty where it does, and
// where there is no go.mod.
func Missing(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for at := abs; ; at = filepath.Dir(at) {
		mod, err := os.ReadFile(filepath.Join(at, "go.mod"))
		switch {
		case err == nil && bytes.Contains(mod, []byte(banyanModule)):
			return ""
		case err == nil:
			return getCommand()
		case at == filepath.Dir(at):
			return ""
		}
	}
}

// getCommand makes a module require the version of this command.
func getCommand() string {
	src, err := FindSource("")
	switch {
	case err != nil:
		return "go get " + banyanModule + "@latest"
	case src.Checkout != "":
		return fmt.Sprintf("go mod edit -replace %s=%s && go get %s/wire", banyanModule, modQuote(src.Checkout), banyanModule)
	}
	return "go get " + banyanModule + "@" + src.Version
}

// Around returns notes about what lies above the new workspace and would get
// in its way.
func Around(dir string) []string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil
	}
	var notes []string
	exists := func(name string) bool {
		_, err := os.Stat(name)
		return err == nil
	}
	for at := filepath.Dir(abs); ; at = filepath.Dir(at) {
		if exists(filepath.Join(at, "go.work")) {
			notes = append(notes, fmt.Sprintf("%s is a Go workspace: run \"go work use %s\" there, or set GOWORK=off", at, abs))
		}
		if exists(filepath.Join(at, "go.mod")) {
			notes = append(notes, fmt.Sprintf("%s is a Go module of its own: the new one lies inside it, which its repository will see", at))
		}
		if len(notes) > 0 || at == filepath.Dir(at) {
			return notes
		}
	}
}
