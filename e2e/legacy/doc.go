// Package legacy tests the legacy side from outside: real PHP, `banyan serve`
// in front of it, and between the two a network that fails.
package legacy
