// Package jsonpointer writes and reads the tokens of JSON pointers (RFC 6901,
// sections 3 and 4).
package jsonpointer

import "strings"

var (
	escapes   = strings.NewReplacer("~", "~0", "/", "~1")
	unescapes = strings.NewReplacer("~1", "/", "~0", "~")
)

// Escape is a name as a token of a pointer, without the slash before it.
func Escape(name string) string { return escapes.Replace(name) }

// Unescape is the name that a token stands for. A ~ before neither 0 nor 1 stays.
func Unescape(token string) string { return unescapes.Replace(token) }
