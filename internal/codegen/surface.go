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

// Surfacer is a Target whose output people write code against.
type Surfacer interface {
	Target
	// Surface returns the symbols of one contract's code by name. It fails for a
	// contract that cannot be generated.
	Surface(ws *contract.Workspace, c *contract.Contract) (map[string]Symbol, error)
}
