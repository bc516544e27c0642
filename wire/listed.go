package wire

// Listed reports whether an enum's value is one that the contract lists. It is not
// inlined: every enum of a contract would be compiled with a copy of it, and once
// more for pointers to it.
//
//go:noinline
func Listed[T comparable](v T, values ...T) bool {
	for _, listed := range values {
		if v == listed {
			return true
		}
	}
	return false
}

// Ranged is an answer of a class such as 4XX, or of default.
type Ranged[Body any] struct {
	Body Body
	// StatusCode must be set, within the class.
	StatusCode int
}
