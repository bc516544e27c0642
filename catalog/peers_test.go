package catalog_test

import (
	"fmt"
	"testing"

	"github.com/banyan-go/banyan/catalog"
)

func TestParsePeers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"10.0.0.7":              "[10.0.0.7/32] <nil>",
		"10.1.2.3/8, 127.0.0.1": "[10.0.0.0/8 127.0.0.1/32] <nil>",
		"::1,fd00::/8":          "[::1/128 fd00::/8] <nil>",
		"":                      `[] "" is neither an address nor a network`,
		"edge":                  `[] "edge" is neither an address nor a network`,
		"10.0.0.0/33":           `[] "10.0.0.0/33" is neither an address nor a network`,
		"10.0.0.1,":             `[] "" is neither an address nor a network`,
		"fe80::1%eth0":          `[] "fe80::1%eth0" is neither an address nor a network`,
		"10.0.0.7:80":           `[] "10.0.0.7:80" is neither an address nor a network`,
	} {
		peers, err := catalog.ParsePeers(text)
		if got := fmt.Sprint(peers, " ", err); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestOutsideBodyLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ set, fastcgi, want int64 }{
		{0, 0, 64 << 20}, {1, 0, 1}, {0, 1, 64 << 20}, {0, 1 << 30, 1 << 30}, {5, 1 << 30, 5},
	} {
		w := catalog.Workspace{UnmatchedBodyLimit: c.set, FastCGI: catalog.FastCGI{MaxBody: c.fastcgi}}
		if got := w.OutsideBodyLimit(); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}
