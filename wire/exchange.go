package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/problem"
)

// Deliver makes the request of a webhook or callback to target, an absolute URL
// that the other side gave, with client. request and answer are as in Call. It
// follows no redirects but those that the client does, and it is the sender who
// decides which targets may be reached.
func Deliver(ctx context.Context, s *Shape, client *http.Client, method, target string, request, answer any) error {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%s: %q is no absolute URL of HTTP", s.Key, target)
	}
	if client == nil {
		client = http.DefaultClient
	}
	return s.Call(ctx, listener{client, u}, &catalog.Operation{Key: s.Key, Method: method}, request, answer)
}

// listener is who waits for a webhook or callback.
type listener struct {
	client *http.Client
	url    *url.URL
}

func (l listener) Call(_ context.Context, _ *catalog.Operation, r *http.Request) (*http.Response, error) {
	u, query := *l.url, r.URL.RawQuery
	if u.RawQuery != "" && query != "" {
		query = u.RawQuery + "&" + query
	} else if query == "" {
		query = u.RawQuery
	}
	u.RawQuery = query
	r.URL, r.Host = &u, u.Host
	return l.client.Do(r)
}

// Receiver serves the requests of a webhook or callback wherever it is mounted, those
// of its method (RFC 9110, section 15.5.6, for others), with bodies of at most limit
// bytes; 0 means any. Errors are answered as problems; the
// cause of one that is the receiver's own is logged to the default logger.
func Receiver(method string, h Handler, limit int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			problem.Write(w, r, problem.MethodNotAllowed.New(""))
			return
		}
		if limit > 0 && r.Body != nil {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
		}
		err := h(w, r)
		if err == nil {
			return
		}
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			err = problem.BodyTooLarge.Wrap(err, fmt.Sprintf("the limit is %d bytes", tooLarge.Limit))
		}
		p := problem.From(err)
		if p.Status >= http.StatusInternalServerError {
			slog.ErrorContext(r.Context(), "a receiver failed", slog.String("path", r.URL.Path), slog.Any("error", err))
		}
		problem.Write(w, r, p)
	})
}
