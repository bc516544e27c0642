//go:build race

package schema_test

// raced is set under the race detector, which makes sync.Pool forget at random:
// allocations then say nothing.
const raced = true
