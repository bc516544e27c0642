package legacyproxy_test

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
)

// TestWire compares what a client sends with the bytes that PHP gets. ADDR is
// the client's address. op is "" for a request outside the contract.
func TestWire(t *testing.T) {
	t.Parallel()
	const plain = "Host: shop.example\r\n"
	const forwarded = "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: shop.example\r\nX-Forwarded-Proto: http\r\n"
	tests := []struct {
		name, yaml, path, request, want string
	}{
		{
			name:    "nothing added to a bare request",
			request: "GET /a HTTP/1.1\r\n" + plain + "\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "raw path and query",
			request: "GET /a%2Fb/%c3%a9/x%20y;v=1/\"q\"/é?f[a]=1;x=2&bad=%zz&ok=1&&a=1&a=2&plus=+&e= HTTP/1.1\r\n" + plain + "\r\n",
			want:    "GET /a%2Fb/%c3%a9/x%20y;v=1/\"q\"/é?f[a]=1;x=2&bad=%zz&ok=1&&a=1&a=2&plus=+&e= HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "empty query",
			request: "GET /a? HTTP/1.1\r\n" + plain + "\r\n",
			want:    "GET /a? HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "two slashes first",
			request: "GET //a//b HTTP/1.1\r\n" + plain + "\r\n",
			want:    "GET //a//b HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "absolute form",
			request: "GET http://shop.example/a%2Fb?x HTTP/1.1\r\nHost: other\r\n\r\n",
			want:    "GET /a%2Fb?x HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "cookies and repeated headers in order",
			request: "GET /a HTTP/1.1\r\n" + plain + "Cookie: b=2; a=1; b=3\r\nCookie: z=26\r\nX-Tag: one\r\nX-Tag: two, three\r\nUser-Agent: x\r\n\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + "User-Agent: x\r\nCookie: b=2; a=1; b=3\r\nCookie: z=26\r\n" + forwarded + "X-Tag: one\r\nX-Tag: two, three\r\n\r\n",
		},
		{
			name: "hop-by-hop, Proxy, underscores and foreign forwarding",
			request: "GET /a HTTP/1.1\r\n" + plain + "Connection: keep-alive, X-Hop\r\nKeep-Alive: 5\r\nX-Hop: 1\r\nProxy: evil:80\r\nProxy-Connection: x\r\n" +
				"Proxy-Authorization: x\r\nX_Real_Ip: 6.6.6.6\r\nTe: gzip, trailers\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n" +
				"X-Forwarded-Host: evil\r\nX-Forwarded-Prefix: /evil\r\nX-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Keep: 1\r\n\r\n",
			want: "GET /a HTTP/1.1\r\n" + plain + "Te: trailers\r\n" + forwarded + "X-Keep: 1\r\n\r\n",
		},
		{
			name:    "upgrade to h2c is not passed on",
			request: "GET /a HTTP/1.1\r\n" + plain + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "body with a length",
			request: "POST /a HTTP/1.1\r\n" + plain + "Content-Length: 5\r\nContent-Type: text/x\r\n\r\nhello",
			want:    "POST /a HTTP/1.1\r\n" + plain + "Content-Length: 5\r\nContent-Type: text/x\r\n" + forwarded + "\r\nhello",
		},
		{
			name:    "empty body",
			request: "POST /a HTTP/1.1\r\n" + plain + "Content-Length: 0\r\nIdempotency-Key: k\r\n\r\n",
			want:    "POST /a HTTP/1.1\r\n" + plain + "Content-Length: 0\r\n" + forwarded + "idempotency-key: k\r\n\r\n",
		},
		{
			name:    "body on GET",
			request: "GET /a HTTP/1.1\r\n" + plain + "Content-Length: 2\r\n\r\nhi",
			want:    "GET /a HTTP/1.1\r\n" + plain + "Content-Length: 2\r\n" + forwarded + "\r\nhi",
		},
		{
			name:    "chunked body with a trailer",
			request: "POST /a HTTP/1.1\r\n" + plain + "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n",
			want:    "POST /a HTTP/1.1\r\n" + plain + "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n" + forwarded + "\r\n5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n",
		},
		{
			name:    "range and compression are the client's where nothing is mapped",
			request: "GET /a HTTP/1.1\r\n" + plain + "Accept-Encoding: br\r\nRange: bytes=0-1\r\n\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + "Accept-Encoding: br\r\nRange: bytes=0-1\r\n" + forwarded + "\r\n",
		},
		{
			name:    "an envelope is asked for whole and plain",
			path:    "/a",
			yaml:    "envelope: {data: /data}",
			request: "GET /a HTTP/1.1\r\n" + plain + "Accept-Encoding: br\r\nRange: bytes=0-1\r\n\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + "Accept-Encoding: identity\r\n" + forwarded + "\r\n",
		},
		{
			name:    "method, path, query and headers are mapped",
			path:    "/v1/orders/{orderId}/items/{itemId}",
			yaml:    "method: POST, path: '/o/{itemId}.php', query: {set: {id: '{orderId}', 'f[x]': '{{1}}'}, rename: {page_size: limit}, drop: [debug]}, headers: {set: {X-Api: '1'}, rename: {X-Token: X-Auth}, drop: [X-Gone]}",
			request: "GET /v1/orders/a%2Fb+c%26d/items/%c3%a9?page.size[]=5&d%65bug=1&debug[x]=1&keep=%zz&&id=9&x HTTP/1.1\r\n" + plain + "X-Token: t\r\nX-Token: u\r\nX-Gone: 1\r\nX-Api: 0\r\n\r\n",
			want: "POST /o/%c3%a9.php?limit[]=5&keep=%zz&&x&id=a%2Fb%2Bc%26d&f%5Bx%5D=%7B1%7D HTTP/1.1\r\n" + plain + "Content-Length: 0\r\n" +
				"X-Api: 1\r\nX-Auth: t\r\nX-Auth: u\r\n" + forwarded + "\r\n",
		},
		{
			name:    "no question mark is left behind",
			path:    "/a",
			yaml:    "query: {drop: [x]}",
			request: "GET /a?x=1 HTTP/1.1\r\n" + plain + "\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "JSON becomes a form",
			path:    "/a",
			yaml:    "body: urlencoded",
			request: "POST /a HTTP/1.1\r\n" + plain + "Content-Type: application/json\r\nContent-Length: *\r\n\r\n" + `{"n":1.50,"t":true,"f":false,"z":null,"a":[{"k":"v&w"},2],"o":{},"s":"é+ "}`,
			want: "POST /a HTTP/1.1\r\n" + plain + "Content-Length: *\r\nContent-Type: application/x-www-form-urlencoded\r\n" + forwarded + "\r\n" +
				"n=1.50&t=1&f=0&a%5B0%5D%5Bk%5D=v%26w&a%5B1%5D=2&s=%C3%A9%2B+",
		},
		{
			name:    "a form becomes JSON",
			path:    "/a",
			yaml:    "body: json",
			request: "POST /a HTTP/1.1\r\n" + plain + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: *\r\n\r\na[]=1&a[]=2&b[x][y]=%26&c=1&c=2&d.e=+f",
			want:    "POST /a HTTP/1.1\r\n" + plain + "Content-Length: *\r\nContent-Type: application/json\r\n" + forwarded + "\r\n" + `{"a":["1","2"],"b":{"x":{"y":"&"}},"c":"2","d.e":" f"}`,
		},
		{
			name:    "cookies are mapped",
			path:    "/a",
			yaml:    "cookies: {rename: {sid: PHPSESSID}, set: {src: banyan}, drop: [track.er]}",
			request: "GET /a HTTP/1.1\r\n" + plain + "Cookie: a=1; track_er=2; sid=%zz;src=evil\r\nCookie: PHPSESSID=stolen; z=26; =x\r\n\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + "Cookie: a=1; PHPSESSID=%zz; z=26; =x; src=banyan\r\n" + forwarded + "\r\n",
		},
		{
			name:    "no cookie is left",
			path:    "/a",
			yaml:    "cookies: {drop: [a]}",
			request: "GET /a HTTP/1.1\r\n" + plain + "Cookie: a=1\r\n\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "authorization is dropped, and headers of the edge that came from elsewhere",
			path:    "/a",
			yaml:    "authorization: drop, trusted-headers: [X-User-Id]",
			request: "GET /a HTTP/1.1\r\n" + plain + "Authorization: Bearer x\r\nX-User-Id: 1\r\n\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "authorization is replaced from the environment",
			path:    "/a",
			yaml:    "authorization: 'Bearer ${NOT_SET_ANYWHERE:-t0p}', headers: {set: {X-Key: '${NOT_SET_ANYWHERE:-k}'}}",
			request: "GET /a HTTP/1.1\r\n" + plain + "Authorization: Bearer x\r\n\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + "Authorization: Bearer t0p\r\n" + forwarded + "X-Key: k\r\n\r\n",
		},
		{
			name:    "a method is overridden by a header",
			path:    "/a",
			yaml:    "method-override: header",
			request: "DELETE /a HTTP/1.1\r\n" + plain + "\r\n",
			want:    "POST /a HTTP/1.1\r\n" + plain + "Content-Length: 0\r\n" + forwarded + "X-Http-Method-Override: DELETE\r\n\r\n",
		},
		{
			name:    "a method is overridden by the query",
			path:    "/a",
			yaml:    "method-override: query, query: {set: {x: '1'}}",
			request: "PATCH /a?_method=DELETE&b=%zz HTTP/1.1\r\n" + plain + "\r\n",
			want:    "POST /a?b=%zz&x=1&_method=PATCH HTTP/1.1\r\n" + plain + "Content-Length: 0\r\n" + forwarded + "\r\n",
		},
		{
			name:    "a method is overridden by a field, with and without a body",
			path:    "/a",
			yaml:    "method-override: form, body: urlencoded",
			request: "DELETE /a HTTP/1.1\r\n" + plain + "\r\n",
			want: "POST /a HTTP/1.1\r\n" + plain + "Content-Length: *\r\nContent-Type: application/x-www-form-urlencoded\r\n" + forwarded + "\r\n" +
				"_method=DELETE",
		},
		{
			name:    "a GET is overridden by nothing",
			path:    "/a",
			yaml:    "method-override: form, body: {as: urlencoded, set: {a: 1}}",
			request: "GET /a HTTP/1.1\r\n" + plain + "\r\n",
			want:    "GET /a HTTP/1.1\r\n" + plain + forwarded + "\r\n",
		},
		{
			name:    "fields of a JSON body are set, renamed and dropped",
			path:    "/v/{id}",
			yaml:    "body: {as: json, set: {'meta[id]': '{id}', n: 7, t: true, z: null, 'tags[]': last}, rename: {userName: user_name, a: b, b: a}, drop: [debug]}",
			request: "POST /v/x%20y HTTP/1.1\r\n" + plain + "Content-Type: application/json\r\nContent-Length: *\r\n\r\n" + `{"userName":"é","debug":{"x":1},"a":1.50,"b":2,"n":1,"tags":["x"],"meta":{"k":true}}`,
			want: "POST /v/x%20y HTTP/1.1\r\n" + plain + "Content-Length: *\r\nContent-Type: application/json\r\n" + forwarded + "\r\n" +
				`{"n":7,"tags":["x","last"],"meta":{"k":true,"id":"x y"},"user_name":"é","b":1.50,"a":2,"t":true,"z":null}`,
		},
		{
			name:    "lists, booleans and nulls in the form that is declared",
			path:    "/a",
			yaml:    "body: urlencoded, values: {lists: brackets, booleans: 'yes/no', nulls: empty}",
			request: "POST /a HTTP/1.1\r\n" + plain + "Content-Type: application/json\r\nContent-Length: *\r\n\r\n" + `{"a":[1,2],"b":[{"c":true}],"d":false,"e":null}`,
			want: "POST /a HTTP/1.1\r\n" + plain + "Content-Length: *\r\nContent-Type: application/x-www-form-urlencoded\r\n" + forwarded + "\r\n" +
				"a%5B%5D=1&a%5B%5D=2&b%5B0%5D%5Bc%5D=yes&d=no&e=",
		},
		{
			name:    "lists with commas",
			path:    "/a",
			yaml:    "body: urlencoded, values: {lists: comma}",
			request: "POST /a HTTP/1.1\r\n" + plain + "Content-Type: application/json\r\nContent-Length: *\r\n\r\n" + `{"a":[1,true,"x"],"b":[],"c":{"d":[3]}}`,
			want: "POST /a HTTP/1.1\r\n" + plain + "Content-Length: *\r\nContent-Type: application/x-www-form-urlencoded\r\n" + forwarded + "\r\n" +
				"a=1%2C1%2Cx&c%5Bd%5D=3",
		},
		{
			name:    "lists and objects as JSON",
			path:    "/a",
			yaml:    "body: urlencoded, values: {lists: json}",
			request: "POST /a HTTP/1.1\r\n" + plain + "Content-Type: application/json\r\nContent-Length: *\r\n\r\n" + `{"a":[1,true],"b":{"c":null}}`,
			want: "POST /a HTTP/1.1\r\n" + plain + "Content-Length: *\r\nContent-Type: application/x-www-form-urlencoded\r\n" + forwarded + "\r\n" +
				"a=%5B1%2Ctrue%5D&b=%7B%22c%22%3Anull%7D",
		},
		{
			name:    "what is a form already stays as it is",
			path:    "/a",
			yaml:    "body: urlencoded",
			request: "POST /a HTTP/1.1\r\n" + plain + "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nContent-Length: 7\r\n\r\nb=%zz&&",
			want:    "POST /a HTTP/1.1\r\n" + plain + "Content-Length: 7\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n" + forwarded + "\r\nb=%zz&&",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			php := startRaw(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"data\":true}"))
			var op *catalog.Operation
			s := service("ANY", tt.path)
			yaml := "version: 1\n"
			if tt.path != "" {
				op = &s.Operations[0]
				yaml += "operations: {op: {" + tt.yaml + "}}\n"
			}
			front := serve(t, load(t, s, php.url, yaml), op)
			got := sendRaw(t, front.URL, closing(fixLength(tt.request)), "")
			if !strings.HasPrefix(got, "HTTP/1.1 200 ") {
				t.Fatalf("answer %q", got)
			}
			if diff := cmp.Diff(fixLength(tt.want), php.last(t)); diff != "" {
				t.Errorf("PHP got (-want +got):\n%s", diff)
			}
		})
	}
}

