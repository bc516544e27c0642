//go:build unix

package fastcgi_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/e2e/phpfpm"
)

// startFPM runs php-fpm over a folder of scripts. It skips a test on machines
// without php-fpm, but not where the tests count.
func startFPM(t testing.TB, o phpfpm.Options, scripts map[string]string) (*phpfpm.Server, string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "fpm-") // t.TempDir's names are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	o.Dir = dir
	root := filepath.Join(dir, "www")
	for name, text := range scripts {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := phpfpm.Start(o)
	switch {
	case errors.Is(err, phpfpm.ErrNotInstalled):
		needs.Unavailable(t, err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Stop()
		if t.Failed() {
			t.Logf("php-fpm wrote:\n%s", s.Log())
		}
	})
	return s, root
}
