package admin_test

import (
	"strings"
	"testing"

	"github.com/banyan-go/banyan/admin"
)

func TestListenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	taken, err := admin.Listen("127.0.0.1:0", "--listen")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if l, err := admin.Listen(taken.Addr().String(), "--admin", taken); err == nil {
		l.Close()
		t.Error("an address is taken twice")
	} else if want := "--admin is " + taken.Addr().String() + ", which this server listens on already; give one of the two another address"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
	for address, want := range map[string]string{
		taken.Addr().String(): "is taken by another process; stop it or choose another address with --listen",
		"":                    "--listen is empty; write it like 127.0.0.1:8080",
		"127.0.0.1":           `--listen "127.0.0.1": missing port in address; write it like 127.0.0.1:8080`,
		"192.0.2.1:8080":      "192.0.2.1:8080 is no address of this machine; choose another with --listen",
	} {
		l, err := admin.Listen(address, "--listen")
		if err == nil {
			l.Close()
			t.Errorf("%s: no error", address)
		} else if !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %q, want %q", address, err, want)
		}
	}
}