// fixLength replaces the * of "Content-Length: *" by the length of the body.
func fixLength(request string) string {
	_, body, _ := strings.Cut(request, "\r\n\r\n")
	return strings.Replace(request, "Content-Length: *", "Content-Length: "+strconv.Itoa(len(body)), 1)
}

// closing asks the server to close the connection after the answer.
func closing(request string) string {
	return strings.Replace(request, "\r\n", "\r\nConnection: close\r\n", 1)
}

func TestWireHostAndBase(t *testing.T) {
	t.Parallel()
	php := startRaw(t, answer(okAnswer))
	s := service("GET", "/a/{x}")
	front := serve(t, load(t, s, php.url+"/base%20dir/", "version: 1\nhost: upstream\n"), &s.Operations[0])
	sendRaw(t, front.URL, "GET /a/%2F?q HTTP/1.1\r\nHost: shop.example\r\n\r\n", "ok")
	want := "GET /base%20dir/a/%2F?q HTTP/1.1\r\nHost: " + strings.TrimPrefix(php.url, "http://") + "\r\n" +
		"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: shop.example\r\nX-Forwarded-Proto: http\r\n\r\n"
	if diff := cmp.Diff(want, php.last(t)); diff != "" {
		t.Errorf("PHP got (-want +got):\n%s", diff)
	}
}

