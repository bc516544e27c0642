package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/banyan-go/banyan/cmd/banyan/internal/term"
	"github.com/banyan-go/banyan/internal/interrupt"
	"github.com/spf13/cobra"
)

// The exit codes of every command. "Your files are wrong" and "I could not
// run" must never look alike to a pipeline.
const (
	exitOK       = 0
	exitFailed   = 1
	exitFindings = 100
)

// errFindings makes the command exit with 100. What was found has been printed
// by then.
var errFindings = errors.New("findings")

// usageError is a command line that cannot be understood.
type usageError struct {
	command string // "banyan check"
	message string
	hint    string
}

func (e *usageError) Error() string {
	s := e.message
	if e.hint != "" {
		s += "; " + e.hint
	}
	return s
}

// app is one run of the command.
type app struct {
	stdout, stderr *term.Writer
	// dir is the value of -C: empty means the nearest folder with banyan.yaml.
	dir string
	// misread is a command line that asked for the help of what does not exist.
	misread error
	// takeSignals is for commands that know better what a signal means.
	takeSignals func()
}

func newApp(stdout, stderr io.Writer) *app {
	return &app{stdout: term.New(stdout), stderr: term.New(stderr), takeSignals: func() {}}
}

// interruptible makes signals end the process, before or after a change of the
// disk, with one line.
func (a *app) interruptible() *app {
	a.takeSignals = interrupt.Catch(func(changed bool) {
		what := "nothing was written"
		if changed {
			what = "what was to be written is, all of it"
		}
		a.stderr.Last(fmt.Sprintf("%s interrupted; %s", a.stderr.Red("banyan:"), what))
	})
	return a
}

// run is the command without its process: arguments in, exit code out.
func (a *app) run(args []string) int { return a.execute(newRoot(a), args) }

// run is a whole run with streams of its own.
func run(args []string, stdout, stderr io.Writer) int { return newApp(stdout, stderr).run(args) }

func (a *app) execute(root *cobra.Command, args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			a.internalError(p, debug.Stack())
			code = exitFailed
		}
	}()
	root.SetArgs(args)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.Execute()
	if err == nil {
		err = a.misread
	}
	if failed := a.stdout.Failed(); failed != nil && (err == nil || errors.Is(err, errFindings)) {
		err = fmt.Errorf("cannot write the output: %w", failed)
	}
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.As(err, &usage):
		a.fail("%v", usage)
		fmt.Fprintf(a.stderr, "Run \"%s --help\" for usage.\n", usage.command)
	default:
		a.fail("%v", err)
	}
	return exitFailed
}

// fail prints one error line.
func (a *app) fail(format string, args ...any) {
	fmt.Fprintf(a.stderr, "%s %s\n", a.stderr.Red("banyan:"), fmt.Sprintf(format, args...))
}

// printf prints to stdout; a fault of the stream is found at the end.
func (a *app) printf(format string, args ...any) {
	fmt.Fprintf(a.stdout, format, args...)
}

// note prints one line that is not a result.
func (a *app) note(format string, args ...any) {
	fmt.Fprintf(a.stderr, format+"\n", args...)
}

func (a *app) internalError(p any, stack []byte) {
	a.fail("internal error: %v", p)
	fmt.Fprintln(a.stderr, "This is a fault of banyan, please report it: https://github.com/banyan-go/banyan/issues")
	if os.Getenv("BANYAN_DEBUG") != "" {
		_, _ = a.stderr.Write(stack)
	} else {
		fmt.Fprintln(a.stderr, "Run it again with BANYAN_DEBUG=1 for a stack trace to attach.")
	}
}
