package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/cmd/banyan/internal/term"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// every visits a command and all below it.
func every(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		every(sub, visit)
	}
}

func TestEveryCommandIsDocumented(t *testing.T) {
	t.Parallel()
	root := newRoot(&app{})
	root.InitDefaultHelpCmd()
	every(root, func(c *cobra.Command) {
		switch {
		case c.Short == "" || strings.HasSuffix(c.Short, "."):
			t.Errorf("%s: short help %q", c.CommandPath(), c.Short)
		case c.Example == "" || !strings.Contains(c.Example, "banyan"):
			t.Errorf("%s: no example", c.CommandPath())
		case c.Long == "" && c.Name() != "help":
			t.Errorf("%s: no long help", c.CommandPath())
		}
		for _, line := range strings.Split(c.Long+"\n"+c.Example, "\n") {
			if len(line) > 95 {
				t.Errorf("%s: help line of %d characters: %s", c.CommandPath(), len(line), line)
			}
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" {
				t.Errorf("%s: --%s has no help", c.CommandPath(), f.Name)
			}
			if f.NoOptDefVal == "" && !completes(c, f) {
				t.Errorf("%s: a shell does not know what to offer for --%s", c.CommandPath(), f.Name)
			}
		})
	})
}

func TestHelpOfEveryCommandExitsZero(t *testing.T) {
	t.Parallel()
	every(newRoot(&app{}), func(c *cobra.Command) {
		args := append(strings.Fields(c.CommandPath())[1:], "--help")
		var out, errs bytes.Buffer
		if code := run(args, &out, &errs); code != 0 || errs.Len() > 0 || !strings.Contains(out.String(), "Examples:") {
			t.Errorf("banyan %v: exit code %d, stderr %q, stdout %q", args, code, errs.String(), out.String())
		}
	})
}

func TestRulesHaveDocumentation(t *testing.T) {
	t.Parallel()
	for _, r := range diag.Rules() {
		if strings.HasPrefix(r.ID, "test-") {
			continue
		}
		if r.Summary == "" || r.Why == "" || (r.Example == "") != (r.Fix == "") {
			t.Errorf("rule %s lacks a part of its documentation", r.ID)
		}
	}
}

func TestPanicIsAnInternalError(t *testing.T) {
	for _, test := range []struct {
		debug string
		stack bool
	}{{"", false}, {"1", true}} {
		t.Setenv("BANYAN_DEBUG", test.debug)
		var out, errs bytes.Buffer
		a := &app{stdout: term.New(&out), stderr: term.New(&errs)}
		root := newRoot(a)
		root.AddCommand(&cobra.Command{Use: "burst", Run: func(*cobra.Command, []string) { panic("seam") }})
		code := a.execute(root, []string{"burst"})
		said := errs.String()
		if code != 1 || !strings.HasPrefix(said, "banyan: internal error: seam\n") || !strings.Contains(said, "please report") {
			t.Errorf("exit code %d, stderr %q", code, said)
		}
		if got := strings.Contains(said, "goroutine "); got != test.stack {
			t.Errorf("BANYAN_DEBUG=%q: stack printed: %v", test.debug, got)
		}
	}
}