func TestTrustedProxy(t *testing.T) {
	t.Parallel()
	php := startRaw(t, answer(okAnswer))
	s := service("GET", "/a")
	ws := &catalog.Workspace{Services: []*catalog.Service{s}, Upstream: php.url}
	a, err := legacyproxy.Load(fstest.MapFS{s.LegacyFile: {}}, ws, legacyproxy.Options{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	front := serve(t, a, &s.Operations[0])
	sendRaw(t, front.URL, "GET /a HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-For: 8.8.8.8\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\n\r\n", "ok")
	want := "GET /a HTTP/1.1\r\nHost: inner\r\nX-Forwarded-For: 9.9.9.9, 8.8.8.8, 127.0.0.1\r\nX-Forwarded-Host: shop.example\r\nX-Forwarded-Proto: https\r\n\r\n"
	if diff := cmp.Diff(want, php.last(t)); diff != "" {
		t.Errorf("PHP got (-want +got):\n%s", diff)
	}
}

// TestSmuggling sends requests that two servers could understand differently.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	const head = "POST /a HTTP/1.1\r\nHost: x\r\n"
	tests := map[string]string{
		"two lengths":          head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"a list of lengths":    head + "Content-Length: 1, 2\r\n\r\nab",
		"a signed length":      head + "Content-Length: +1\r\n\r\na",
		"two codings":          head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"an unknown coding":    head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"space before colon":   head + "Content-Length : 1\r\n\r\na",
		"a bare line feed":     "GET /a HTTP/1.1\nHost: x\nX-A: 1\rX-B: 2\n\n",
		"a control character":  "GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
		"two hosts":            head + "Host: y\r\n\r\n",
		"dot segments":         "GET /a/../admin HTTP/1.1\r\nHost: x\r\n\r\n",
		"escaped dot segments": "GET /a/%2e%2E%2fadmin HTTP/1.1\r\nHost: x\r\n\r\n",
		"CONNECT":              "CONNECT db:3306 HTTP/1.1\r\nHost: db:3306\r\n\r\n",
	}
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			php := startRaw(t, answer(okAnswer))
			s := service("ANY", "/a")
			front := serve(t, load(t, s, php.url, ""), &s.Operations[0])
			got := sendRaw(t, front.URL, closing(request), "")
			if !strings.HasPrefix(got, "HTTP/1.1 4") && !strings.HasPrefix(got, "HTTP/1.1 5") {
				t.Errorf("answer %q", got)
			}
			if sent := php.requests(); len(sent) > 0 {
				t.Errorf("PHP got %q", sent)
			}
		})
	}
	t.Run("length beside chunked", func(t *testing.T) {
		t.Parallel()
		php := startRaw(t, answer(okAnswer))
		s := service("POST", "/a")
		front := serve(t, load(t, s, php.url, ""), &s.Operations[0])
		sendRaw(t, front.URL, head+"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", "ok")
		for _, request := range php.requests() {
			if strings.Contains(request, "Content-Length") {
				t.Errorf("PHP got both: %q", request)
			}
		}
	})
}
