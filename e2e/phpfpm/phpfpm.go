//go:build unix

// Package phpfpm runs a php-fpm of its own for tests and measurements.
package phpfpm

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrNotInstalled says that there is no php-fpm on this machine.
var ErrNotInstalled = errors.New("php-fpm is not installed; on Debian or Ubuntu run: apt-get install -y --no-install-recommends php-fpm")

// Options says what to run.
type Options struct {
	// Dir is an existing folder for the configuration, the socket and the log.
	// A socket's path may not be longer than about 100 bytes.
	Dir string
	// TCP makes it listen on a free port of 127.0.0.1 instead of a socket.
	TCP bool
	// Children is how many requests run at once; 4 when 0.
	Children int
	// Backlog is how many connections may wait; php-fpm's own default when 0.
	Backlog int
	// MaxRequests is how many requests a child serves before another takes its
	// place; 0 means no end.
	MaxRequests int
	// ShowErrors lets scripts switch display_errors on; otherwise it stays off.
	ShowErrors bool
	// Env holds variables for the scripts, as "NAME=value".
	Env []string
}

// Server is a php-fpm that runs.
type Server struct {
	// Network and Addr are where it listens: "unix" or "tcp".
	Network, Addr string

	cmd  *exec.Cmd
	life io.Closer // it lives as long as this is open
	done chan struct{}
	log  string
}

// script runs php-fpm and kills it with its children when the pipe at
// descriptor 3 closes, be it because this process died. php-fpm makes a process
// group of its own, which has the master's number.
const script = `
"$@" </dev/null 3<&- &
fpm=$!
{ read -r _ <&3; kill -KILL "-$fpm" "$fpm"; } 2>/dev/null &
exec 3<&-
wait "$fpm"
kill -KILL 0`

// Binary is the path of php-fpm, or ErrNotInstalled.
func Binary() (string, error) {
	for _, name := range []string{"php-fpm8.2", "php-fpm8.4", "php-fpm8.3", "php-fpm8.1", "php-fpm", "/usr/sbin/php-fpm8.2"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNotInstalled
}

// Start starts php-fpm and returns when it listens. The caller must call Stop.
func Start(o Options) (*Server, error) {
	binary, err := Binary()
	if err != nil {
		return nil, err
	}
	s := &Server{Network: "unix", Addr: filepath.Join(o.Dir, "fpm.sock"), done: make(chan struct{}), log: filepath.Join(o.Dir, "fpm.log")}
	if o.TCP {
		s.Network = "tcp"
		if s.Addr, err = freeAddr(); err != nil {
			return nil, err
		}
	}
	config := filepath.Join(o.Dir, "fpm.conf")
	if err := os.WriteFile(config, []byte(s.config(o)), 0o600); err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	args := []string{"-c", script, "sh", binary, "-F", "-y", config}
	if os.Geteuid() == 0 {
		args = append(args, "-R") // folders of tests are for their owner only
	}
	s.cmd = exec.Command("/bin/sh", args...)
	s.cmd.Env = append(os.Environ(), o.Env...)
	s.cmd.ExtraFiles = []*os.File{read} // file descriptor 3
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start php-fpm: %w", err)
	}
	s.life = write
	go func() {
		_ = s.cmd.Wait() // it always ends by a signal
		close(s.done)
	}()
	if err := s.ready(); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) config(o Options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[global]\nerror_log = %s\nlog_level = warning\ndaemonize = no\n", s.log)
	fmt.Fprintf(&b, "[www]\nlisten = %s\npm = static\npm.max_children = %d\nclear_env = no\n", s.Addr, cmp.Or(o.Children, 4))
	b.WriteString("php_admin_flag[log_errors] = on\n")
	display := "php_admin_flag" // scripts cannot change it
	if o.ShowErrors {
		display = "php_flag"
	}
	fmt.Fprintf(&b, "%s[display_errors] = off\n", display)
	if o.Backlog > 0 {
		fmt.Fprintf(&b, "listen.backlog = %d\n", o.Backlog)
	}
	if o.MaxRequests > 0 {
		fmt.Fprintf(&b, "pm.max_requests = %d\n", o.MaxRequests)
	}
	if os.Geteuid() == 0 {
		b.WriteString("user = root\ngroup = root\n")
	}
	return b.String()
}

func (s *Server) ready() error {
	for range 500 {
		if c, err := net.Dial(s.Network, s.Addr); err == nil {
			return c.Close()
		}
		select {
		case <-s.done:
			return fmt.Errorf("php-fpm ended at once: %s", s.Log())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("php-fpm does not listen on %s: %s", s.Addr, s.Log())
}

// URL is the address as upstream in legacy.yaml has it.
func (s *Server) URL() string {
	if s.Network == "unix" {
		return "fastcgi+unix://" + s.Addr
	}
	return "fastcgi://" + s.Addr
}

// PID is the process that php-fpm and its children run below.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Log is what php-fpm itself wrote; the scripts' errors go to their callers.
func (s *Server) Log() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Stop kills php-fpm with its children. It may be called more than once.
func (s *Server) Stop() {
	_ = s.life.Close()
	<-s.done
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
