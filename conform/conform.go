// Package conform holds HTTP messages against a contract: requests before
// anybody has read them, answers after they were sent. It is compiled once,
// at start, from the contract that a catalog.Service carries.
//
//	contract, err := conform.Compile(orders.Service, workspace.ValidationOf(orders.Service))
//	op := contract.Operation("createOrder")
//
//	found, err := op.Request(r, conform.Fill)   // err: the body could not be read
//	defer found.Release()
//	if p := found.Problem(); p != nil {
//		problem.Write(w, r, p)                  // everything that is wrong, at once
//		return
//	}
//	// r.Body now holds what the client sent, with the contract's defaults
//
//	expected := op.Answer(r.Method, status, header)
//	violations := expected.Check(body)
package conform

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform/bundle"
	"github.com/banyan-go/banyan/schema"
)

// Violation is one thing about a message that is not as the contract says.
type Violation = schema.Violation

// Keywords of violations that are about messages and not about values, beside
// those of package schema.
const (
	KeywordContentType = "content-type" // the body has a media type that the contract does not have there
	KeywordEncoding    = "content-encoding"
	KeywordAccept      = "accept"   // no answer that the contract has is one that the client takes
	KeywordStatus      = "status"   // the contract has no answer of this status
	KeywordRequired    = "required" // also of a whole body
)

// Service is a compiled contract. It is immutable and safe for concurrent use.
type Service struct {
	operations map[string]*Operation
}

// Operation returns the operation with that operationId, or nil.
func (s *Service) Operation(id string) *Operation { return s.operations[id] }

// Fault is something in a contract that cannot be compiled.
type Fault struct {
	// Operation is the first operation that it was met in.
	Operation *catalog.Operation
	// Pointer is where it stands in the bundled contract.
	Pointer string
	Message string
}

// Faults is the error of Compile: everything that is wrong, at once, in the
// order of operations.
type Faults []Fault

// Error lists the faults, one per line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = fmt.Sprintf("%s: #%s: %s", one.Operation.Key, one.Pointer, one.Message)
	}
	return strings.Join(lines, "\n")
}

// Compile compiles the contract of a service. The error is of type Faults.
func Compile(s *catalog.Service, v catalog.Validation) (*Service, error) {
	c, err := newCompiler(s.Contract, v)
	if err == nil && len(s.Operations) > 0 && len(bundle.Member[map[string]any](c.doc.Root, "paths")) == 0 {
		err = errors.New("the contract has no paths")
	}
	if err == nil {
		c.ids = c.doc.Operations()
		err = c.load()
	}
	if err != nil {
		return nil, Faults{{Operation: &catalog.Operation{Key: s.Name}, Message: err.Error()}}
	}
	out := &Service{operations: make(map[string]*Operation, len(s.Operations))}
	for i := range s.Operations {
		c.operation = &s.Operations[i]
		out.operations[c.operation.ID] = c.compile()
	}
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	return out, nil
}

// add notes what schema says, once per place.
func (c *compiler) add(err error) {
	if err == nil {
		return
	}
	var faults schema.Faults
	if !errors.As(err, &faults) {
		faults = schema.Faults{{Message: err.Error()}}
	}
	for _, f := range faults {
		known := slices.ContainsFunc(c.faults, func(g Fault) bool { return g.Pointer == f.Pointer && g.Message == f.Message })
		if !known {
			c.faults = append(c.faults, Fault{Operation: c.operation, Pointer: f.Pointer, Message: f.Message})
		}
	}
}

// twin is something compiled twice where some violations are only counted:
// strictly, and with those left out. Otherwise lenient is the zero T.
type twin[T any] struct {
	strict, lenient T
}

// warned are the violations of the strict reading that are only counted.
func (o *Operation) warned(v schema.Violations) (warnings []Violation) {
	for _, one := range v {
		if o.countOnly[one.Keyword] {
			warnings = append(warnings, one)
		}
	}
	return warnings
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}
