//go:build unix

package legacy

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/e2e/phpfpm"
)

// startNginx runs nginx in front of php-fpm and returns its address. Every
// request goes to root's index.php, and answers are not held back. params are
// more of nginx's directives.
func startNginx(t *testing.T, fpm *phpfpm.Server, root string, params ...string) string {
	t.Helper()
	binary, err := exec.LookPath("nginx")
	if err != nil {
		needs.Unavailable(t, errors.New("nginx is not installed; on Debian or Ubuntu run: apt-get install -y --no-install-recommends nginx-light"))
	}
	addr, dir := freeAddr(t), t.TempDir()
	user, upstream := "", fpm.Addr
	if os.Geteuid() == 0 {
		user = "user root;" // folders of tests are for their owner only
	}
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
		listen %[3]s;
		client_max_body_size 64m;
		location / {
			include /etc/nginx/fastcgi_params;
			fastcgi_param SCRIPT_NAME /index.php;
			fastcgi_param SCRIPT_FILENAME %[4]s/index.php;
			fastcgi_buffering off;
			%[6]s
			fastcgi_pass %[5]s;
		}
	}
}`, user, dir, addr, root, upstream, strings.Join(params, "\n"))
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	g := startGroup(t, nil, binary, "-c", file, "-e", filepath.Join(dir, "start.log"))
	g.await(t, "nginx", func() error {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err
	})
	return addr
}
