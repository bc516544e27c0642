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

// cmdGroup runs a command as a terminal would. To interrupt is to press Ctrl-C:
// the signal goes to everything that the command started. To terminate is what
// kill, timeout and supervisors do: the signal goes to the command alone.
//
//	group start NAME command [args...]
//	group interrupt|terminate NAME
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
		ts.Defer(func() { p.stop(-p.cmd.Process.Pid, syscall.SIGKILL) })
	case !neg && len(args) == 2 && (args[0] == "interrupt" || args[0] == "terminate"):
		p := groups(ts)[args[1]]
		if p == nil {
			ts.Fatalf("no group %s", args[1])
		}
		group, signal := -p.cmd.Process.Pid, syscall.SIGINT
		if args[0] == "terminate" {
			group, signal = p.cmd.Process.Pid, syscall.SIGTERM
		}
		if !p.stop(group, signal) {
			ts.Fatalf("%s did not end:\n%s", args[1], p.output.String())
		}
		_, _ = ts.Stdout().Write(p.output.Bytes())
	default:
		ts.Fatalf("usage: group start NAME command [args...] | group interrupt|terminate NAME")
	}
}

// stop signals a process, or a group when the number is negative, and reports
// whether the command ended.
func (p *process) stop(pid int, signal syscall.Signal) bool {
	select {
	case <-p.ended:
		return true
	default:
	}
	_ = syscall.Kill(pid, signal)
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
