package codegen

import "github.com/banyan-go/banyan/internal/contract"

// Symbol is one name that generated code offers to those who write against it: a
// type, a field, a constant, a function, a method.
type Symbol struct {
	// Name is the symbol in the target's language, such as "User.Email".
	Name string
	// Signature is all of it that a caller can depend on.
	Signature string
	// Implemented says that users write it rather than use it: a method of an
	// interface that the service implements. One more is work, but no break of
	// what calls it.
	Implemented bool
	// Place and Pointer say what of the contract it comes from: "schema User" and
	// "/email", "GET /users/{id}" and "/query/limit". Empty when it belongs to the
	// service as a whole.
	Place, Pointer string
}

// Surface is what code is written against.
type Surface struct {
	// Symbols go by their names.
	Symbols map[string]Symbol
	// Names are all that were given out in scopes that the parts of a contract share,
	// where whoever comes late is called something else. Several may be the same.
	Names []string
}

// Surfacer is a Target whose output people write code against.
type Surfacer interface {
	Target
	// Surface returns what one contract's code offers. It fails for a contract that
	// cannot be generated.
	Surface(ws *contract.Workspace, c *contract.Contract) (*Surface, error)
	// Stems returns what each of the Names starts with that may be given to a part of a
	// contract: a component, by its section and name, or an operation, in the section
	// "paths" and by its operationId. The text is JSON or YAML and holds the part. A
	// component whose schemas are named after its users has no stem for those.
	Stems(ws *contract.Workspace, section, name string, text []byte) []string
}
