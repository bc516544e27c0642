// Package liveness tells whether a connection that was kept can be used again.
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
}

// New returns a probe of a connection: a syscall.Conn, as those of package net
// are. Any other one passes for open and quiet.
func New(conn io.Closer) *Probe {
	p := &Probe{}
	if c, ok := conn.(syscall.Conn); ok {
		p.raw, _ = c.SyscallConn()
	}
	p.look = p.peek
	return p
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
