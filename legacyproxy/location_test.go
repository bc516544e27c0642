package legacyproxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
)

// TestRewriteLocation: links of PHP to itself lead to the server that the
// client knows, all others stay. PHP stands for PHP's own address.
func TestRewriteLocation(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, yaml, base, header, body, wantHeader, wantBody string }{
		{"headers", "rewrite-location: headers", "",
			"Location: http://PHP/orders/1?x=1\nContent-Location: //PHP\nRefresh: 5; URL=https://PHP/a\nLink: <http://PHP/p?page=2>; rel=\"next\", <https://else.example/>; rel=x\n" +
				"Set-Cookie: a=1; Domain=127.0.0.1; Path=/; HttpOnly\nSet-Cookie: b=2; domain=.shop.example", `{"u":"http://PHP/a"}`,
			"Location: http://shop.example/orders/1?x=1\nContent-Location: http://shop.example\nRefresh: 5; URL=http://shop.example/a\nLink: <http://shop.example/p?page=2>; rel=\"next\", <https://else.example/>; rel=x\n" +
				"Set-Cookie: a=1; Path=/; HttpOnly\nSet-Cookie: b=2; domain=.shop.example", `{"u":"http://PHP/a"}`},
		{"a base path", "rewrite-location: headers", "/shop", "Location: /shop/orders\nContent-Location: http://PHP/shop\nSet-Cookie: a=1; Path=/shop\nSet-Cookie: b=1; Path=/shopping", "x",
			"Location: /orders\nContent-Location: http://shop.example/\nSet-Cookie: a=1; Path=/\nSet-Cookie: b=1; Path=/shopping", "x"},
		{"others", "rewrite-location: headers", "", "Location: http://PHP.evil/\nContent-Location: ftp://PHP/", "x", "Location: http://PHP.evil/\nContent-Location: ftp://PHP/", "x"},
		{"bodies", "rewrite-location: all", "/shop", "Content-Type: application/hal+json",
			`{"a":"http:\/\/PHP\/shop\/a","b":["https://PHP/shop/b?x","http://PHPx/","see http://PHP/"],"c":"\"http://PHP/shop/"}`, "Content-Type: application/hal+json",
			`{"a":"http:\/\/shop.example\/a","b":["http://shop.example/b?x","http://PHPx/","see http://PHP/"],"c":"\"http://PHP/shop/"}`},
		{"bodies of other types", "rewrite-location: all", "", "Content-Type: text/html", `<a href="http://PHP/">`, "Content-Type: text/html", `<a href="http://PHP/">`},
		{"relative to a script at another path", "rewrite-location: headers\noperations: {op: {path: /auth/login.php}}", "/shop",
			"Location: login.php?next=%2Fa#x\nContent-Location: ../a%2Fb\nRefresh: 0; url=./\nLink: <?page=2>; rel=\"next\", <mailto:a@b>; rel=x, <#top>; rel=y, <b/c>; rel=z", "x",
			"Location: /auth/login.php?next=%2Fa#x\nContent-Location: /a%2Fb\nRefresh: 0; url=/auth/\nLink: <?page=2>; rel=\"next\", <mailto:a@b>; rel=x, <#top>; rel=y, </auth/b/c>; rel=z", "x"},
		{"relative where PHP is", "rewrite-location: headers", "/shop", "Location: login.php?next=%2Fa\nContent-Location: ../b", "x", "Location: login.php?next=%2Fa\nContent-Location: ../b", "x"},
		{"kept", "host: upstream", "", "Location: http://PHP/", "x", "Location: http://PHP/", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var raw string
			php := startRaw(t, func(c net.Conn, _ string) bool { _, err := io.WriteString(c, raw); return err == nil })
			host := strings.TrimPrefix(php.url, "http://")
			real := strings.NewReplacer("PHP", host)
			header, body := real.Replace(tt.header), real.Replace(tt.body)
			raw = fmt.Sprintf("HTTP/1.1 201 x\r\n%s\r\nContent-Length: %d\r\n\r\n%s", strings.ReplaceAll(header, "\n", "\r\n"), len(body), body)
			s := service("GET", "/a")
			front := serve(t, load(t, s, php.url+tt.base, "version: 1\nhost: upstream\n"+strings.ReplaceAll(tt.yaml, "host: upstream", "")+"\n"), &s.Operations[0])
			req, err := http.NewRequest("GET", front.URL+"/a", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = "shop.example"
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			got, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(real.Replace(tt.wantBody), string(got)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			want := http.Header{}
			for _, line := range strings.Split(real.Replace(tt.wantHeader), "\n") {
				name, value, _ := strings.Cut(line, ": ")
				want.Add(name, value)
			}
			for name, values := range want {
				if diff := cmp.Diff(values, res.Header[name]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// TestTrustedProxies: whose word counts comes from the options, from the
// workspace, where it counts outside the contracts as well, and from the file,
// with variables.
func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	for yaml, trusted := range map[string]bool{
		"": false, "workspace 10.0.0.0/8": false, "workspace 10.0.0.0/8, 127.0.0.1": true, "workspace ${EDGE}": true,
		"trusted-proxies: [10.0.0.0/8]\n": false, "trusted-proxies: [10.0.0.0/8, 127.0.0.1]\n": true,
		"trusted-proxies: ['${EDGE}']\n": true, "trusted-proxies: [\"::1\"]\n": false,
	} {
		php := startRaw(t, answer(okAnswer))
		s := service("GET", "/a")
		ws := &catalog.Workspace{Services: []*catalog.Service{s}, Upstream: php.url, Unmatched: catalog.Legacy}
		peers, everywhere := strings.CutPrefix(yaml, "workspace ")
		if everywhere {
			ws.TrustedProxies, yaml = []string{peers}, ""
		}
		a, err := legacyproxy.Load(fstest.MapFS{s.LegacyFile: {Data: []byte("version: 1\ntrusted-headers: [X-User]\n" + yaml)}}, ws,
			legacyproxy.Options{Getenv: func(string) (string, bool) { return "10.1.2.3, 127.0.0.0/8", true }, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(a.Close)
		front := serve(t, a, &s.Operations[0])
		sendRaw(t, front.URL, "GET /a HTTP/1.1\r\nHost: shop.example\r\nX-User: 7\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n", "")
		got := php.requests()[0]
		if strings.Contains(got, "X-User: 7") != trusted || strings.Contains(got, "1.2.3.4") != trusted {
			t.Errorf("%q%q: PHP got %q", peers, yaml, got)
		}
		sendRaw(t, serve(t, a, nil).URL, "GET /b HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n", "")
		if got := php.requests()[1]; strings.Contains(got, "1.2.3.4") != (trusted && everywhere) {
			t.Errorf("outside the contract, %q: PHP got %q", peers, got)
		}
	}
}
