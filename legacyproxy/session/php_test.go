package session_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/legacyproxy/session"
)

const sessionID = "0123456789abcdefABCDEF-,"

// php runs a script in which the session is open, and returns what it prints.
func php(t *testing.T, dir string, h session.Handler, script string) string {
	t.Helper()
	cmd := exec.Command("php", "-d", "session.save_path="+dir, "-d", "session.serialize_handler="+string(h),
		"-d", "session.use_strict_mode=0", "-d", "session.use_cookies=0", "-d", "session.cache_limiter=", "-r",
		"session_id('"+sessionID+"'); session_start();\n"+script)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("php: %v\n%s%s", err, out, stderr.String())
	}
	return string(out)
}

const fill = `
class Money { public $amount = 1250; protected $currency = 'EUR'; private $secret = 's'; public ?Money $next = null; }
enum Suit: string { case Hearts = 'h'; case Spades = 's'; }
$m = new Money; $m->next = $m;
$shared = ['a' => 1];
$_SESSION = [
	'user' => ['id' => 42, 'name' => "Bj\u{f6}rn | \"x\";", 'roles' => ['admin', 'buyer'], 'active' => true, 'gone' => null, 'balance' => 12.5, 'id_text' => '4711'],
	'binary' => "\0\xff|}", 'empty' => [], 'huge' => PHP_INT_MAX, 'small' => PHP_INT_MIN, 'third' => 1 / 3, 'inf' => INF, 'nan' => NAN, 'whole' => 10.0,
	'money' => $m, 'suit' => Suit::Hearts, 'suits' => [Suit::Hearts, Suit::Hearts, Suit::Spades],
	'when' => new DateTimeImmutable('2026-07-01 12:00:00.5', new DateTimeZone('Europe/Berlin')),
	'zulu' => new DateTime('2026-07-01 12:00:00', new DateTimeZone('+02:00')),
	'one' => &$shared, 'two' => &$shared, 'holes' => [2 => 'c', 5 => 'f', '7' => 'h', 'x' => 'y'],
	'std' => (object)['k' => ['v' => 1]], 'money_again' => $m, 'last' => 'end',
];
`

type user struct {
	ID       int
	Name     string
	Roles    []string `php:"roles"`
	Active   bool
	Gone     *string
	Balance  float64
	Number   uint16 `php:"id_text"`
	Unknown  string
	Internal string `php:"-"`
}

// TestPHPWrites reads what a real PHP wrote, with each of its handlers.
func TestPHPWrites(t *testing.T) {
	t.Parallel()
	needs.Program(t, "php", "php-cli")
	for _, h := range []session.Handler{session.PHP, session.PHPSerialize, session.PHPBinary} {
		t.Run(string(h), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			php(t, dir, h, fill)
			s, err := session.NewReader(session.Files{Dir: dir, MaxAge: time.Hour}, session.Options{Handler: h}).Read(context.Background(), sessionID)
			if err != nil {
				t.Fatal(err)
			}
			u, err := session.Get[user](s, "user")
			want := user{ID: 42, Name: "Björn | \"x\";", Roles: []string{"admin", "buyer"}, Active: true, Balance: 12.5, Number: 4711}
			if diff := cmp.Diff(want, u); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
			same(t, s, int64(9223372036854775807), "huge")
			same(t, s, int64(-9223372036854775808), "small")
			same(t, s, 1.0/3, "third")
			same(t, s, 10.0, "whole")
			same(t, s, []byte("\x00\xff|}"), "binary")
			same(t, s, []int{}, "empty")
			same(t, s, 1250, "money", "amount")
			same(t, s, "EUR", "money", "currency")
			same(t, s, "s", "money", "next", "next", "next", "secret")
			same(t, s, 1250, "money_again", "amount")
			same(t, s, session.Enum{Class: "Suit", Case: "Hearts"}, "suit")
			same(t, s, []string{"Hearts", "Hearts", "Spades"}, "suits")
			same(t, s, map[string]int{"a": 1}, "two")
			same(t, s, map[string]string{"2": "c", "5": "f", "7": "h", "x": "y"}, "holes")
			same(t, s, "h", "holes", "7")
			same(t, s, 1, "std", "k", "v")
			same(t, s, "end", "last")
			for name, want := range map[string]string{"when": "2026-07-01T10:00:00.5Z", "zulu": "2026-07-01T10:00:00Z"} {
				got, err := session.Get[time.Time](s, name)
				if text := got.UTC().Format(time.RFC3339Nano); err != nil || text != want {
					t.Errorf("%s: %s, %v", name, text, err)
				}
			}
			// What holds itself is an error, not the end.
			if _, err := session.Get[map[string]map[string]any](s, "money"); err == nil {
				t.Error("an object fits a map of maps")
			}
			type money struct{ Next *money }
			if _, err := session.Get[money](s, "money"); err == nil || !strings.Contains(err.Error(), "holds itself") {
				t.Errorf("a circle: %v", err)
			}
			var mismatch *session.TypeError
			if _, err := session.Get[[]string](s, "holes"); !errors.As(err, &mismatch) || err.Error() != `session: $_SESSION["holes"] is an array, which is no []string` {
				t.Error(err)
			}
			if _, err := session.Get[int8](s, "huge"); !errors.As(err, &mismatch) {
				t.Error(err)
			}
			if _, err := session.Get[int](s, "user", "nobody"); !errors.Is(err, session.ErrNotFound) || !strings.Contains(err.Error(), `$_SESSION["user"]["nobody"]`) {
				t.Error(err)
			}
		})
	}
}

