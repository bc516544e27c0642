// Package unsent is how a transport tells that a request which failed was
// provably never sent: no connection came about, or the connection was closed
// before one byte of the request was written to it. Only then may a request
// that changes something be sent again.
//
// A transport of our own wraps such an error by Wrap, and never sends a
// request twice by itself. For the standard library's transport Watch finds it
// out. Whoever decides about a retry asks Proven.
package unsent

import "errors"

// Error is implemented by errors that know whether the request was sent. A
// transport for which Unsent is true must not have handed one byte of the
// request to the operating system, and must not do it later.
type Error interface {
	error
	Unsent() bool
}

// Proven reports whether err says that the request was not sent. Of several
// answers in a chain the outermost counts. Without one nothing is proven.
func Proven(err error) bool {
	var e Error
	return errors.As(err, &e) && e.Unsent()
}

// Wrap returns err as an Error that is unsent; nil stays nil. The text stays
// as it is.
func Wrap(err error) error {
	if err == nil {
		return nil
	}
	return wrapped{err}
}

type wrapped struct{ error }

func (wrapped) Unsent() bool    { return true }
func (w wrapped) Unwrap() error { return w.error }
