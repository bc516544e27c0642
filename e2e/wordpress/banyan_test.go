package wordpress

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
)

// example is the workspace whose server is under test.
var example = filepath.Join("..", "..", "examples", "wordpress")

var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "wordpress-server-")
	if err != nil {
		return "", err
	}
	atEnd(func() error { return os.RemoveAll(dir) })
	binary := filepath.Join(dir, "server")
	out, err := exec.Command("go", "build", "-o", binary, "./"+example).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", example, err, out)
	}
	return binary, nil
})

var servingOn = regexp.MustCompile(`^serving on http://(\S+), health and metrics on http://([^/]+)/`)

// banyan starts the example's server in front of a URL of the site, as it is
// shipped, and returns its address.
func banyan(t *testing.T, s *site, upstream string) string {
	t.Helper()
	addr, _ := banyanWith(t, s, example, upstream)
	return addr
}

// banyanWith does so with the mappings of another folder, and returns its
// address and that of its operators.
func banyanWith(t *testing.T, s *site, workspace, upstream string) (addr, admin string) {
	t.Helper()
	binary, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("the server's log:\n%s", text)
		}
	})
	cmd := exec.Command("bash", "-c", `"$0" "$@" </dev/null & exec >&-; read -r; kill $!; wait $!`,
		binary, "-workspace", workspace, "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "WP_PHP="+upstream, "WP_ROOT="+s.root, "WP_DSN="+s.dsn)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stop, err := guard(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error("stopping the server:", err)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := servingOn.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return m[1], m[2]
		}
	}
	t.Fatal("the server ended before it served")
	return "", ""
}
