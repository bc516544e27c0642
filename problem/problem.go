// Package problem is the one error document of a Banyan server: RFC 9457
// application/problem+json with a code from the contract's closed list. Go
// handlers, the legacy adapter and middleware all answer errors through it.
//
//	var OutOfStock = problem.Kind{Code: "out-of-stock", Status: 409, Title: "Out of stock"}
//
//	return nil, OutOfStock.New("only 3 left")
package problem

import (
	"errors"
	"fmt"
	"net/http"
)

// ContentType is the media type of a problem document (RFC 9457, section 3).
const ContentType = "application/problem+json"

// Kind is one problem that a contract declares. The zero Type means
// "about:blank" (RFC 9457, section 4.2.1).
type Kind struct {
	Code   string
	Status int
	Title  string
	Type   string
}

// New returns an occurrence of the kind. The detail is shown to clients: it
// must not hold anything they may not see.
func (k Kind) New(detail string) *Error {
	return &Error{Type: k.Type, Title: k.Title, Status: k.Status, Detail: detail, Code: k.Code}
}

// Wrap is New with a cause that is logged and never sent to the client.
func (k Kind) Wrap(cause error, detail string) *Error {
	e := k.New(detail)
	e.cause = cause
	return e
}

// Error makes a Kind an error, so that errors.Is(err, kind) matches every
// occurrence of it.
func (k Kind) Error() string { return k.Code + ": " + k.Title }

// The problems Banyan itself answers, whatever the contract lists.
var (
	Malformed         = Kind{Code: "malformed-request", Status: http.StatusBadRequest, Title: "Malformed request"}
	Unauthorized      = Kind{Code: "credentials-required", Status: http.StatusUnauthorized, Title: "Credentials required"}
	Forbidden         = Kind{Code: "access-refused", Status: http.StatusForbidden, Title: "Access refused"}
	NotFound          = Kind{Code: "not-found", Status: http.StatusNotFound, Title: "Not found"}
	MethodNotAllowed  = Kind{Code: "method-not-allowed", Status: http.StatusMethodNotAllowed, Title: "Method not allowed"}
	BodyTooLarge      = Kind{Code: "body-too-large", Status: http.StatusRequestEntityTooLarge, Title: "Request body too large"}
	NotAcceptable     = Kind{Code: "not-acceptable", Status: http.StatusNotAcceptable, Title: "Not acceptable"}
	UnsupportedMedia  = Kind{Code: "unsupported-media-type", Status: http.StatusUnsupportedMediaType, Title: "Unsupported media type"}
	InvalidRequest    = Kind{Code: "invalid-request", Status: http.StatusUnprocessableEntity, Title: "Invalid request"}
	UpgradeRequired   = Kind{Code: "upgrade-required", Status: http.StatusUpgradeRequired, Title: "Upgrade required"}
	Internal          = Kind{Code: "internal", Status: http.StatusInternalServerError, Title: "Internal error"}
	Unavailable       = Kind{Code: "unavailable", Status: http.StatusServiceUnavailable, Title: "Service unavailable"}
	LegacyError       = Kind{Code: "legacy-error", Status: http.StatusBadGateway, Title: "The legacy backend reported an error"}
	LegacyUnavailable = Kind{Code: "legacy-unavailable", Status: http.StatusBadGateway, Title: "The legacy backend cannot be reached"}
	LegacyReset       = Kind{Code: "legacy-reset", Status: http.StatusBadGateway, Title: "The legacy backend broke off"}
	LegacyInvalid     = Kind{Code: "legacy-invalid-answer", Status: http.StatusBadGateway, Title: "The legacy backend answered something invalid"}
	LegacyTooLarge    = Kind{Code: "legacy-answer-too-large", Status: http.StatusBadGateway, Title: "The legacy backend answered too much"}
	LegacyTimeout     = Kind{Code: "legacy-timeout", Status: http.StatusGatewayTimeout, Title: "The legacy backend took too long"}
)

// Builtin lists the kinds above, sorted by code. A contract need not declare
// them and cannot redefine them.
func Builtin() []Kind {
	return []Kind{
		Forbidden, BodyTooLarge, Unauthorized, Internal, InvalidRequest, LegacyTooLarge, LegacyError, LegacyInvalid, LegacyReset, LegacyTimeout,
		LegacyUnavailable, Malformed, MethodNotAllowed, NotAcceptable, NotFound, Unavailable, UnsupportedMedia,
		UpgradeRequired,
	}
}

// Fault is one thing wrong with a request.
type Fault struct {
	// Pointer is a JSON pointer (RFC 6901) into the body, or "/query/limit",
	// "/path/id", "/header/x-a", "/cookie/sid" for a parameter.
	Pointer string `json:"pointer"`
	Message string `json:"message"`
	Code    string `json:"code,omitempty"`
}

// Error is one occurrence of a problem, both the Go error and the document
// (RFC 9457, section 3.1). It is not safe for concurrent modification.
type Error struct {
	Type     string  `json:"type,omitempty"`
	Title    string  `json:"title"`
	Status   int     `json:"status"`
	Detail   string  `json:"detail,omitempty"`
	Instance string  `json:"instance,omitempty"`
	Code     string  `json:"code"`
	Errors   []Fault `json:"errors,omitempty"`
	TraceID  string  `json:"traceId,omitempty"`
	// LegacyCode is the code that the legacy backend used, as it wrote it.
	LegacyCode string `json:"legacyCode,omitempty"`
	// Retryable says that the same request may succeed later: nothing was done
	// this time. False says nothing.
	Retryable bool `json:"retryable,omitempty"`

	// Header holds fields for the answer, such as Allow or Retry-After.
	Header http.Header `json:"-"`

	cause error
}

// Error returns the code, the detail and the cause, for logs.
func (e *Error) Error() string {
	s := e.Code
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.cause != nil {
		s += fmt.Sprintf(" (%v)", e.cause)
	}
	return s
}

// Unwrap returns the cause, which clients never see.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is the Kind of e.
func (e *Error) Is(target error) bool {
	k, ok := target.(Kind)
	return ok && k.Code == e.Code
}

// From returns err as a problem: the *Error in its chain, an occurrence of the
// Kind in its chain, or an Internal problem. In the latter two err is the
// hidden cause. From(nil) is nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*Error); ok {
		return e
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var k Kind
	if errors.As(err, &k) {
		return k.Wrap(err, "")
	}
	return Internal.Wrap(err, "")
}
