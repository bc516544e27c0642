package rollout_test

import (
	"os"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/rollout"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

const faultsFile = "testdata/faults.txtar"

func TestParseFaults(t *testing.T) {
	archive, err := txtar.ParseFile(faultsFile)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		in, want := archive.Files[i], &archive.Files[i+1]
		name := strings.TrimSuffix(in.Name, ".yaml")
		if want.Name != name+".want" {
			t.Fatalf("%s: %s must be followed by %s.want", faultsFile, in.Name, name)
		}
		t.Run(name, func(t *testing.T) {
			plan, faults := rollout.Parse("rollout.yaml", in.Data)
			if plan != nil || len(faults) == 0 {
				t.Fatal("the plan was accepted")
			}
			got := faults.Error() + "\n"
			if os.Getenv("UPDATE") != "" {
				want.Data = []byte(got)
				return
			}
			if diff := cmp.Diff(string(want.Data), got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(faultsFile, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestParseStages(t *testing.T) {
	t.Parallel()
	p := parse(t, `
version: 1
sticky: {cookie: sid}
default: go
operations:
  a.legacy: legacy
  a.go: go
  a.short: canary 5%
  a.noSign: canary 5
  a.space: canary 12.5 %
  a.fine: canary 0.01%
  a.zeros: canary 7.500%
  a.all: canary 100%
  a.long: {stage: canary, percent: 33.33}
  a.both: {stage: canary 2%}
  a.parked: {stage: legacy, percent: 5}
`)
	for op, want := range map[string]rollout.Stage{
		"a.legacy": "legacy", "a.go": "go", "a.short": "canary 5%", "a.noSign": "canary 5%",
		"a.space": "canary 12.5%", "a.fine": "canary 0.01%", "a.zeros": "canary 7.5%", "a.all": "canary 100%",
		"a.long": "canary 33.33%", "a.both": "canary 2%", "a.parked": "legacy", "a.unnamed": "go",
	} {
		if got, _ := p.Stage(op); got != want {
			t.Errorf("Stage(%s) = %q, want %q", op, got, want)
		}
	}
	for op, want := range map[string]string{
		"a.legacy": "rollout.yaml:6:13", "a.long": "rollout.yaml:14:11", "a.unnamed": "rollout.yaml:4:10",
	} {
		if _, pos := p.Stage(op); pos.String() != want {
			t.Errorf("Stage(%s) is at %s, want %s", op, pos, want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	p := parse(t, `
version: 1
sticky: {cookie: sid}
default: go
operations:
  a.lsit: go
  a.phpOnly3: go
  a.goOnly: legacy
  a.phpOnly: go
  a.phpOnly2: canary 5%
  a.goOnly2: canary 5%
  a.fine: go
  other: go
`)
	known := []string{"a.list", "a.goOnly", "a.phpOnly", "a.phpOnly2", "a.goOnly2", "a.fine", "a.unnamed"}
	has := func(op string) rollout.Has {
		return rollout.Has{Handler: !strings.HasPrefix(op, "a.php"), Legacy: !strings.HasPrefix(op, "a.go")}
	}
	want := strings.Join([]string{
		`rollout.yaml:6:3: unknown operation "a.lsit"; did you mean "a.list"?`,
		`rollout.yaml:7:3: unknown operation "a.phpOnly3"; known are a.fine, a.goOnly, a.goOnly2, a.list, a.phpOnly, a.phpOnly2, a.unnamed`,
		`rollout.yaml:8:13: a.goOnly is at stage legacy but has no legacy backend; list the operation in legacy.yaml or set it to go`,
		`rollout.yaml:9:14: a.phpOnly is at stage go but has no Go handler; register a Go handler or set the operation to legacy`,
		`rollout.yaml:10:15: a.phpOnly2 is at stage canary 5% but has no Go handler; register a Go handler or set the operation to legacy`,
		`rollout.yaml:11:14: a.goOnly2 is at stage canary 5% but has no legacy backend; list the operation in legacy.yaml or set it to go`,
		`rollout.yaml:13:3: unknown operation "other"; known are a.fine, a.goOnly, a.goOnly2, a.list, a.phpOnly, a.phpOnly2, a.unnamed`,
	}, "\n")
	if diff := cmp.Diff(want, p.Check(known, has).Error()); diff != "" {
		t.Error(diff)
	}
	if got := p.Check(known, nil); len(got) != 3 {
		t.Errorf("without handlers only names can be wrong, got %v", got)
	}
}

func FuzzParse(f *testing.F) {
	archive, err := txtar.ParseFile(faultsFile)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		f.Add(file.Data)
	}
	f.Add([]byte("version: 1\nsticky: {cookie: sid}\nselect: {header: x-env, value: canary}\nsalt: \"2026\"\noperations:\n  a.b: {stage: canary, percent: 12.5}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, faults := rollout.Parse("rollout.yaml", data)
		if (p == nil) == (len(faults) == 0) {
			t.Fatalf("plan %v with faults %v", p, faults)
		}
		for _, fault := range faults {
			if fault.Message == "" || fault.Pos.File == "" {
				t.Errorf("a fault without message or place: %+v", fault)
			}
		}
		if p != nil {
			p.Decide("a.b", subject{cookie: "x", header: "canary"})
			p.Check([]string{"a.b"}, func(string) rollout.Has { return rollout.Has{} })
		}
	})
}
