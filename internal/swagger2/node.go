package swagger2

import (
	"iter"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The tree of the YAML library, as the rest of the package sees it: nil has no
// members and no items, and a mapping's members keep their order.

func get(n *yaml.Node, key string) *yaml.Node {
	for k, v := range members(n) {
		if k.Value == key {
			return v
		}
	}
	return nil
}

// members are the keys and values of a mapping.
func members(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(*yaml.Node, *yaml.Node) bool) {
		if n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

func items(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// text1 is a scalar's text; that of anything else is empty.
func text1(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

func isTrue(n *yaml.Node) bool { return n != nil && n.Kind == yaml.ScalarNode && n.Value == "true" }

func text(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func yes() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"} }

func no() *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "false"} }

func sequence(of ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: of}
}

// mapping makes one of names and values in turn.
func mapping(of ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := 0; i+1 < len(of); i += 2 {
		set(n, of[i].(string), of[i+1].(*yaml.Node))
	}
	return n
}

// set adds a member, or replaces the one of that name.
func set(n *yaml.Node, key string, value *yaml.Node) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content[i+1] = value
			return n.Content[i]
		}
	}
	k := text(key)
	n.Content = append(n.Content, k, value)
	return k
}

// add adds a member with its name as it stands in the source, with comments.
func add(n, key, value *yaml.Node) {
	k := *key
	k.Tag = "!!str"
	n.Content = append(n.Content, &k, value)
}

// move adds a member of another mapping, if it has it.
func move(to, from *yaml.Node, key string) {
	for k, v := range members(from) {
		if k.Value == key {
			add(to, k, v)
		}
	}
}

func remove(n *yaml.Node, key string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

// sub is the mapping of that name, which is added if need be.
func sub(n *yaml.Node, key string) *yaml.Node {
	if v := get(n, key); v != nil {
		return v
	}
	v := mapping()
	set(n, key, v)
	return v
}

func has(n *yaml.Node, key string) bool { return get(n, key) != nil }

// legacyWords are read as true and false by YAML 1.1, which tools still speak.
var legacyWords = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null|~)$`)

// tidy gives all nodes the style that people write. With quoted, texts of many
// lines are in quotes.
func tidy(n *yaml.Node, quoted bool) {
	n.Anchor = ""
	switch n.Kind {
	case yaml.ScalarNode:
		n.Style = 0
		switch {
		case n.Tag == "!!str" && (legacyWords.MatchString(n.Value) || quoted && strings.ContainsAny(n.Value, "\n\r")):
			n.Style = yaml.DoubleQuotedStyle
		case n.Tag == "!!str" && strings.Contains(n.Value, "\n"):
			n.Style = yaml.LiteralStyle
		case n.Tag == "!!timestamp":
			n.Tag = "!!str"
			n.Style = yaml.DoubleQuotedStyle
		}
	case yaml.MappingNode, yaml.SequenceNode:
		n.Style = 0
		if short(n) {
			n.Style = yaml.FlowStyle
		}
	}
	for _, c := range n.Content {
		tidy(c, quoted)
	}
}

// short reports whether a list or mapping reads best in its line: empty, or a
// few words such as a list of required fields.
func short(n *yaml.Node) bool {
	if len(n.Content) == 0 {
		return true
	}
	if n.Kind != yaml.SequenceNode {
		return false
	}
	width := 0
	for _, c := range n.Content {
		width += len(c.Value) + 2
		if c.Kind != yaml.ScalarNode || strings.ContainsAny(c.Value, "\n") || c.HeadComment+c.LineComment+c.FootComment != "" {
			return false
		}
	}
	return width <= 60
}

// sameDocument reports whether text reads as n.
func sameDocument(text []byte, n *yaml.Node) bool {
	var doc yaml.Node
	if safely(func() error { return yaml.Unmarshal(text, &doc) }) != nil || len(doc.Content) != 1 {
		return false
	}
	return same(doc.Content[0], n)
}

func same(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.ShortTag() == b.ShortTag() && (a.Kind != yaml.ScalarNode || a.Value == b.Value) && slices.EqualFunc(a.Content, b.Content, same)
}
