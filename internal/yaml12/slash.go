// Package yaml12 reads what YAML 1.2 allows and the library, which knows YAML 1.1,
// refuses.
package yaml12

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// escapes are of the same length as \/ and stand for what no contract has.
var escapes = []struct{ written, char string }{
	{`\a`, "\a"}, {`\v`, "\v"}, {`\e`, "\x1b"}, {`\0`, "\x00"}, {`\P`, "\u2029"}, {`\L`, "\u2028"}, {`\N`, "\u0085"},
}

// Slashes reads \/ in double quotes, a slash as JSON escapes it (YAML 1.2.2, section
// 5.7), which YAML 1.1 does not have. It returns the document with another escape of
// the same length in its place, so that every line and column stays what it is, and
// what puts the slashes into the nodes that are read from it. There is no document
// when there is nothing to do, or no escape that it does not use itself.
func Slashes(data []byte) (plain []byte, restore func(*yaml.Node)) {
	if !bytes.Contains(data, []byte(`\/`)) {
		return nil, nil
	}
	for _, e := range escapes {
		if bytes.Contains(data, []byte(e.written)) || bytes.Contains(data, []byte(e.char)) {
			continue
		}
		// In text without quotes, or in single ones, the escape is no escape.
		back := strings.NewReplacer(e.char, "/", e.written, `\/`)
		return bytes.ReplaceAll(data, []byte(`\/`), []byte(e.written)), func(n *yaml.Node) { each(n, back) }
	}
	return nil, nil
}

// each replaces in all scalars. An alias leads to a node that is met by itself.
func each(n *yaml.Node, back *strings.Replacer) {
	n.Value = back.Replace(n.Value)
	for _, child := range n.Content {
		each(child, back)
	}
}
