package swagger2

import (
	"github.com/banyan-go/banyan/config"
	"go.yaml.in/yaml/v3"
)

// Place is a line and a column, both from 1.
type Place struct{ Line, Column int }

// Places goes from where names and values stand in Document.YAML to what they come
// from, in the source or in a file that it refers to. What has no counterpart there
// is where the object around it comes from.
func (d *Document) Places() map[Place]config.Pos {
	var written yaml.Node
	if safely(func() error { return yaml.Unmarshal(d.YAML, &written) }) != nil || len(written.Content) != 1 {
		return nil
	}
	m := matching{d.at, map[Place]config.Pos{}}
	m.match(written.Content[0], d.tree, config.Pos{File: d.at(nil).File, Line: 1, Col: 1})
	return m.out
}

type matching struct {
	at  func(*yaml.Node) config.Pos
	out map[Place]config.Pos
}

// match walks what was written beside what it was written from, which is the same
// tree.
func (m matching) match(written, from *yaml.Node, around config.Pos) {
	if from.Line > 0 {
		around = m.at(from)
	}
	if key := (Place{written.Line, written.Column}); m.out[key] == (config.Pos{}) {
		m.out[key] = around
	}
	if written.Kind != from.Kind || len(written.Content) != len(from.Content) {
		return
	}
	if written.Kind != yaml.MappingNode {
		for i := range written.Content {
			m.match(written.Content[i], from.Content[i], around)
		}
		return
	}
	for i := 0; i+1 < len(written.Content); i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		at := around
		switch {
		case key.Line > 0:
			at = m.at(key)
		case value.Line > 0:
			at = m.at(value)
		}
		m.out[Place{written.Content[i].Line, written.Content[i].Column}] = at
		m.match(written.Content[i+1], value, at)
	}
}
