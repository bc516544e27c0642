// Package catalog holds what the contracts say about services and operations,
// as plain data. The generator writes it into gen, `banyan serve` builds it
// from the contract files, and the run time (dispatch, legacyproxy, rollout
// checks) reads it. It imports nothing but the standard library and problem,
// so that the packages which must not know each other can share it.
//
// All values are read-only after start-up and safe for concurrent use.
package catalog

import (
	"context"
	"net/http"
	"time"

	"github.com/banyan-go/banyan/problem"
)

// Unmatched says what happens to a request that no operation matches.
type Unmatched string

const (
	// Deny answers 404, or 405 with Allow, as a problem.
	Deny Unmatched = "deny"
	// Legacy hands the request to the workspace's upstream as it came.
	Legacy Unmatched = "legacy"
)

// Workspace is what banyan.yaml declares for the run time.
type Workspace struct {
	Services []*Service
	// Unmatched is Deny when empty.
	Unmatched Unmatched
	// Upstream is the legacy backend that services use unless their
	// legacy.yaml names another. It may hold ${NAME} and ${NAME:-default}.
	Upstream string
	// UnmatchedBodyLimit is the largest request body in bytes outside the
	// contracts where Unmatched is Legacy; 0 is the default, see
	// OutsideBodyLimit.
	UnmatchedBodyLimit int64
	// TrustedProxies are the peers whose word about the client counts, as
	// ParsePeers reads them. They may hold ${NAME} and ${NAME:-default}.
	TrustedProxies []string
	// FastCGI is how scripts are found where an upstream speaks FastCGI and
	// no legacy.yaml says it.
	FastCGI FastCGI
	// Timeout is how long the beginning of a legacy answer may take where no
	// legacy.yaml says it; 0 means 500 ms.
	Timeout time.Duration
	// RolloutFile is the path of rollout.yaml below the workspace folder,
	// or empty when everything stays at its default.
	RolloutFile string
	// Validation is what services check that say nothing of their own; see
	// ValidationOf.
	Validation Validation
}

// DefaultOutsideBodyLimit is the largest request body outside the contracts
// where banyan.yaml says nothing.
const DefaultOutsideBodyLimit = 64 << 20

// OutsideBodyLimit is the largest request body in bytes that is passed on
// outside the contracts: UnmatchedBodyLimit, or where that is not set the larger
// one of 64 MiB and what FastCGI allows.
func (w *Workspace) OutsideBodyLimit() int64 {
	if w.UnmatchedBodyLimit > 0 {
		return w.UnmatchedBodyLimit
	}
	return max(DefaultOutsideBodyLimit, w.FastCGI.MaxBody)
}

// Service is one contract.
type Service struct {
	// Name is the service's name in banyan.yaml.
	Name string
	// Operations is sorted by Key.
	Operations []Operation
	// Problems is the contract's closed list of problem codes, sorted by code.
	Problems []problem.Kind
	// LegacyFile is the path of legacy.yaml below the workspace folder, or
	// empty when the service has no legacy backend.
	LegacyFile string
	// Contract is the bundled OpenAPI document as JSON, all references local.
	// Without one nothing is checked.
	Contract []byte
	// Validation is what the service has its own way, field by field.
	Validation Validation
}

// Operation is one operation of a contract (OpenAPI 3.0.3, section 4.7.10).
type Operation struct {
	// Key is "service.operationId", the name used in rollout.yaml, events,
	// metrics and logs.
	Key string
	// ID is the operationId as written in the contract.
	ID string
	// Method is in upper case.
	Method string
	// Path is the path template with the service's base path in front, such
	// as "/v1/orders/{orderId}".
	Path string
	// Behind is empty, or the key of the operation that takes this one's
	// requests: the contract declares the same method and path there first.
	// No request is ever routed to an operation behind another.
	Behind string
	// BodyLimit is the largest request body in bytes; 0 means no limit.
	BodyLimit int64
	// Class says what may be done with a request whose fate is not known.
	Class Class
	// IdempotencyKey is the request header that lets the backend recognise a
	// request that it has executed already, in canonical form; empty when the
	// operation has none.
	IdempotencyKey string
	// Source is where the operation is declared: "file:line:col", the file
	// being relative to the workspace.
	Source string
}

// Operation returns the operation with that operationId, or nil.
func (s *Service) Operation(id string) *Operation {
	for i := range s.Operations {
		if s.Operations[i].ID == id {
			return &s.Operations[i]
		}
	}
	return nil
}

// Caller performs one operation for Go code, whoever serves it today. The
// request is one of the contract: its URL path and query are what a client of
// the contract would send; scheme and host are ignored.
//
// A returned response is a success of the contract and its body must be
// closed. Everything else is an error, a *problem.Error wherever the other
// side said, or failed to say, what is wrong.
type Caller interface {
	Call(ctx context.Context, op *Operation, r *http.Request) (*http.Response, error)
}
