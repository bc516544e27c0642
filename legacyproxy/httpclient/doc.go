// Package httpclient is an HTTP/1.1 client for a reverse proxy, behind the
// interface of an HTTP transport.
//
// It does less than net/http's and costs less: the goroutine that asks writes
// the request and reads the answer itself, so that an exchange without a long
// body wakes nobody else up. It follows nothing, decodes nothing, knows no
// proxies and no HTTP/2, and sends a request once or not at all. Where the
// other side's framing (RFC 9112) is in doubt it refuses the answer.
package httpclient
