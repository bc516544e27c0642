// Package bundle walks a bundled contract as it is written: where its operations
// and their parameters stand, and what its references lead to. It knows nothing of
// what they mean.
package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// Document is a contract as JSON: its objects are map[string]any, its numbers
// json.Number. All references are local. The zero Document is empty.
type Document struct{ Root map[string]any }

// Read reads a document. The error is that of a text that is no JSON object.
func Read(contract []byte) (d Document, err error) {
	dec := json.NewDecoder(bytes.NewReader(contract))
	dec.UseNumber()
	if err := dec.Decode(&d.Root); err != nil {
		return Document{}, fmt.Errorf("the contract is not valid JSON: %w", err)
	}
	if d.Root == nil {
		return Document{}, errors.New("the contract is null")
	}
	return d, nil
}

// At returns what a JSON pointer leads to, without following references; nil
// where that is nothing.
func (d Document) At(pointer string) any {
	var node any = d.Root
	if pointer == "" {
		return node
	} else if pointer[0] != '/' {
		return nil
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = jsonpointer.Unescape(token)
		switch n := node.(type) {
		case map[string]any:
			node = n[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(n) {
				return nil
			}
			node = n[i]
		default:
			return nil
		}
	}
	return node
}

// mostReferences bounds how many references are followed in a row.
const mostReferences = 100

// Follow returns the object at a pointer with its references followed, and where
// that object stands. The object is nil where there is none.
func (d Document) Follow(pointer string) (at string, object map[string]any) {
	for range mostReferences {
		object, _ := d.At(pointer).(map[string]any)
		ref, ok := object["$ref"].(string)
		if !ok {
			return pointer, object
		}
		target, ok := Target(ref)
		if !ok {
			return pointer, nil
		}
		pointer = target
	}
	return pointer, nil
}

// Target is the pointer of a local reference.
func Target(ref string) (pointer string, ok bool) {
	fragment, ok := strings.CutPrefix(ref, "#")
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	return fragment, ok && (fragment == "" || fragment[0] == '/')
}

// Ref writes a pointer as a reference.
func Ref(pointer string) string { return "#" + (&url.URL{Path: pointer}).EscapedPath() }

// methods are the fields of a Path Item Object that are operations.
var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// Item iterates over the operations of the Path Item Object at a pointer: the method as
// it is written there, and where the Operation Object stands.
func (d Document) Item(pointer string) iter.Seq2[string, string] {
	return func(yield func(method, at string) bool) {
		at, item := d.Follow(pointer)
		for _, method := range methods {
			if _, ok := item[method].(map[string]any); ok && !yield(method, at+"/"+method) {
				return
			}
		}
	}
}

// Operations returns where each operation of the paths stands, by operationId.
func (d Document) Operations() map[string]string {
	out := map[string]string{}
	for _, path := range Names(d.Root["paths"]) {
		for _, at := range d.Item("/paths/" + jsonpointer.Escape(path)) {
			if id := Member[string](d.At(at), "operationId"); id != "" {
				out[id] = at
			}
		}
	}
	return out
}

// Parameters iterates over the Parameter Objects of the operation at a pointer, and
// over those of its path that the operation does not have itself.
func (d Document) Parameters(operation string) iter.Seq2[string, map[string]any] {
	return func(yield func(at string, parameter map[string]any) bool) {
		seen := map[[2]string]bool{}
		for _, owner := range []string{operation, operation[:max(strings.LastIndexByte(operation, '/'), 0)]} {
			for i := range Member[[]any](d.At(owner), "parameters") {
				at, p := d.Follow(owner + "/parameters/" + strconv.Itoa(i))
				key := [2]string{Member[string](p, "in"), Member[string](p, "name")}
				if key[0] == "header" { // whose names fold case
					key[1] = strings.ToLower(key[1])
				}
				if p == nil || seen[key] {
					continue
				}
				if seen[key] = true; !yield(at, p) {
					return
				}
			}
		}
	}
}

// Member returns a member of an object, or the zero T where there is none of that
// type.
func Member[T any](node any, name string) T {
	object, _ := node.(map[string]any)
	v, _ := object[name].(T)
	return v
}

// Names are the names of an object's members, sorted.
func Names(node any) []string {
	object, _ := node.(map[string]any)
	return slices.Sorted(maps.Keys(object))
}
