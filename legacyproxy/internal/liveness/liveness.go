// Package liveness looks at a connection without waiting for it: whether one
// that was kept can be used again, and what has arrived already.
package liveness

import (
	"io"
	"syscall"
)

// Probe looks at one connection. It must not be used by several goroutines.
type Probe struct {
	raw   syscall.RawConn // nil where the system cannot tell
	look  func(fd uintptr) bool
	buf   [1]byte
	quiet bool

	take func(fd uintptr) bool
	into []byte
	took int
}

// New returns a probe of a connection: a syscall.Conn, as those of package net
// are. Any other one passes for open and quiet.
func New(conn io.Closer) *Probe {
	p := &Probe{}
	if c, ok := conn.(syscall.Conn); ok {
		p.raw, _ = c.SyscallConn()
	}
	p.look, p.take = p.peek, p.read
	return p
}

// Take reads what has arrived into buf and returns how much that was: nothing
// too where the connection has ended or failed, or the system cannot tell. The
// next ordinary read has the reason.
func (p *Probe) Take(buf []byte) int {
	if p.raw == nil || len(buf) == 0 {
		return 0
	}
	p.into, p.took = buf, 0
	_ = p.raw.Read(p.take) // what failed took nothing
	p.into = nil
	return max(0, p.took)
}

// Quiet reports whether the connection is open and nothing waits to be read.
// Between two exchanges that is how it has to be: the other side has either
// closed it otherwise, or said something that nobody asked for.
//
// It costs one system call and cannot see what is still on its way.
func (p *Probe) Quiet() bool {
	if p.raw == nil {
		return true
	}
	p.quiet = false
	return p.raw.Read(p.look) == nil && p.quiet
}
