package codegen

import (
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
)

// Decode reads a JSON value of a schema, as it is used at some place of a contract,
// the way generated client code does. It returns what cannot be read, as JSON pointer
// and reason; nothing where all of it can be. It is not known where the code is not
// the target's own. A Decode must not be called concurrently.
type Decode func(of *openapi.SchemaRef, value []byte) (misfits map[string]string, known bool)

// Decoder is a Target whose client code reads what a service sends.
type Decoder interface {
	Target
	// Decoder returns what the code of a contract does with JSON, as the settings of
	// its workspace have it. The document is one of the contract's own (contract.Contract.Spec), and so are the schemas that are
	// asked about. It fails for a contract that cannot be generated.
	Decoder(ws *contract.Workspace, c *contract.Contract, doc *openapi.Document) (Decode, error)
}
