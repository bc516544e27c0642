package swagger2

import (
	"go.yaml.in/yaml/v3"
)

// Place is a line and a column, both from 1.
type Place struct{ Line, Column int }

// Places goes from where names and values stand in Document.YAML to what they come
// from in the source. What the source has no counterpart of is where the object
// around it comes from.
func (d *Document) Places() map[Place]Place {
	var written yaml.Node
	if safely(func() error { return yaml.Unmarshal(d.YAML, &written) }) != nil || len(written.Content) != 1 {
		return nil
	}
	out := map[Place]Place{}
	match(out, written.Content[0], d.tree, Place{1, 1})
	return out
}

// match walks what was written beside what it was written from, which is the same
// tree.
func match(out map[Place]Place, written, from *yaml.Node, around Place) {
	if from.Line > 0 {
		around = Place{from.Line, from.Column}
	}
	note := func(n *yaml.Node, at Place) {
		if key := (Place{n.Line, n.Column}); out[key] == (Place{}) {
			out[key] = at
		}
	}
	note(written, around)
	if written.Kind != from.Kind || len(written.Content) != len(from.Content) {
		return
	}
	if written.Kind != yaml.MappingNode {
		for i := range written.Content {
			match(out, written.Content[i], from.Content[i], around)
		}
		return
	}
	for i := 0; i+1 < len(written.Content); i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		at := around
		switch {
		case key.Line > 0:
			at = Place{key.Line, key.Column}
		case value.Line > 0:
			at = Place{value.Line, value.Column}
		}
		out[Place{written.Content[i].Line, written.Content[i].Column}] = at
		match(out, written.Content[i+1], value, at)
	}
}
