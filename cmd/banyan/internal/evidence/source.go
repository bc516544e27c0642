// Package evidence makes reports of what servers have seen of PHP: the
// contract's debt, and whether the contract is true.
package evidence

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/banyan-go/banyan/legacyproxy"
)

// DefaultSource is the admin address that a server has when nobody says
// otherwise.
const DefaultSource = "http://127.0.0.1:8090"

// page is where a server tells what it has seen.
const page = "/-/legacy/observations"

// Read reads what was seen from admin addresses, with a scheme or without, and
// saved files, and adds it up. Without a source it asks DefaultSource.
func Read(ctx context.Context, sources []string) (legacyproxy.Observations, error) {
	if len(sources) == 0 {
		sources = []string{DefaultSource}
	}
	var all legacyproxy.Observations
	for i, source := range sources {
		one, err := read(ctx, source)
		if err != nil {
			return all, err
		}
		if i == 0 {
			all = one
		} else {
			all = legacyproxy.Merge(all, one)
		}
	}
	return all, nil
}

func read(ctx context.Context, source string) (out legacyproxy.Observations, err error) {
	if strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://") {
		return fetch(ctx, source)
	}
	f, err := os.Open(source)
	if err != nil {
		// An address as --admin has it.
		if _, port, cannot := net.SplitHostPort(source); cannot == nil && port != "" && errors.Is(err, fs.ErrNotExist) {
			return fetch(ctx, "http://"+source)
		}
		return out, fmt.Errorf("--from: %w", err)
	}
	defer f.Close()
	if out, err = legacyproxy.ReadObservations(f); err != nil {
		err = fmt.Errorf("%s: %w", source, err)
	}
	return out, err
}

// fetch asks a server; of its address alone the page is known.
func fetch(ctx context.Context, source string) (out legacyproxy.Observations, err error) {
	u, err := url.Parse(source)
	if err != nil {
		return out, fmt.Errorf("--from: %w", err)
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = page
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return out, fmt.Errorf("--from: %w", err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		var parts *url.Error
		if errors.As(err, &parts) {
			err = parts.Err
		}
		return out, fmt.Errorf("no server answers on %s: %w; name its admin address, or a file of observations, with --from", u.Host, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return out, fmt.Errorf("%s answers %s; is it the admin address of a server with a legacy side?", u, res.Status)
	}
	if out, err = legacyproxy.ReadObservations(res.Body); err != nil {
		err = fmt.Errorf("%s: %w", u, err)
	}
	return out, err
}
