package legacyproxy

import (
	"log/slog"
	"net/http"

	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

// transports are the ways to the backends of one adapter. Upstreams at the
// same address share their connections.
type transports struct {
	http    http.RoundTripper
	fastcgi map[fastcgiServer]*fastcgi.Client
	watched []*unsent.Transport // of senders
	log     *slog.Logger
}

// fastcgiServer is what makes two FastCGI upstreams one.
type fastcgiServer struct {
	network, address string
	keepAlive        int
}

// to returns the transport for an upstream. The settings matter to FastCGI
// alone; bodies may be as large as they or the operation say.
func (t *transports) to(u *upstream, s fastcgiSettings, bodyLimit int64) http.RoundTripper {
	if !u.speaksFastCGI() {
		return t.http
	}
	server := fastcgiServer{"tcp", u.host, s.keepAlive}
	if u.socket != "" {
		server.network, server.address = "unix", u.socket
	}
	client := t.fastcgi[server]
	if client == nil {
		client = fastcgi.New(fastcgi.Config{Network: server.network, Address: server.address, KeepAlive: s.keepAlive, Log: t.log})
		t.fastcgi[server] = client
	}
	limit := s.maxBody
	if limit == 0 {
		limit = fastcgi.DefaultMaxBody
	}
	return client.Application(s.layout, max(limit, bodyLimit))
}

// watch returns the transport for HTTP with connections of its own, and with
// errors that tell what was not sent. One of another kind has to tell itself.
func (t *transports) watch() http.RoundTripper {
	h, ok := t.http.(*http.Transport)
	if !ok {
		return t.http
	}
	w := unsent.Watch(h)
	t.watched = append(t.watched, w)
	return w
}

// closeIdle closes the connections that are idle.
func (t *transports) closeIdle() {
	if h, ok := t.http.(interface{ CloseIdleConnections() }); ok {
		h.CloseIdleConnections()
	}
	for _, c := range t.fastcgi {
		c.CloseIdleConnections()
	}
	for _, w := range t.watched {
		w.CloseIdleConnections()
	}
}
