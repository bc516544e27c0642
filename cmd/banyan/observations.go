package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/banyan-go/banyan/legacyproxy"
)

// observationsPath is where a server's admin address has what it saw of PHP.
const observationsPath = "/-/legacy/observations"

const (
	maxObservations     = 64 << 20
	observationsTimeout = 10 * time.Second
)

// readObservations reads what servers have seen of PHP, from addresses of
// their admin side and from files, and adds it up.
func readObservations(ctx context.Context, from []string) (legacyproxy.Observations, error) {
	all := legacyproxy.Observations{Version: legacyproxy.ObservationsVersion}
	for _, one := range from {
		seen, err := readObservation(ctx, one)
		if err != nil {
			return all, err
		}
		all = legacyproxy.Merge(all, seen)
	}
	return all, nil
}

func readObservation(ctx context.Context, from string) (out legacyproxy.Observations, err error) {
	in, err := openObservation(ctx, from)
	if err != nil {
		return out, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxObservations+1))
	switch {
	case err != nil:
		return out, fmt.Errorf("%s: %w", from, err)
	case len(data) > maxObservations:
		return out, fmt.Errorf("%s: these are no observations: they are larger than 64 MiB", from)
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return out, fmt.Errorf("%s: these are no observations: %w", from, err)
	}
	if out.Version != legacyproxy.ObservationsVersion {
		return out, fmt.Errorf("%s: these are observations of version %d; this is version %d", from, out.Version, legacyproxy.ObservationsVersion)
	}
	return out, nil
}

func openObservation(ctx context.Context, from string) (io.ReadCloser, error) {
	if !strings.HasPrefix(from, "http://") && !strings.HasPrefix(from, "https://") {
		return os.Open(from)
	}
	scheme, rest, _ := strings.Cut(from, "://")
	if host, path, _ := strings.Cut(rest, "/"); path == "" {
		from = scheme + "://" + host + observationsPath
	}
	ctx, cancel := context.WithTimeout(ctx, observationsTimeout)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		cancel()
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("no server answers: %w; --from takes another address, or a file", err)
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		cancel()
		return nil, errors.New(from + " answers " + res.Status + "; --from takes the admin address of a server")
	}
	return &timedBody{res.Body, cancel}, nil
}

// timedBody ends its timeout when it is closed.
type timedBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *timedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
