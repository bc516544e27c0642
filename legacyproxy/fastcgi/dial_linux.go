package fastcgi

import (
	"io"
	"net"
	"os"
	"syscall"
)

// dialUnix connects to a unix socket, which either happens at once or not at
// all: the error is EAGAIN where the queue is full.
//
// Package net would do, but it also asks the system for the names of both
// ends, and keeps timers and contexts for a wait that unix sockets never have.
// The descriptor is known to the poller before it is connected, because php-fpm
// wakes up with the connection: what follows should find it still at that, and
// not waiting for the request again.
func dialUnix(path string) (io.ReadWriteCloser, error) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, dialError(path, os.NewSyscallError("socket", err))
	}
	socket := os.NewFile(uintptr(fd), path)
	for {
		err = syscall.Connect(fd, &syscall.SockaddrUnix{Name: path})
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = socket.Close() // nothing went over it
		return nil, dialError(path, os.NewSyscallError("connect", err))
	}
	return socket, nil
}

// dialError is what package net would return.
func dialError(path string, err error) error {
	return &net.OpError{Op: "dial", Net: "unix", Addr: &net.UnixAddr{Name: path, Net: "unix"}, Err: err}
}
