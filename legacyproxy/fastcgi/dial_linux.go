package fastcgi

import (
	"errors"
	"io"
	"io/fs"
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
	opened := socket{os.NewFile(uintptr(fd), path)}
	for {
		err = syscall.Connect(fd, &syscall.SockaddrUnix{Name: path})
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = opened.Close() // nothing went over it
		return nil, dialError(path, os.NewSyscallError("connect", err))
	}
	return opened, nil
}

func dialError(path string, err error) error { return opError("dial", path, err) }

// opError is what package net would return.
func opError(op, path string, err error) error {
	return &net.OpError{Op: op, Net: "unix", Addr: &net.UnixAddr{Name: path, Net: "unix"}, Err: err}
}

// socket is a connection whose errors are those of package net.
type socket struct{ *os.File }

func (s socket) Read(p []byte) (int, error) {
	n, err := s.File.Read(p)
	return n, s.failure("read", err)
}

func (s socket) Write(p []byte) (int, error) {
	n, err := s.File.Write(p)
	return n, s.failure("write", err)
}

func (s socket) failure(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	var file *fs.PathError
	switch {
	case errors.Is(err, os.ErrClosed):
		err = net.ErrClosed
	case errors.As(err, &file):
		err = os.NewSyscallError(op, file.Err)
	}
	return opError(op, s.Name(), err)
}
