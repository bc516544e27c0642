//go:build unix

package main

import (
	"bytes"
	"os/exec"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// process is a command in a process group of its own.
type process struct {
	cmd    *exec.Cmd
	output bytes.Buffer
	ended  chan struct{}
}

// cmdGroup runs a command as a terminal would, and presses Ctrl-C: the signal
// goes to everything that the command started.
//
//	group start NAME command [args...]
//	group interrupt NAME
//
// The second waits for the end and prints the output.
func cmdGroup(ts *testscript.TestScript, neg bool, args []string) {
	switch {
	case !neg && len(args) > 2 && args[0] == "start":
		p := &process{cmd: exec.Command(args[2], args[3:]...), ended: make(chan struct{})}
		p.cmd.Dir = ts.MkAbs(".")
		for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOCACHE", "GOMODCACHE", "GOFLAGS", "GOPROXY"} {
			p.cmd.Env = append(p.cmd.Env, name+"="+ts.Getenv(name))
		}
		p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
		p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		ts.Check(p.cmd.Start())
		go func() {
			_ = p.cmd.Wait() // make reports the interrupt
			close(p.ended)
		}()
		groups(ts)[args[1]] = p
		ts.Defer(func() { p.stop(syscall.SIGKILL) })
	case !neg && len(args) == 2 && args[0] == "interrupt":
		p := groups(ts)[args[1]]
		if p == nil {
			ts.Fatalf("no group %s", args[1])
		}
		if !p.stop(syscall.SIGINT) {
			ts.Fatalf("%s did not end:\n%s", args[1], p.output.String())
		}
		_, _ = ts.Stdout().Write(p.output.Bytes())
	default:
		ts.Fatalf("usage: group start NAME command [args...] | group interrupt NAME")
	}
}

// stop signals the group and reports whether its first process ended.
func (p *process) stop(signal syscall.Signal) bool {
	select {
	case <-p.ended:
		return true
	default:
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, signal)
	select {
	case <-p.ended:
		return true
	case <-time.After(15 * time.Second):
		return false
	}
}

type groupsKey struct{}

func groups(ts *testscript.TestScript) map[string]*process {
	return ts.Value(groupsKey{}).(map[string]*process)
}
