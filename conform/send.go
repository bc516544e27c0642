package conform

import (
	"fmt"
	"io"
	"net/http"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/schema"
)

// Senders returns what holds the requests that senders of webhooks and callbacks
// make against the contract before anything of them is sent: a transport around
// another one, for the client that a generated Send function is given.
//
//	check := conform.Senders(shop.Service, gen.Workspace.Validation)
//	client := &http.Client{Transport: check(conform.Exchange{Name: "paid", Method: "POST"}, http.DefaultTransport)}
//	answer, err := shop.SendPaidWebhook(ctx, client, url, request)
//
// The error of a request that is not as the contract says names all that is wrong
// with it; the receiver hears nothing of it. Bodies are checked whole before they
// are sent, lines one by one. As with Receivers it is the owner of the data who
// sends; the path, and parameters of the query that the contract does not have,
// are the receiver's own; and where the validation does not enforce the contract
// for Go, transports are returned as they are. All of it is safe for concurrent use.
func Senders(s *catalog.Service, workspace catalog.Validation) func(Exchange, http.RoundTripper) http.RoundTripper {
	find, _ := exchangesOf(s, workspace)
	return func(which Exchange, base http.RoundTripper) http.RoundTripper {
		o, err := find(which)
		if err == nil && o == nil {
			return base
		}
		return &sender{operation: o, err: err, base: base}
	}
}

// sender is a transport that holds requests against the contract.
type sender struct {
	operation *Operation
	err       error // what keeps it from that
	base      http.RoundTripper
}

// RoundTrip sends a request that is as the contract says.
func (s *sender) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.err != nil {
		return nil, s.refuse(r, s.err)
	}
	own := *r // a transport must not change what it is given
	own.GetBody = nil
	found, err := s.operation.Request(&own, send)
	if err == nil && len(found.Violations) > 0 {
		err = fmt.Errorf("%s: the request is not as the contract says: %w", s.operation.key, schema.Violations(found.Violations))
	}
	if err != nil {
		found.Release()
		return nil, s.refuse(r, err)
	}
	if r.Body != nil {
		own.Body = &sentBody{own.Body, r.Body, &found}
	}
	return s.base.RoundTrip(&own)
}

// sentBody is a checked body that is being sent, which may go on after the answer
// has begun: the transport closes it at the end.
type sentBody struct {
	io.Reader
	original io.Closer
	checked  *Checked
}

// Close gives back what the body was held in.
func (b *sentBody) Close() error {
	b.checked.Release()
	return b.original.Close()
}

// refuse closes a body that is not sent, as a transport must.
func (s *sender) refuse(r *http.Request, err error) error {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return err
}
