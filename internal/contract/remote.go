package contract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of remote references.
const (
	remoteTimeout = 10 * time.Second
	remoteTotal   = 60 * time.Second
	maxRedirects  = 3
)

// remote reads the URLs that a workspace allows, and no others.
type remote struct {
	prefixes []string
	client   *http.Client
	deadline time.Time
}

func newRemote(prefixes []string) *remote {
	r := &remote{prefixes: prefixes, deadline: time.Now().Add(remoteTotal)}
	r.client = &http.Client{
		Timeout: remoteTimeout,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects:
				return fmt.Errorf("more than %d redirects", maxRedirects)
			case !r.allows(req.URL.String()):
				return errors.New("it redirects to " + req.URL.Redacted() + ", which remote-refs does not allow")
			}
			return nil
		},
	}
	return r
}

// allows reports whether a URL is below one of the prefixes: the same scheme
// and host, and a path that starts with the prefix's after cleaning.
func (r *remote) allows(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil {
		return false
	}
	// Dot segments could climb out of the prefix, whoever decodes them.
	for _, segment := range strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." || strings.Contains(segment, "%") {
			return false
		}
	}
	for _, prefix := range r.prefixes {
		q, err := url.Parse(prefix)
		if err == nil && u.Scheme == q.Scheme && strings.EqualFold(u.Host, q.Host) && strings.HasPrefix(u.EscapedPath(), q.EscapedPath()) {
			return true
		}
	}
	return false
}

func (r *remote) read(raw string) ([]byte, error) {
	ctx, cancel := context.WithDeadline(context.Background(), r.deadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, raw, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/yaml, application/json, text/yaml, */*;q=0.1")
	resp, err := r.client.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFileBytes {
		return nil, tooBig(maxFileBytes)
	}
	return data, nil
}
