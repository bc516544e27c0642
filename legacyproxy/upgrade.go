package legacyproxy

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"strings"

	"github.com/banyan-go/banyan/problem"
)

// upgradeProtocol is the protocol that a client wants to switch to, or empty.
// h2c is not passed on: its requests would go past the adapter unseen.
func upgradeProtocol(r *http.Request) string {
	wanted := r.Header.Get("Upgrade")
	if wanted == "" || r.ProtoMajor != 1 || !r.ProtoAtLeast(1, 1) || !printable(wanted) || strings.EqualFold(wanted, "h2c") {
		return ""
	}
	for _, line := range r.Header["Connection"] {
		for option := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.Trim(option, " \t"), "upgrade") {
				return wanted
			}
		}
	}
	return ""
}

func (m *message) upgrade(protocol string) {
	m.header["Connection"] = []string{"Upgrade"}
	m.header["Upgrade"] = []string{protocol}
}

// switchProtocols joins the two connections until one side closes.
func (x *exchange) switchProtocols(w http.ResponseWriter, out *http.Request, res *http.Response, protocol string) error {
	if !strings.EqualFold(res.Header.Get("Upgrade"), protocol) {
		res.Body.Close()
		return problem.LegacyInvalid.Wrap(errors.New("the backend switches to another protocol than was asked for"), "")
	}
	// The standard library knows how; it only has to be given the answer that
	// is here already.
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(*httputil.ProxyRequest) {},
		Transport: answered{res},
		ErrorLog:  log.New(io.Discard, "", 0),
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			x.log.WarnContext(x.clock.ctx, "a switched connection failed", "operation", x.rt.key, "error", err)
			panic(http.ErrAbortHandler)
		},
	}
	proxy.ServeHTTP(w, out)
	return nil
}

// answered is a transport for an exchange that took place.
type answered struct{ res *http.Response }

func (a answered) RoundTrip(*http.Request) (*http.Response, error) { return a.res, nil }
