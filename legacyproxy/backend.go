package legacyproxy

import (
	"fmt"
	"net/http"
)

// Class says what an error of PHP tells about PHP.
type Class string

const (
	// ClassBusiness: PHP is well; it refused the request for a reason of its own.
	ClassBusiness Class = "business"
	// ClassFault: PHP failed.
	ClassFault Class = "fault"
	// ClassOverload: PHP has more to do than it can.
	ClassOverload Class = "overload"
)

// BackendError is the cause of every problem that PHP itself reported, for
// logs and for those who decide what to do about it. Clients never see it.
//
//	var php *legacyproxy.BackendError
//	if errors.As(err, &php) && php.Retryable { ... }
type BackendError struct {
	Status int    // PHP's status, or the envelope's where that counts
	Code   string // the envelope's code; empty when there is none
	Class  Class
	// Retryable is what the rule in legacy.yaml says: the same request may
	// succeed later, and PHP did nothing this time.
	Retryable bool
	// Mapped is false when no rule named the error.
	Mapped bool
}

// Error says which answer it was.
func (e *BackendError) Error() string {
	if e.Code != "" {
		return fmt.Sprintf("legacy status %d, code %s", e.Status, e.Code)
	}
	return fmt.Sprintf("legacy status %d", e.Status)
}

// classOf is the class of an error that no rule gives one: by the status that
// clients get.
func classOf(status int) Class {
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return ClassOverload
	case status >= 500:
		return ClassFault
	}
	return ClassBusiness
}
