//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// site is the WordPress behind the server.
type site struct {
	url, dsn string
	stop     func()
}

// getenv puts the site's URL where banyan.yaml looks for it.
func (s *site) getenv(name string) (string, bool) {
	if name == "WP_PHP" {
		return s.url, true
	}
	return os.LookupEnv(name)
}

// findSite returns the WordPress that the environment names, or starts one.
func findSite(ctx context.Context, workspace string) (*site, error) {
	url, dsn := os.Getenv("WP_PHP"), os.Getenv("WP_DSN")
	switch {
	case url != "" && dsn != "":
		return &site{url: url, dsn: dsn, stop: func() {}}, nil
	case url != "" || dsn != "":
		return nil, errors.New("WP_PHP and WP_DSN belong together: set both, or neither to have WordPress started")
	}
	return startSite(ctx, workspace)
}

func startSite(ctx context.Context, workspace string) (*site, error) {
	path, err := filepath.Abs(filepath.Join(workspace, "wordpress.sh"))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%w; run this from the repository's root or name the folder with -workspace", err)
	}
	s := &site{stop: func() {
		if _, err := script(path, "stop"); err != nil {
			fmt.Fprintln(os.Stderr, "wordpress:", err)
		}
	}}
	for _, command := range []string{"start", "seed", "env"} {
		out, err := script(path, command)
		if err = errors.Join(err, ctx.Err()); err != nil {
			s.stop()
			return nil, err
		}
		for line := range strings.Lines(out) {
			switch name, value, _ := strings.Cut(strings.TrimSpace(line), "="); name {
			case "WP_PHP":
				s.url = value
			case "WP_DSN":
				s.dsn = value
			}
		}
	}
	return s, nil
}

// script runs one command of wordpress.sh to its end, in a process group that
// Ctrl-C does not reach: apt-get must not be interrupted.
func script(path, command string) (string, error) {
	cmd := exec.Command(path, command)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("wordpress.sh %s: %w", command, err)
	}
	return string(out), nil
}
