package legacyproxy

import (
	"net"
	"net/http"
	"time"
)

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
