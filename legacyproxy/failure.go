package legacyproxy

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
	"github.com/banyan-go/banyan/legacyproxy/httpclient"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
	"github.com/banyan-go/banyan/problem"
)

// clientClosed is the answer that nobody is left to read; its status, by
// custom, tells logs and metrics so.
var clientClosed = problem.Kind{Code: "client-closed-request", Status: 499, Title: "The client went away"}

// clientFailure is the problem of a client's body that could not be read.
func clientFailure(err error) *problem.Error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return problem.BodyTooLarge.Wrap(err, "")
	case errors.Is(err, context.Canceled):
		return clientClosed.Wrap(err, "")
	}
	return problem.Malformed.Wrap(err, "the body could not be read")
}

// failure is the problem of an exchange that has no answer. Its cause, with
// addresses and all, is for logs.
func failure(err error, c *clock, body *requestBody) *problem.Error {
	ctxErr := c.ctx.Err()
	var rejected *resilience.Rejected
	switch {
	case errors.As(err, &rejected):
		return rejection(rejected)
	case c.expired():
		return problem.LegacyTimeout.Wrap(errTimeout, "")
	case errors.Is(err, resilience.ErrTryTimeout):
		return problem.LegacyTimeout.Wrap(err, "")
	case errors.Is(context.Cause(c.ctx), context.DeadlineExceeded):
		return problem.LegacyTimeout.Wrap(ctxErr, "")
	case ctxErr != nil:
		return clientClosed.Wrap(ctxErr, "")
	case body.failure() != nil:
		return clientFailure(body.failure())
	}
	return upstreamFailure(err)
}

// upstreamFailure tells apart what can be wrong with a backend. net/http has
// no types for most of it: what is neither about connecting nor a broken
// connection was said by the backend and could not be understood.
func upstreamFailure(err error) *problem.Error {
	var (
		op      *net.OpError
		script  fastcgi.RequestError
		request httpclient.RequestError
		spool   *fastcgi.SpoolError
		text    = err.Error()
	)
	switch {
	case errors.As(err, &script), errors.As(err, &request):
		return problem.Malformed.Wrap(err, "")
	case errors.As(err, &spool):
		return problem.Internal.Wrap(err, "")
	case errors.Is(err, fastcgi.ErrBodyTooLarge):
		return problem.BodyTooLarge.Wrap(err, "")
	case errors.Is(err, fastcgi.ErrOverloaded):
		return problem.LegacyUnavailable.Wrap(err, "")
	case errors.Is(err, fastcgi.ErrHeaderTooLarge):
		return problem.LegacyTooLarge.Wrap(err, "")
	case strings.Contains(text, "exceeded") && strings.Contains(text, "response headers"):
		return problem.LegacyTooLarge.Wrap(err, "")
	case notConnected(err):
		return problem.LegacyUnavailable.Wrap(err, "")
	case errors.As(err, &op), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed), strings.Contains(text, "server closed idle connection"),
		strings.Contains(text, "http: server closed connection"):
		return problem.LegacyReset.Wrap(err, "")
	}
	return problem.LegacyInvalid.Wrap(err, "")
}

// notConnected reports whether no connection came about.
func notConnected(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	var (
		dns         *net.DNSError
		notTLS      tls.RecordHeaderError
		certificate *tls.CertificateVerificationError
		alert       tls.AlertError
	)
	return errors.As(err, &dns) || errors.As(err, &notTLS) || errors.As(err, &certificate) || errors.As(err, &alert) ||
		strings.Contains(err.Error(), "TLS handshake timeout")
}
