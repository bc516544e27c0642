//go:build unix

// Command shop runs the example: the PHP shop on loopback and the Banyan
// server of this repository in front of it. Ctrl-C stops both.
//
//	go run ./examples/shop [-listen 127.0.0.1:8080] [-admin 127.0.0.1:8090] [-php-port 8081]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/banyan-go/banyan/admin"
	"github.com/banyan-go/banyan/examples/shop/backend"
)

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address of the Banyan server")
	flag.StringVar(&o.admin, "admin", "127.0.0.1:8090", "address of health and metrics")
	flag.IntVar(&o.phpPort, "php-port", 8081, "loopback port of the PHP shop")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "shop: unexpected argument %q\n", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends everything at once
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

type options struct {
	listen, admin string
	phpPort       int
}

func run(ctx context.Context, o options) error {
	root, err := repository()
	if err != nil {
		return err
	}
	php := net.JoinHostPort("127.0.0.1", strconv.Itoa(o.phpPort))
	if err := errors.Join(backend.Check(), free(php, "-php-port", "9081"), free(o.listen, "-listen", "127.0.0.1:9080"), free(o.admin, "-admin", "127.0.0.1:9090")); err != nil {
		return err
	}

	// Every start begins with the same data; shops on other ports have theirs.
	state := filepath.Join(root, ".cache", "shop", strconv.Itoa(o.phpPort))
	if err := os.RemoveAll(state); err != nil {
		return err
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	db := filepath.Join(state, "shop.sqlite")
	log, err := os.Create(filepath.Join(state, "php.log"))
	if err != nil {
		return err
	}
	defer log.Close()

	fmt.Println("building the server ...")
	binary := filepath.Join(state, "server")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/server")
	build.Dir, build.Stdout, build.Stderr = root, os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return stopped(ctx, fmt.Errorf("build cmd/server: %w", err))
	}

	shop, err := backend.Start(ctx, backend.Options{Dir: filepath.Join(root, "examples", "shop", "php"), Addr: php, DB: db, Log: log})
	if err != nil {
		return stopped(ctx, err)
	}
	defer shop.Stop()
	fmt.Printf("the PHP shop answers on %s (log: %s)\n\n", shop.URL(), near(log.Name()))

	server, err := startServer(binary, []string{"-workspace", root, "-listen", o.listen, "-admin", o.admin}, "SHOP_PHP="+shop.URL(), "SHOP_DB="+db)
	if err != nil {
		return err
	}
	defer server.stop()

	select {
	case err := <-ready(o.admin):
		if err != nil {
			return err
		}
		fmt.Printf(welcome, o.listen, o.admin)
	case <-server.ended:
		return server.failure()
	case <-ctx.Done():
	}

	select {
	case <-ctx.Done():
		err = nil
	case <-server.ended:
		return server.failure()
	case <-shop.Done():
		err = fmt.Errorf("php ended by itself; see %s", near(log.Name()))
	}
	fmt.Println("\nstopping ...")
	return errors.Join(err, server.stop())
}

const welcome = `
Try it:

  curl http://%[1]s/v1/users/1        # Go answers
  curl http://%[1]s/v1/orders/1       # PHP; with  -H 'x-env: canary'  it is Go
  curl http://%[1]s/v1/orders/calculate -H 'content-type: application/json' -d '{"items":[{"sku":"POT-L","quantity":2}],"country":"DE"}'   # PHP

Move an operation: edit api/rollout.yaml while this runs. Metrics: http://%[2]s/-/metrics
Ctrl-C stops everything.
`

// ready reports when the server says that it can take requests.
func ready(admin string) <-chan error {
	done := make(chan error, 1)
	go func() {
		deadline := time.Now().Add(10 * time.Second)
		for time.Now().Before(deadline) {
			if res, err := http.Get("http://" + admin + "/-/readyz"); err == nil {
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				if res.StatusCode == http.StatusOK {
					done <- nil
					return
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		done <- errors.New("the server did not become ready within 10s; what it wrote is above")
	}()
	return done
}

// free says what is wrong with an address, and how to choose another.
func free(addr, flag, example string) error {
	l, err := admin.Listen(addr, flag)
	if err != nil {
		return fmt.Errorf("%w (make run ARGS='%s %s')", err, flag, example)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return err
	}
	if _, asked, err := net.SplitHostPort(addr); err == nil && asked != strconv.Itoa(port) {
		return fmt.Errorf("%s %s: want the number of a port (make run ARGS='%s %s')", flag, addr, flag, example)
	}
	return nil
}

// stopped is err, or nil when err only says that the user gave up.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// repository is the nearest folder above that holds banyan.yaml.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "banyan.yaml")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("run this inside the repository: there is no banyan.yaml in this folder or above")
		}
		dir = parent
	}
}

// near is a path as one would type it here.
func near(name string) string {
	dir, err := os.Getwd()
	if err != nil {
		return name
	}
	if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return name
}
