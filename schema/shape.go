package schema

import (
	"maps"
	"slices"
	"sync"
)

// noteNames remembers the names of the properties of fresh nodes, for shapes:
// pointers in which every other step is a *, so that there are few, and nothing
// that a client or PHP made up is in them. Others may be reading the names that
// were noted before.
func (c *compiler) noteNames() {
	all := map[string]bool{}
	if old := c.declared.Load(); old != nil {
		maps.Copy(all, *old)
	}
	before := len(all)
	for _, n := range c.fresh {
		if n.object == nil {
			continue
		}
		for i, name := range n.object.table.Names() {
			if n.object.properties[i].declared {
				all[name] = true
			}
		}
	}
	if len(all) > before {
		c.declared.Store(&all)
	}
}

// tally adds the edits, which are in order, to counts by place and rule.
func (s *state) tally(counts []Coercion) []Coercion {
	shapes := &s.doc.compiler.shapes
	for i := range s.edits {
		e := &s.edits[i]
		if e.value < 0 || i > 0 && e.equal(&s.edits[i-1]) {
			continue
		}
		pointer, ok := shapes.of(e.path)
		if !ok {
			s.findShapes()
			pointer, _ = shapes.of(e.path)
		}
		at := slices.IndexFunc(counts, func(c Coercion) bool { return c.Rule == e.rule && c.Pointer == pointer })
		if at < 0 {
			counts = append(counts, Coercion{Pointer: pointer, Rule: e.rule})
			at = len(counts) - 1
		}
		counts[at].Count++
	}
	return counts
}

// findShapes finds the pointers of all edits, which takes another pass.
func (s *state) findShapes() {
	var offsets []int
	for i := range s.edits {
		if e := &s.edits[i]; e.value >= 0 {
			offsets = append(offsets, e.value)
		}
	}
	c := s.doc.compiler
	l := locator{data: s.data, shape: true, names: c.declared.Load()}
	offsets, pointers := l.locate(offsets)
	for i := range s.edits {
		if e := &s.edits[i]; e.value >= 0 {
			k, _ := slices.BinarySearch(offsets, e.value)
			c.shapes.put(e.path, pointers[k])
		}
	}
}

// shapes knows the pointers of paths. Both come from schemas alone, and there
// are few. It is safe for concurrent use.
type shapes struct {
	mu    sync.RWMutex
	known map[uint64]string
}

func (s *shapes) of(path uint64) (pointer string, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	pointer, ok = s.known[path]
	return pointer, ok
}

func (s *shapes) put(path uint64, pointer string) {
	const most = 8192 // schemas that refer to themselves have paths without end
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= most {
		s.known = map[uint64]string{}
	}
	s.known[path] = pointer
}
