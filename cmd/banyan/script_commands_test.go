//go:build unix

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommands are the words that scripts have beside testscript's own.
var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits":    cmdExits,
	"freeport": cmdFreeport,
	"closed":   cmdClosed,
	"group":    cmdGroup,
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

// cmdClosed waits until nobody listens on an address any more, for 5 seconds at
// most.
func cmdClosed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: closed ADDRESS")
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", args[0], time.Second)
		if err != nil {
			return
		}
		conn.Close()
	}
	ts.Fatalf("somebody still listens on %s", args[0])
}

// cmdHTTP sends a request and prints "STATUS content-type" and the body:
//
//	http [-X method] [-d body] [-H 'name: value'] url
//
// It waits up to a minute for somebody to listen, who may be built first; with -until also for that
// status, with -until-text for that text in the body. With -background NAME it
// returns as soon as the request is under way, and http -result NAME waits for
// the answer and prints it.
func cmdHTTP(ts *testscript.TestScript, neg bool, args []string) {
	var q request
	flags := flag.NewFlagSet("http", flag.ContinueOnError)
	flags.StringVar(&q.method, "X", http.MethodGet, "")
	flags.StringVar(&q.body, "d", "", "")
	flags.StringVar(&q.header, "H", "", "")
	flags.IntVar(&q.status, "until", 0, "")
	flags.StringVar(&q.text, "until-text", "", "")
	background := flags.String("background", "", "")
	result := flags.String("result", "", "")
	err := flags.Parse(args)
	if neg || err != nil || flags.NArg() != 1 && *result == "" {
		ts.Fatalf("usage: http [-X method] [-d body] [-H header] [-until status] [-until-text text] [-background name] url")
	}
	q.url = flags.Arg(0)
	switch answers := backgroundAnswers(ts); {
	case *result != "":
		select {
		case answer := <-answers[*result]:
			ts.Check(answer.err)
			fmt.Fprint(ts.Stdout(), answer.text)
		case <-time.After(10 * time.Second):
			ts.Fatalf("no answer to %s", *result)
		}
	case *background != "":
		answer := make(chan httpAnswer, 1)
		answers[*background] = answer
		sent := make(chan struct{})
		go func() {
			underway := sync.OnceFunc(func() { close(sent) })
			text, err := q.once(underway)
			underway() // even if it was never sent
			answer <- httpAnswer{text, err}
		}()
		<-sent
		time.Sleep(100 * time.Millisecond) // until the server has it, too
	default:
		text, err := q.retry()
		ts.Check(err)
		fmt.Fprint(ts.Stdout(), text)
	}
}

type httpAnswer struct {
	text string
	err  error
}

type answersKey struct{}

func backgroundAnswers(ts *testscript.TestScript) map[string]chan httpAnswer {
	return ts.Value(answersKey{}).(map[string]chan httpAnswer)
}

type request struct {
	method, url, body, header string
	status                    int
	text                      string
}

func (q *request) retry() (string, error) {
	var last error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		text, err := q.once(func() {})
		switch {
		case err != nil:
			last = err
		case q.status != 0 && !strings.HasPrefix(text, strconv.Itoa(q.status)), !strings.Contains(text, q.text):
			last = fmt.Errorf("never got what it waited for, last:\n%s", text)
		default:
			return text, nil
		}
	}
	return "", last
}

func (q *request) once(sent func()) (string, error) {
	trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent() }}
	ctx := httptrace.WithClientTrace(context.Background(), trace)
	r, err := http.NewRequestWithContext(ctx, q.method, q.url, strings.NewReader(q.body))
	if err != nil {
		return "", err
	}
	if name, value, ok := strings.Cut(q.header, ":"); ok {
		r.Header.Set(name, strings.TrimSpace(value))
	}
	// A connection of its own: an idle one would hold up the server's end.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %s\n%s", resp.StatusCode, resp.Header.Get("Content-Type"), text), err
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