func same[T any](t *testing.T, s *session.Session, want T, path ...string) {
	t.Helper()
	got, err := session.Get[T](s, path...)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v: %v (-want +got):\n%s", path, err, diff)
	}
}

// TestReadsWhileLocked: PHP holds the session's lock, and Go does not wait.
func TestReadsWhileLocked(t *testing.T) {
	t.Parallel()
	needs.Program(t, "php", "php-cli")
	dir := t.TempDir()
	php(t, dir, session.PHP, "$_SESSION['n'] = 1;")
	cmd := exec.Command("php", "-d", "session.save_path="+dir, "-d", "session.use_cookies=0", "-d", "session.cache_limiter=", "-r",
		"session_id('"+sessionID+"'); session_start(); $_SESSION['n'] = 2; echo \"open\\n\"; fgets(STDIN); session_write_close(); echo \"closed\\n\";")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "open" {
		t.Fatalf("%q", lines.Text())
	}
	// PHP waits for us now, with the lock in its hand.
	r := session.NewReader(session.Files{Dir: dir}, session.Options{})
	s, err := r.Read(context.Background(), sessionID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, s, 1, "n")
	if _, err := io.WriteString(in, "\n"); err != nil || !lines.Scan() || lines.Text() != "closed" {
		t.Fatalf("%v %q", err, lines.Text())
	}
	if s, err = r.Read(context.Background(), sessionID); err != nil {
		t.Fatal(err)
	}
	same(t, s, 2, "n")
}

func TestFromRequest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	nested := filepath.Join(dir, "0", "1")
	if err := os.MkdirAll(nested, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(nested, "sess_"+sessionID), []byte(`n|i:7;!undefined|s|s:1:"x";`), 0o600); err != nil {
		t.Fatal(err)
	}
	r := session.NewReader(session.Files{Dir: dir, Depth: 2}, session.Options{})
	for cookie, want := range map[string]string{
		"PHPSESSID=" + sessionID: "7", "": "session: not found", "PHPSESSID=../../etc/passwd/01234567890123": "session: not found",
		"PHPSESSID=short": "session: not found", "PHPSESSID=9123456789abcdefABCDEF-,": "session: not found", "other=" + sessionID: "session: not found",
	} {
		var got string
		h := r.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
			for range 2 { // the second time nothing is read
				s, err := session.From(req.Context())
				if err != nil {
					got = err.Error()
					return
				}
				if got, err = session.Get[string](s, "n"); err != nil {
					got = err.Error()
				}
			}
		}))
		req := httptest.NewRequest("GET", "/", nil)
		if cookie != "" {
			req.Header.Set("Cookie", cookie)
		}
		h.ServeHTTP(httptest.NewRecorder(), req)
		if got != want {
			t.Errorf("%s: %q, want %q", cookie, got, want)
		}
	}
	if _, err := session.From(context.Background()); !errors.Is(err, session.ErrNotFound) {
		t.Error(err)
	}
}

func TestFilesRefuse(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	name := filepath.Join(dir, "sess_"+sessionID)
	read := func(f session.Files, limit int) error {
		f.Dir = dir
		_, err := f.Read(context.Background(), sessionID, limit)
		return err
	}
	if err := os.WriteFile(outside, []byte("n|i:7;"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, name); err != nil {
		t.Fatal(err)
	}
	if err := read(session.Files{}, 100); err == nil || errors.Is(err, session.ErrNotFound) {
		t.Errorf("a link out of the folder: %v", err)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("n|i:7;"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := read(session.Files{}, 5); !errors.Is(err, session.ErrTooLarge) {
		t.Error(err)
	}
	if err := os.Chtimes(name, time.Now(), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := read(session.Files{MaxAge: time.Minute}, 100); !errors.Is(err, session.ErrNotFound) {
		t.Error(err)
	}
	if err := read(session.Files{Depth: 30}, 100); !errors.Is(err, session.ErrNotFound) {
		t.Error(err)
	}
}
