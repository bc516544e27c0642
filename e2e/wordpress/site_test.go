package wordpress

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"github.com/banyan-go/banyan/e2e/needs"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// script is what brings WordPress up, shared with the example.
var script, _ = filepath.Abs(filepath.Join("..", "..", "examples", "wordpress", "wordpress.sh"))

// site is a freshly installed and seeded WordPress whose clock hardly moves.
type site struct {
	addr  string // of nginx
	dsn   string // of MariaDB
	state state

	fastcgi, root string // php-fpm itself, and its scripts
}

// errUnavailable says that this machine cannot run WordPress.
var errUnavailable = errors.New("WordPress cannot be had here")

var (
	startOnce = sync.OnceValues(start)
	cleanups  []func() error
)

// atEnd calls f after the last test.
func atEnd(f func() error) { cleanups = append(cleanups, f) }

func TestMain(m *testing.M) {
	code := m.Run()
	for _, f := range cleanups {
		if err := f(); err != nil {
			fmt.Fprintln(os.Stderr, "cleaning up:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// wordpress returns the one site of this test run. Where WordPress cannot be
// had the test is skipped, or fails if it runs in a pipeline.
func wordpress(t *testing.T) *site {
	t.Helper()
	if testing.Short() && os.Getenv("CI") != "true" {
		t.Skip("brings up WordPress, which takes a minute and more")
	}
	s, err := startOnce()
	switch {
	case errors.Is(err, errUnavailable):
		needs.Unavailable(t, err)
	case err != nil:
		t.Fatal(err)
	}
	return s
}

func start() (*site, error) {
	dir, err := os.MkdirTemp("", "wordpress-")
	if err != nil {
		return nil, err
	}
	env := append(os.Environ(), "WP_DIR="+dir, "WP_PORT=0", "WP_CLOCK=2026-01-15 12:00:00")
	remove := exec.Command("bash", "-c", `read -r; "$0" remove; rm -rf "$1"`, script, dir)
	remove.Env = env
	stop, err := guard(remove)
	if err != nil {
		return nil, err
	}
	atEnd(stop)
	if _, err := runScript(env, "start"); err != nil {
		return nil, err
	}
	if _, err := runScript(env, "seed"); err != nil {
		return nil, err
	}
	settings, err := runScript(env, "env")
	if err != nil {
		return nil, err
	}
	s := &site{}
	for line := range strings.Lines(settings) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch name {
		case "WP_PHP":
			s.addr = strings.TrimPrefix(value, "http://")
		case "WP_DSN":
			s.dsn = value
		case "WP_FASTCGI":
			s.fastcgi = value
		case "WP_ROOT":
			s.root = value
		}
	}
	if s.addr == "" || s.dsn == "" || s.fastcgi == "" || s.root == "" {
		return nil, fmt.Errorf("wordpress.sh env printed %q", settings)
	}
	return s, s.prepare(filepath.Join(dir, "www", "wp-content", "uploads"))
}

// prepare lets WordPress write what it writes on first use, and saves the state
// that every request starts from.
func (s *site) prepare(uploads string) error {
	for _, r := range []request{
		{method: "GET", target: "/"},
		{method: "GET", target: "/wp-login.php"},
		{method: "GET", target: "/wp-json/"},
	} {
		got, err := send(s.addr, r)
		if err != nil {
			return err
		}
		if got.status != "200 OK" {
			return fmt.Errorf("%s %s: %s\n%s", r.method, r.target, got.status, got.body)
		}
	}
	db, err := sql.Open("mysql", s.dsn)
	if err != nil {
		return err
	}
	s.state = state{db: db, uploads: uploads}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return s.state.save(ctx)
}

func runScript(env []string, command string) (string, error) {
	cmd := exec.Command(script, command)
	cmd.Env = env
	var stderr strings.Builder
	cmd.Stderr = io.MultiWriter(os.Stderr, &stderr)
	// The servers it leaves running must not hold our pipe open.
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 3 {
		return "", fmt.Errorf("%w: %s", errUnavailable, strings.TrimSpace(stderr.String()))
	}
	if err != nil {
		return "", fmt.Errorf("wordpress.sh %s: %w\n%s", command, err, stderr.String())
	}
	return string(out), nil
}

// guard starts cmd, which is to clean up and end as soon as its standard input
// does: when stop is called, and also when this process dies of a timeout or a
// Ctrl-C and has no chance to call it.
func guard(cmd *exec.Cmd) (stop func() error, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return func() error {
		in.Close()
		return cmd.Wait()
	}, nil
}
