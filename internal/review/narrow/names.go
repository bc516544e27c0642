package narrow

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"path"
	"strings"
)

// seed makes sums of this run different from those of others, so that no document
// can be written to deceive them. Nothing that is shown depends on it.
var seed = maphash.MakeSeed()

// mix makes one sum of two, in that order.
func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^0x9e3779b97f4a7c15, b^0xd1b54a32d192ed03)
	return high ^ low
}

// names remembers the keys of components, each once.
type names map[string]string

// component returns the key "schemas/User" of "#/components/schemas/User"; false
// for any other reference.
func (n names) component(ref []byte) (string, bool) {
	if key, known := n[string(ref)]; known {
		return key, true
	}
	key, ok := strings.CutPrefix(string(ref), "#/components/")
	section, name, found := strings.Cut(key, "/")
	if !ok || !found || section == "" || !plainName(name) {
		return "", false
	}
	n["#/components/"+key] = key
	return key, true
}

// mapped returns the key of what a discriminator's mapping leads to; false where
// that is a file.
func (n names) mapped(text []byte) (string, bool) {
	if bytes.HasPrefix(text, []byte("#")) {
		return n.component(text)
	}
	switch path.Ext(string(text)) {
	case ".json", ".yaml", ".yml":
		return "", false
	}
	return n.component(append([]byte("#/components/schemas/"), text...))
}

// plainName reports whether a component may be called so.
func plainName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return name != ""
}

// isMethod reports whether a member of a path holds an operation.
func isMethod(name string) bool {
	switch name {
	case "get", "put", "post", "delete", "options", "head", "patch", "trace":
		return true
	}
	return false
}

// isAnchor reports whether a keyword of schemas names a place, or refers to one by
// such a name.
func isAnchor(name string) bool {
	switch name {
	case "$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor":
		return true
	}
	return false
}
