package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommands are the words that scripts have beside testscript's own.
var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits":    cmdExits,
	"freeport": cmdFreeport,
	"http":     cmdHTTP,
}

// cmdExits runs a command that must exit with a code: exits 100 banyan check
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// cmdFreeport puts free loopback addresses into variables: freeport LISTEN ADMIN
func cmdFreeport(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("unsupported: ! freeport")
	}
	var held []net.Listener
	for _, name := range args {
		// All stay open until the last is known, so that no two are the same.
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		held = append(held, l)
		ts.Setenv(name, l.Addr().String())
	}
	for _, l := range held {
		ts.Check(l.Close())
	}
}

// cmdHTTP sends a request and prints "STATUS content-type" and the body:
//
//	http [-X method] [-d body] [-H 'name: value'] url
//
// It waits up to 10 seconds for somebody to listen, and with -until up to 10
// seconds for that status.
func cmdHTTP(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("http", flag.ContinueOnError)
	method := flags.String("X", http.MethodGet, "")
	body := flags.String("d", "", "")
	header := flags.String("H", "", "")
	until := flags.Int("until", 0, "")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 || neg {
		ts.Fatalf("usage: http [-X method] [-d body] [-H header] [-until status] url")
	}
	var last error
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		r, err := http.NewRequest(*method, flags.Arg(0), strings.NewReader(*body))
		ts.Check(err)
		if name, value, ok := strings.Cut(*header, ":"); ok {
			r.Header.Set(name, strings.TrimSpace(value))
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			last = err
			continue
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		if *until != 0 && resp.StatusCode != *until {
			last = fmt.Errorf("status %d, want %d: %s", resp.StatusCode, *until, text)
			continue
		}
		fmt.Fprintf(ts.Stdout(), "%d %s\n%s", resp.StatusCode, resp.Header.Get("Content-Type"), text)
		return
	}
	ts.Fatalf("%v", last)
}

// scriptCondition knows [have-php]. In a pipeline what is missing is a
// failure: a script that is skipped for months proves nothing.
func scriptCondition(cond string) (bool, error) {
	if cond != "have-php" {
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	if _, err := exec.LookPath("php"); err != nil {
		if os.Getenv("CI") == "true" {
			return false, errors.New("php is not installed")
		}
		return false, nil
	}
	return true, nil
}
