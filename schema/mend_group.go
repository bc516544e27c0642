package schema

import "bytes"

// mendGroup mends a value that no alternative fits, when there is exactly one
// that it fits afterwards, or when all that it fits afterwards agree about it.
// Otherwise it is left alone, and the violation is noted.
func (s *state) mendGroup(g *group, start int) bool {
	if !s.wellFormed(start) {
		return !s.dead
	}
	mark, found := len(s.edits), 0
	faults := s.faults
	var chosen []edit
	var result []byte
	end := start
	for i := range g.branches {
		n := g.branches[i].node
		s.again(n, start)
		if s.dead {
			return false
		}
		end = s.pos
		edits := s.order(mark)
		if len(edits) > 0 {
			text := s.splice(nil, edits, start, end)
			switch {
			case !s.fits(n, text):
			case found == 0 || g.exactlyOne || !bytes.Equal(text, result):
				found++
				chosen, result = append(chosen[:0], edits...), text
			}
		}
		s.edits = s.edits[:mark]
	}
	s.faults = faults
	if found != 1 || !s.fitsGroup(g, result) {
		return s.report(start, g.none)
	}
	s.edits = append(s.edits, chosen...)
	return true
}

// fitsGroup reports whether a text fits the alternatives as they want it.
func (s *state) fitsGroup(g *group, text []byte) bool {
	fitting := 0
	for i := range g.branches {
		if s.fits(g.branches[i].node, text) {
			fitting++
		}
	}
	return fitting == 1 || fitting > 0 && !g.exactlyOne
}
