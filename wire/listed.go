package wire

// Listed reports whether an enum's value is one that the contract lists.
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
