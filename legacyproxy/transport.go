package legacyproxy

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
)

// transports are the ways to the backends of one adapter. Upstreams at the
// same address share their connections.
type transports struct {
	http    http.RoundTripper
	fastcgi map[fastcgiServer]*fastcgi.Client
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

// closeIdle closes the connections that are idle.
func (t *transports) closeIdle() {
	if h, ok := t.http.(interface{ CloseIdleConnections() }); ok {
		h.CloseIdleConnections()
	}
	for _, c := range t.fastcgi {
		c.CloseIdleConnections()
	}
}

// newTransport is tuned for a PHP backend nearby.
//
// It speaks HTTP/1.1 only: over HTTP/2 net/http may repeat a request that the
// other side refused. Idle connections go before Apache's default of 5 s lets
// go of them, because a request with a body that meets a closing connection
// fails: it is never sent again.
func newTransport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		Protocols:              protocols,
		DisableCompression:     true,
		MaxIdleConns:           1024,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        4 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ExpectContinueTimeout:  200 * time.Millisecond, // below every sensible timeout for the answer
		MaxResponseHeaderBytes: 256 << 10,
		ReadBufferSize:         16 << 10,
		WriteBufferSize:        8 << 10,
	}
}
