// Package workspace reads everything a workspace declares, contracts, legacy
// mappings and the rollout plan, and cross-checks the parts. The subcommands
// that look at a workspace all look through it.
package workspace

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/banyan-go/banyan/internal/contract"
)

// Find returns the workspace folder. A given folder must hold banyan.yaml
// itself; without one it is the nearest folder, from the current one upwards,
// that does.
func Find(given string) (string, error) {
	if given != "" {
		switch info, err := os.Stat(given); {
		case errors.Is(err, os.ErrNotExist):
			return "", fmt.Errorf("there is no folder %s", given)
		case err != nil:
			return "", err
		case !info.IsDir():
			return "", fmt.Errorf("%s is not a folder", given)
		}
		if holds(given) {
			return given, nil
		}
		if at, ok := nearest(given); ok {
			return "", fmt.Errorf("there is no %s in %s; the nearest one is in %s", contract.WorkspaceFile, given, at)
		}
		return "", fmt.Errorf("there is no %s in %s; run \"banyan init %s\" to start a workspace there", contract.WorkspaceFile, given, given)
	}
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	// The way up is returned as "../..", which reads better in messages than
	// an absolute path.
	for dir, way := start, "."; ; way = filepath.Join(way, "..") {
		if holds(dir) {
			return way, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("there is no %s in %s or above it; run \"banyan init\" to start a workspace, or name one with -C", contract.WorkspaceFile, start)
		}
		dir = parent
	}
}

// nearest is the way to the first folder above one that holds a workspace.
func nearest(dir string) (string, bool) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	for way := dir; at != filepath.Dir(at); {
		at, way = filepath.Dir(at), filepath.Join(way, "..")
		if holds(at) {
			return way, true
		}
	}
	return "", false
}

// NotURL refuses a URL where a file is wanted: commands fetch only what a
// workspace allows under remote-refs.
func NotURL(name string) error {
	if u, err := url.Parse(name); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		return fmt.Errorf("%s is a URL, and only files are read here: save it first (curl -o FILE %s)", name, name)
	}
	return nil
}

func holds(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, contract.WorkspaceFile))
	return err == nil
}
