package term

import (
	"bytes"
	"os"
	"regexp"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	t.Parallel()
	header := []string{"METHOD", "PATH", "NOTE", "SOURCE"}
	rows := [][]string{
		{"GET", "/users/{userId}", "", "api/users/openapi.yaml:12"},
		{"DELETE", "/é", "", "api/x.yaml:1"},
	}
	for _, test := range []struct {
		name  string
		width int
		want  string
	}{
		{"no terminal: nothing is cut, empty columns are left out", 0, "" +
			"METHOD  PATH             SOURCE\n" +
			"GET     /users/{userId}  api/users/openapi.yaml:12\n" +
			"DELETE  /é               api/x.yaml:1\n"},
		{"the widest columns give first", 40, "" +
			"METHOD  PATH             SOURCE\n" +
			"GET     /users/{userId}  api/users/open…\n" +
			"DELETE  /é               api/x.yaml:1\n"},
		{"never below a readable width", 5, "" +
			"METHOD  PATH      SOURCE\n" +
			"GET     /users/…  api/use…\n" +
			"DELETE  /é        api/x.y…\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			w := &Writer{Writer: &b, width: func() int { return test.width }}
			if err := w.Table(header, rows); err != nil || b.String() != test.want {
				t.Errorf("got %v\n%s\nwant\n%s", err, b.String(), test.want)
			}
		})
	}
}

func TestNoTerminalNoStyle(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := New(&b)
	w.Progress("working")()
	if got := w.Red("x") + w.Bold("y"); got != "xy" || b.Len() > 0 || w.Terminal() || w.Width() != 0 {
		t.Errorf("got %q, wrote %q, terminal %v, width %d", got, b.String(), w.Terminal(), w.Width())
	}
}

func TestColour(t *testing.T) {
	t.Parallel()
	w := &Writer{colour: true}
	if got := w.Red("x"); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("got %q", got)
	}
	if got := w.Dim(""); got != "" {
		t.Errorf("styled nothing: %q", got)
	}
}

func TestTerminal(t *testing.T) {
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("no pseudo terminal: %v", err)
	}
	defer f.Close()
	for _, test := range []struct {
		noColor, term string
		colour        bool
	}{{"", "xterm", true}, {"1", "xterm", false}, {"", "dumb", false}} {
		t.Setenv("NO_COLOR", test.noColor)
		t.Setenv("TERM", test.term)
		if w := New(f); !w.Terminal() || w.Colour() != test.colour {
			t.Errorf("%+v: terminal %v, colour %v", test, w.Terminal(), w.Colour())
		}
	}
}

// Steps take the place of the line that changes, which comes back below them.
func TestStep(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	New(&b).Step("orders")
	if b.Len() > 0 {
		t.Errorf("away from a terminal: %q", b.String())
	}
	Terminal(&b, 80).Step("orders")
	if got := b.String(); got != "\r\x1b[Korders\n" {
		t.Errorf("got %q", got)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := &Writer{Writer: &b, terminal: true}
	done := w.Progress("reading")
	time.Sleep(progressAfter / 2)
	done()
	if b.Len() > 0 {
		t.Errorf("what is quick was announced: %q", b.String())
	}
	done = w.Progress("reading")
	time.Sleep(progressAfter + progressEvery*3/2)
	done()
	done()
	want := regexp.MustCompile(`^(\r\x1b\[Kreading \.\.\. 1\.\ds)+\r\x1b\[K$`)
	if !want.MatchString(b.String()) {
		t.Errorf("got %q", b.String())
	}
}
