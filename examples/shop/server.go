//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// leash runs a command and asks it to stop (SIGTERM) when the pipe at
// descriptor 3 is closed. The kernel closes it also when this process is
// killed: a server without its PHP would only keep the ports.
const leash = `
"$@" 3<&- &
server=$!
{ read -r _ <&3; kill -TERM "$server" 2>/dev/null; } &
exec 3<&-
wait "$server"`

// server is the running Banyan server.
type server struct {
	cmd   *exec.Cmd
	life  io.Closer // it runs as long as this is open
	ended chan struct{}
	err   error // of Wait; to be read after ended
}

// startServer starts the binary with env added to the environment.
func startServer(binary string, args []string, env ...string) (*server, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	// The second "sh" is the script's $0; the rest are the command.
	cmd := exec.Command("/bin/sh", append([]string{"-c", leash, "sh", binary}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.ExtraFiles = []*os.File{read} // file descriptor 3
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	// Of its own, so that Ctrl-C reaches it through us, once, while PHP lives.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start the server: %w", err)
	}
	s := &server{cmd: cmd, life: write, ended: make(chan struct{})}
	go func() {
		s.err = cmd.Wait()
		close(s.ended)
	}()
	return s, nil
}

// stop lets the server finish its requests and returns when it has ended. It
// may be called more than once, and when the server has ended already.
func (s *server) stop() error {
	_ = s.life.Close()
	<-s.ended
	if s.err != nil {
		return s.failure()
	}
	return nil
}

// failure is how a server ended that nobody had asked to.
func (s *server) failure() error {
	if code := s.cmd.ProcessState.ExitCode(); code > 128 {
		return fmt.Errorf("the server ended by signal %d (%v)", code-128, syscall.Signal(code-128))
	}
	return fmt.Errorf("the server ended: %v; what it wrote is above", s.cmd.ProcessState)
}
