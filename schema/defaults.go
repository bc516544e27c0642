package schema

import (
	"bytes"
	"slices"
)

// patch is a change to the text: what replaces data[at:end], or, when they are
// the same, a member to add before the closing brace there.
type patch struct {
	at, end int
	text    []byte
	name    int  // the length of a member's "name":
	empty   bool // the object has no members of its own
}

// addDefaults notes the members that an object lacks and the contract supplies.
func (s *state) addDefaults(m *members) {
	for _, d := range m.rules.defaults {
		if m.has(d.property) || m.rules.properties[d.property].forbid[s.mode] != nil {
			continue
		}
		brace := s.pos - 1
		s.patches = append(s.patches, patch{brace, brace, d.text, d.name, m.count == 0})
	}
}

// patched appends the text with its changes to dst.
func (s *state) patched(dst []byte) []byte {
	slices.SortStableFunc(s.patches, func(a, b patch) int { return a.at - b.at })
	from, first := 0, 0 // first: of the members for the same brace
	for i, p := range s.patches {
		if p.at != s.patches[first].at {
			first = i
		}
		if slices.ContainsFunc(s.patches[first:i], p.repeats) {
			continue // alternatives have noted the same twice
		}
		dst = append(dst, s.data[from:p.at]...)
		from = p.end
		if p.name > 0 && (!p.empty || i > first) {
			dst = append(dst, ',')
		}
		dst = append(dst, p.text...)
	}
	return append(dst, s.data[from:]...)
}

// repeats reports whether p supplies the same member of the same object as o,
// or changes the same number.
func (p patch) repeats(o patch) bool {
	return p.name == o.name && bytes.Equal(p.text[:p.name], o.text[:o.name])
}

// defaults gives the fresh nodes the members that they supply. A default that
// its own schema refuses is not supplied: the contract would break itself.
func (c *compiler) defaults() {
	if len(c.faults) > 0 {
		return
	}
	for _, n := range c.fresh {
		if n.object == nil {
			continue
		}
		for i := range n.object.properties {
			p := n.object.properties[i].node
			if p.defaultValue == nil {
				continue
			}
			if v := (&Schema{c.doc, p}).Validate(p.defaultValue, Plain); len(v) > 0 {
				c.warnings = append(c.warnings, c.doc.fault(p.at+"/default", "is not supplied: it breaks its own schema: %s", v[0]))
				continue
			}
			name := append(quoteJSON(nil, n.object.table.Names()[i]), ':')
			n.object.defaults = append(n.object.defaults, defaultMember{i, append(name, p.defaultValue...), len(name)})
		}
	}
	c.nestedDefaults()
}

// nestedDefaults completes defaults that are objects by the defaults of what
// these lack in turn, as far as a contract can reasonably mean it.
func (c *compiler) nestedDefaults() {
	const maxRounds, maxSize = 8, 64 << 10
	for range maxRounds {
		changed := false
		for _, n := range c.fresh {
			if n.object == nil {
				continue
			}
			for i := range n.object.defaults {
				d := &n.object.defaults[i]
				value := d.text[d.name:]
				filled, v := (&Schema{c.doc, n.object.properties[d.property].node}).WithDefaults(nil, value, Plain)
				if len(v) > 0 || len(filled) > maxSize || bytes.Equal(filled, value) {
					continue
				}
				d.text = append(slices.Clone(d.text[:d.name]), filled...)
				changed = true
			}
		}
		if !changed {
			return
		}
	}
}
