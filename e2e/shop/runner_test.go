//go:build unix

package shop

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/banyan-go/banyan/examples/shop/backend"
)

// runner is `make run` without make.
type runner struct {
	t                  *testing.T
	cmd                *exec.Cmd
	php, listen, admin string
	log                *logBuffer
	exited             chan struct{}
}

func startRunner(t *testing.T, binary string) *runner {
	t.Helper()
	r := &runner{t: t, php: freeAddr(t), listen: freeAddr(t), admin: freeAddr(t), log: &logBuffer{}, exited: make(chan struct{})}
	_, port, err := net.SplitHostPort(r.php)
	if err != nil {
		t.Fatal(err)
	}
	r.cmd = exec.Command(binary, "-php-port", port, "-listen", r.listen, "-admin", r.admin)
	r.cmd.Dir = root
	r.cmd.Stdout, r.cmd.Stderr = r.log, r.log
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = r.cmd.Wait() // tests look at ProcessState
		close(r.exited)
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-r.exited:
		case <-time.After(15 * time.Second):
			_ = r.cmd.Process.Kill()
		}
		_ = os.RemoveAll(filepath.Join(root, ".cache", "shop", port))
		if t.Failed() {
			t.Logf("the runner wrote:\n%s", r.log)
		}
	})
	for end := time.Now().Add(2 * time.Minute); !strings.Contains(r.log.String(), "Ctrl-C stops"); time.Sleep(50 * time.Millisecond) {
		select {
		case <-r.exited:
			t.Fatalf("the runner ended at once:\n%s", r.log)
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("the runner does not get ready:\n%s", r.log)
		}
	}
	return r
}

// wantAllStopped waits for the end of the runner and of what it started.
func (r *runner) wantAllStopped(code int) {
	r.t.Helper()
	select {
	case <-r.exited:
	case <-time.After(15 * time.Second):
		r.t.Fatal("the runner still runs")
	}
	if got := r.cmd.ProcessState.ExitCode(); got != code {
		r.t.Errorf("exit code %d, want %d", got, code)
	}
	for _, addr := range []string{r.php, r.listen, r.admin} {
		err := backend.Free(addr)
		// Nobody waits for them when the runner itself was killed.
		for end := time.Now().Add(10 * time.Second); err != nil && code < 0 && time.Now().Before(end); err = backend.Free(addr) {
			time.Sleep(20 * time.Millisecond)
		}
		if err != nil {
			r.t.Errorf("after the end: %v", err)
		}
	}
}

func TestRunner(t *testing.T) {
	t.Parallel()
	needPHP(t)
	binary := filepath.Join(t.TempDir(), "shop")
	if out, err := exec.Command("go", "build", "-o", binary, root+"/examples/shop").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	t.Run("Ctrl-C", func(t *testing.T) {
		r := startRunner(t, binary)
		for _, want := range []string{"users.getUser", "/v1/orders/calculate", "curl", r.listen} {
			if !strings.Contains(r.log.String(), want) {
				t.Errorf("%q is missing from:\n%s", want, r.log)
			}
		}
		readme, err := os.ReadFile(filepath.Join(root, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(readme)) {
			here := strings.ReplaceAll(line, "127.0.0.1:8080", r.listen)
			if strings.HasPrefix(line, "  curl ") && !strings.Contains(r.log.String(), here) {
				t.Errorf("it does not say what README.md shows: %s", line)
			}
		}
		for _, path := range []string{"/v1/users/1", "/v1/orders/1"} {
			a, err := send("http://"+r.listen, "GET "+path, "")
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, a, 200)
		}
		if err := r.cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		r.wantAllStopped(0)
	})
	t.Run("the server dies", func(t *testing.T) {
		r := startRunner(t, binary)
		r.killChild("server")
		r.wantAllStopped(1)
	})
	t.Run("PHP dies", func(t *testing.T) {
		r := startRunner(t, binary)
		r.killChild("php")
		r.wantAllStopped(1)
	})
	t.Run("the runner dies", func(t *testing.T) {
		r := startRunner(t, binary)
		if err := r.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		r.wantAllStopped(-1)
	})
	t.Run("no PHP", func(t *testing.T) {
		cmd := exec.Command(binary)
		cmd.Dir, cmd.Env = root, []string{"PATH=" + t.TempDir()}
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "apt-get install -y --no-install-recommends php-cli php-sqlite3") {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("taken ports", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(binary, "-php-port", port, "-listen", l.Addr().String(), "-admin", freeAddr(t))
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatal("it runs")
		}
		for _, want := range []string{"make run ARGS='-php-port 9081'", "make run ARGS='-listen 127.0.0.1:9080'"} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%q is missing from:\n%s", want, out)
			}
		}
	})
}

// killChild kills a process that the runner, or a child of it, started, by its
// name.
func (r *runner) killChild(name string) {
	r.t.Helper()
	out, err := exec.Command("ps", "-A", "-o", "ppid=,pid=,comm=").Output()
	if err != nil {
		r.t.Fatalf("ps: %v", err)
	}
	pid, found := childPID(string(out), r.cmd.Process.Pid, name)
	if !found {
		r.t.Fatalf("the runner has no child %q:\n%s", name, out)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		r.t.Fatal(err)
	}
}

// childPID finds the nearest descendant with a name in lines "ppid pid name"
// of ps.
func childPID(ps string, parent int, name string) (pid int, found bool) {
	for generation := []int{parent}; len(generation) > 0; {
		var next []int
		for line := range strings.Lines(ps) {
			f := strings.Fields(line)
			if len(f) != 3 {
				continue
			}
			ppid, err1 := strconv.Atoi(f[0])
			pid, err2 := strconv.Atoi(f[1])
			if err1 != nil || err2 != nil || !slices.Contains(generation, ppid) {
				continue
			}
			if f[2] == name {
				return pid, true
			}
			next = append(next, pid)
		}
		generation = next
	}
	return 0, false
}
