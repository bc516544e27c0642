//go:build !linux

package fastcgi

import (
	"io"
	"net"
)

// dialUnix connects to a unix socket.
func dialUnix(path string) (io.ReadWriteCloser, error) { return net.Dial("unix", path) }
