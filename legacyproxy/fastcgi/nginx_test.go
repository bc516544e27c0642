//go:build unix

package fastcgi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/e2e/phpfpm"
	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
)

const dumpScript = `<?php
header('Content-Type: application/json');
$s = [];
foreach ($_SERVER as $k => $v) {
	if (preg_match('/^(HTTP|SCRIPT|PATH|REQUEST|QUERY|DOCUMENT|SERVER|REMOTE|CONTENT|GATEWAY|REDIRECT|AUTH|FCGI|PHP)_|^HTTPS$/', $k) && is_string($v)) {
		$s[$k] = $v;
	}
}
echo json_encode(['server' => $s, 'get' => (object)$_GET, 'post' => (object)$_POST, 'cookie' => (object)$_COOKIE,
	'body' => base64_encode(file_get_contents('php://input'))]);
`

// TestAsNginx sends the same requests to one php-fpm through nginx and through
// a Client, and compares what a script finds in $_SERVER and elsewhere.
func TestAsNginx(t *testing.T) {
	t.Parallel()
	fpm, root := startFPM(t, phpfpm.Options{}, map[string]string{
		"index.php": dumpScript, "api.php": dumpScript, "sub/deep.php": dumpScript,
	})
	nginx := startNginx(t, fpm, root)
	app := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr}).Application(fastcgi.Layout{Root: root}, 0)
	ours := serveApp(t, app)
	for _, tt := range []struct {
		name, request string // with HOST for the address
	}{
		{"plain", "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
		{"front controller", "GET /v1/orders/7?page=2&f[a]=1;x=2&bad=%zz HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
		{"path info", "GET /api.php/users/a%20b/%C3%A9?x=1 HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
		{"a script in a folder", "GET /sub/deep.php/x HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
		{"escaped slash", "GET /api.php/a%2Fb HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
		{"double slashes", "GET //api.php//x?y HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
		{"empty query", "GET /api.php? HTTP/1.1\r\nHost: shop.example\r\n\r\n"},
		{"headers", "GET /api.php HTTP/1.1\r\nHost: shop.example\r\nx-a: 2\r\nX-Empty:\r\nCookie: a=1; b=2\r\nAuthorization: Basic dTpw\r\nAccept-Encoding: gzip\r\n\r\n"},
		{"a form", "POST /api.php HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\na=1&b[]=%26"},
		{"an empty form", "POST /api.php HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 0\r\n\r\n"},
		{"chunks", "PUT /api.php/x HTTP/1.1\r\nHost: shop.example\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"},
		{"HTTP/1.0", "GET /api.php HTTP/1.0\r\nHost: shop.example\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want, got := ask(t, nginx, tt.request), ask(t, ours, tt.request)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-nginx +ours):\n%s", diff)
			}
		})
	}
}

// ask sends a raw request and returns what the script saw, without what
// differs from one connection to the next.
func ask(t *testing.T, addr, request string) map[string]any {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, strings.Replace(request, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	_, port, _ := net.SplitHostPort(addr)
	server := all["server"].(map[string]any)
	for name, value := range server {
		if value == port {
			server[name] = "PORT"
		}
	}
	for _, name := range []string{"REMOTE_PORT", "SERVER_SOFTWARE", "HTTP_CONNECTION", "REQUEST_TIME", "REQUEST_TIME_FLOAT",
		"HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_LENGTH", // how the body came, not what it is
		"REMOTE_USER", // the name in Authorization, which nobody has verified
	} {
		delete(server, name)
	}
	return all
}

// serveApp puts an application behind a server, without the adapter.
func serveApp(t *testing.T, app http.RoundTripper) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := r.Clone(r.Context())
		out.URL.Opaque, _, _ = strings.Cut(r.RequestURI, "?")
		if strings.HasPrefix(out.URL.Opaque, "//") {
			out.URL.Opaque = ""
			out.URL.Scheme, out.URL.Host = "", ""
		}
		res, err := app.RoundTrip(out)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body) // the test looks at what arrives
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Shutdown(context.Background()) })
	return l.Addr().String()
}

// startNginx runs nginx in front of php-fpm, as its documentation sets it up.
func startNginx(t *testing.T, fpm *phpfpm.Server, root string) string {
	t.Helper()
	binary := needs.Program(t, "nginx", "nginx-light")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	upstream := fpm.Addr
	if fpm.Network == "unix" {
		upstream = "unix:" + fpm.Addr
	}
	config := fmt.Sprintf(`%s
daemon off; pid %[2]s/pid; error_log %[2]s/error.log; worker_processes 1;
events {}
http {
	access_log off;
	client_body_temp_path %[2]s/body; fastcgi_temp_path %[2]s/fastcgi; proxy_temp_path %[2]s/proxy; uwsgi_temp_path %[2]s/uwsgi; scgi_temp_path %[2]s/scgi;
	server {
		listen %[3]s; server_name shop.example; root %[4]s;
		location / { try_files /none /index.php$is_args$args; }
		location ~ [^/]\.php(/|$) {
			fastcgi_split_path_info ^(.+?\.php)(/.*)?$;
			set $info $fastcgi_path_info;
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
			fastcgi_param PATH_INFO $info;
			fastcgi_pass %[5]s;
		}
	}
}`, user, dir, addr, root, upstream)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-c", path, "-e", filepath.Join(dir, "start.log"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	for range 500 {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return addr
		}
		time.Sleep(20 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "start.log"))
	t.Fatalf("nginx does not listen: %s", log)
	return ""
}
