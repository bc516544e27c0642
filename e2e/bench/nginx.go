package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/banyan-go/banyan/e2e/phpfpm"
)

// nginx is a web server in front of php-fpm. addr dials php-fpm for each
// request, as fastcgi_pass does by itself; kept keeps connections to it.
type nginx struct {
	addr, kept string
	cmd        *exec.Cmd
}

// newNginx writes what nginx needs to run in front of php-fpm. It keeps as many
// connections to it as the adapter is allowed to.
func newNginx(dir, root string, fpm *phpfpm.Server, keep int) (*nginx, error) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		return nil, fmt.Errorf("nginx is not installed: apt-get install nginx-light: %w", err)
	}
	n := &nginx{}
	for _, addr := range []*string{&n.addr, &n.kept} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // when both are known
		*addr = l.Addr().String()
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	config := fmt.Sprintf(`%s
daemon off; pid %[2]s/nginx.pid; error_log %[2]s/nginx.log; worker_processes 1;
events {}
http {
	access_log off; keepalive_requests 1000000;
	client_body_temp_path %[2]s/body; fastcgi_temp_path %[2]s/fastcgi; proxy_temp_path %[2]s/proxy; uwsgi_temp_path %[2]s/uwsgi; scgi_temp_path %[2]s/scgi;
	include /etc/nginx/fastcgi_params;
	fastcgi_param SCRIPT_FILENAME %[4]s/index.php;
	upstream kept { server unix:%[5]s; keepalive %[7]d; keepalive_requests 1000000; }
	server {
		listen %[3]s;
		location / { fastcgi_pass unix:%[5]s; }
		location = /stream { fastcgi_pass unix:%[5]s; fastcgi_buffering off; }
	}
	server {
		listen %[6]s;
		location / { fastcgi_pass kept; fastcgi_keep_conn on; }
	}
}`, user, dir, n.addr, root, fpm.Addr, n.kept, keep)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return nil, err
	}
	n.cmd = exec.Command(binary, "-c", path, "-e", filepath.Join(dir, "nginx.log"))
	n.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return n, nil
}

// start returns when nginx listens.
func (n *nginx) start() error {
	if err := n.cmd.Start(); err != nil {
		return err
	}
	for range 500 {
		if c, err := net.Dial("tcp", n.kept); err == nil {
			return c.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	n.stop()
	text, _ := os.ReadFile(n.cmd.Args[4])
	return fmt.Errorf("nginx does not listen: %s", text)
}

func (n *nginx) stop() {
	_ = syscall.Kill(-n.cmd.Process.Pid, syscall.SIGKILL)
	_ = n.cmd.Wait() // it ended by the signal
}
