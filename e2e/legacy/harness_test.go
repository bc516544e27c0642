//go:build unix

package legacy

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/e2e/phpfpm"
)

// startFPM starts php-fpm on a free TCP port.
func startFPM(t *testing.T, children int, env ...string) *phpfpm.Server {
	t.Helper()
	s, err := phpfpm.Start(phpfpm.Options{Dir: t.TempDir(), TCP: true, Children: children, ShowErrors: true, Env: env})
	if errors.Is(err, phpfpm.ErrNotInstalled) {
		needs.Unavailable(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// groupScript runs a program and kills its process group when the program ends
// or the pipe at descriptor 3 closes, be it because this process died: PHP's
// workers outlive their master and would keep the port.
const groupScript = `
"$@" </dev/null 3<&- &
{ read -r _ <&3; kill -KILL 0; } &
exec 3<&-
wait $!
`

// group is a program that runs with its children.
type group struct {
	cmd  *exec.Cmd
	life io.Closer
	done chan struct{}
}

func startGroup(t *testing.T, env []string, program string, args ...string) *group {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	g := &group{cmd: exec.Command("/bin/sh", append([]string{"-c", groupScript, "sh", program}, args...)...), life: write, done: make(chan struct{})}
	g.cmd.Env = append(os.Environ(), env...)
	g.cmd.ExtraFiles = []*os.File{read}
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := g.cmd.Start(); err != nil {
		write.Close()
		t.Fatal(err)
	}
	go func() {
		_ = g.cmd.Wait() // it always ends by a signal
		close(g.done)
	}()
	t.Cleanup(g.kill)
	return g
}

// kill is kill -9 for all of them. It may be called more than once.
func (g *group) kill() {
	_ = g.life.Close()
	<-g.done
}

// startCLI starts PHP's built-in server with four workers on a free port and
// returns its address. Every request goes to router.
func startCLI(t *testing.T, router string, env ...string) string {
	t.Helper()
	if _, err := exec.LookPath("php"); err != nil {
		needs.Unavailable(t, errors.New("php is not installed; on Debian or Ubuntu run: apt-get install -y --no-install-recommends php-cli php-sqlite3"))
	}
	addr := freeAddr(t)
	g := startGroup(t, append(env, "PHP_CLI_SERVER_WORKERS=4"), "php", "-S", addr, router)
	g.await(t, "php -S", func() error {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err
	})
	return addr
}

// await waits until a program is ready.
func (g *group) await(t *testing.T, what string, ready func() error) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		err := ready()
		if err == nil {
			return
		}
		select {
		case <-g.done:
			t.Fatalf("%s ended at once", what)
		case <-time.After(10 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is not ready: %v", what, err)
		}
	}
}

// server is `banyan serve` in front of a workspace.
type server struct {
	t             *testing.T
	binary, dir   string
	env           []string
	listen, admin string
	*group
}

func serveWorkspace(t *testing.T, binary, dir string, env ...string) *server {
	t.Helper()
	s := &server{t: t, binary: binary, dir: dir, env: env, listen: freeAddr(t), admin: freeAddr(t)}
	s.start()
	return s
}

// start starts it, after kill once more on the same addresses.
func (s *server) start() {
	s.t.Helper()
	s.run("-C", s.dir, "serve", "--listen", s.listen, "--admin", s.admin)
}

// run starts the program and waits until it is ready.
func (s *server) run(args ...string) {
	s.t.Helper()
	s.group = startGroup(s.t, s.env, s.binary, args...)
	s.await(s.t, filepath.Base(s.binary), func() error {
		res, err := http.Get("http://" + s.admin + "/-/readyz")
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return errors.New(res.Status)
		}
		return nil
	})
}

// metric is the sum of a metric's series whose labels contain a text.
func (s *server) metric(name, labels string) (sum float64) {
	res, err := http.Get("http://" + s.admin + "/-/metrics")
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	for line := range strings.Lines(string(body)) {
		if rest, ok := strings.CutPrefix(line, name+"{"); ok && strings.Contains(rest, labels) {
			var v float64
			_, _ = fmt.Sscan(rest[strings.LastIndexByte(rest, ' ')+1:], &v)
			sum += v
		}
	}
	return sum
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
