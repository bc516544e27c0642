package config

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Kind tells the shapes of a Node apart.
type Kind int

const (
	Null Kind = iota
	Scalar
	Sequence
	Mapping
)

// String names the kind as a user would.
func (k Kind) String() string {
	return [...]string{"nothing", "a single value", "a list", "a mapping"}[k]
}

// Node is one value of a file while it is being decoded.
type Node struct {
	yaml *yaml.Node
	dec  *decoder
}

// Pos is where the value starts.
func (n *Node) Pos() Pos { return n.dec.pos(n.yaml) }

// Kind is the shape of the value.
func (n *Node) Kind() Kind {
	switch n.yaml.Kind {
	case yaml.MappingNode:
		return Mapping
	case yaml.SequenceNode:
		return Sequence
	default:
		if n.yaml.Tag == "!!null" {
			return Null
		}
		return Scalar
	}
}

// Text is the text of a scalar, without quotes; empty for all else.
func (n *Node) Text() string {
	if n.Kind() != Scalar {
		return ""
	}
	return n.yaml.Value
}

// Literal is a number, true, false or null as JSON writes it. It is not ok for
// texts, quoted ones included, and for all that is no scalar.
func (n *Node) Literal() (text string, ok bool) {
	switch n.yaml.Tag {
	case "!!null":
		return "null", true
	case "!!bool":
		return strings.ToLower(n.yaml.Value), true
	case "!!int", "!!float":
		return n.yaml.Value, json.Valid([]byte(n.yaml.Value))
	}
	return "", false
}

// Decode reads the value into a pointer, as the function Decode does.
func (n *Node) Decode(into any) { n.dec.decode(n.yaml, into) }

// Faultf reports what is wrong with the value. The hint may be empty.
func (n *Node) Faultf(hint, format string, args ...any) {
	n.dec.fault(n.yaml, hint, fmt.Sprintf(format, args...))
}
