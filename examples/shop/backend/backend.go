//go:build unix

// Package backend runs the shop's PHP on PHP's built-in server. The example's
// runner and the end-to-end tests share it.
package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNoPHP says that PHP, or its SQLite driver, is not installed.
var ErrNoPHP = errors.New("php with pdo_sqlite is not installed; on Debian or Ubuntu run: " +
	"apt-get install -y --no-install-recommends php-cli php-sqlite3")

// Options says what to start and where.
type Options struct {
	// Dir is the folder of the PHP application: examples/shop/php.
	Dir string
	// Addr is the loopback address to listen on.
	Addr string
	// DB is the SQLite file. PHP makes and fills it when it does not exist.
	DB string
	// Log receives what PHP's server and the application write.
	Log io.Writer
}

// Backend is a running PHP server.
type Backend struct {
	addr string
	cmd  *exec.Cmd
	life io.Closer // PHP lives as long as it is open
	done chan struct{}
}

// workers is how many requests PHP serves at once.
const workers = 4

// script runs PHP and kills its own process group, PHP's workers included, when
// PHP ends or when the pipe at descriptor 3 is closed. The latter happens in
// Stop and also when this process dies in whatever way: the workers outlive
// their master and would keep the port.
const script = `
php "$@" </dev/null 3<&- &
php=$!
{ read -r _ <&3; kill -KILL 0; } &
exec 3<&-
wait "$php"
kill -KILL 0`

// Check returns ErrNoPHP when the shop cannot run here.
func Check() error {
	out, err := exec.Command("php", "-r", `echo (int) extension_loaded("pdo_sqlite");`).Output()
	if err != nil || string(bytes.TrimSpace(out)) != "1" {
		return ErrNoPHP
	}
	return nil
}

// Start starts PHP and returns when it answers. The caller must call Stop.
func Start(ctx context.Context, o Options) (*Backend, error) {
	if err := Check(); err != nil {
		return nil, err
	}
	if err := Free(o.Addr); err != nil {
		return nil, err
	}
	root := filepath.Join(o.Dir, "public")
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	// The second "sh" is the script's $0; the rest are PHP's arguments.
	cmd := exec.Command("/bin/sh", "-c", script, "sh", "-S", o.Addr, "-t", root, filepath.Join(root, "router.php"))
	cmd.Env = append(os.Environ(), "SHOP_DB="+o.DB, "PHP_CLI_SERVER_WORKERS="+strconv.Itoa(workers))
	cmd.ExtraFiles = []*os.File{read} // file descriptor 3
	cmd.Stdout, cmd.Stderr = o.Log, o.Log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("start php: %w", err)
	}
	b := &Backend{addr: o.Addr, cmd: cmd, life: write, done: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // it always ends by a signal
		close(b.done)
	}()
	if err := b.ready(ctx); err != nil {
		b.Stop()
		return nil, err
	}
	return b, nil
}

// URL is where PHP answers: "http://127.0.0.1:8081".
func (b *Backend) URL() string { return "http://" + b.addr }

// Done is closed when PHP has ended, by itself or by Stop.
func (b *Backend) Done() <-chan struct{} { return b.done }

// Stop ends PHP at once, with its workers, and returns when the port is free.
// It may be called more than once.
func (b *Backend) Stop() {
	_ = b.life.Close()
	<-b.done
	// The workers get the same signal as the script, and may die after it.
	for range 100 {
		if Free(b.addr) == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// ready waits until the shop has answered a request, which makes it create its
// database.
func (b *Backend) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	var last error
	for {
		if last = b.ping(ctx); last == nil {
			return nil
		}
		select {
		case <-b.done:
			return errors.New("php ended as soon as it was started; see its log")
		case <-ctx.Done():
			return fmt.Errorf("php does not answer on %s: %w", b.addr, last)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (b *Backend) ping(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.URL()+"/user.php?limit=1", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 200))
		return fmt.Errorf("it answers %s: %s", res.Status, strings.TrimSpace(string(text)))
	}
	return nil
}

// Free reports whether addr can be listened on, as an error that names it.
func Free(addr string) error {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program", addr)
	}
	if err != nil {
		return err
	}
	return l.Close()
}
