package config

// Value is a scalar with its position. T is string, bool, int, int64, float64,
// time.Duration, or a type whose pointer is an Unmarshaler.
type Value[T any] struct {
	V   T
	Pos Pos
}

// Set reports whether the file gave a value.
func (v Value[T]) Set() bool { return v.Pos.Line > 0 }

// Entry is one key of a Map.
type Entry[T any] struct {
	Key   string
	Pos   Pos // of the key
	Value T
}

// Map is a mapping with free keys, in the order of the file.
type Map[T any] []Entry[T]

// Get returns the value of a key.
func (m Map[T]) Get(key string) (T, bool) {
	for _, e := range m {
		if e.Key == key {
			return e.Value, true
		}
	}
	var zero T
	return zero, false
}

// Unmarshaler is implemented by pointers to types that read themselves from a
// node, reporting what is wrong through Node.Fault.
type Unmarshaler interface {
	UnmarshalConfig(n *Node)
}
