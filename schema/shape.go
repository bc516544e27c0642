package schema

import (
	"slices"
	"sync"
)

// noteNames remembers the names of the properties of fresh nodes, for shapes:
// pointers in which every other step is a *, so that there are few, and nothing
// that a client or PHP made up is in them. Others may be reading the names that
// were noted before.
func (c *compiler) noteNames() {
	for _, n := range c.fresh {
		if n.object == nil {
			continue
		}
		for i, name := range n.object.table.Names() {
			if n.object.properties[i].declared {
				c.declared.Store(name, true)
			}
		}
	}
}

// tally adds the edits, which are in order, to counts by place and rule.
func (s *state) tally(counts []Coercion) []Coercion {
	shapes := &s.doc.compiler.shapes
	var found []string // by edit, once a pointer is not known
	var index map[Coercion]int
	for i := range s.edits {
		e := &s.edits[i]
		if e.value < 0 || i > 0 && e.equal(&s.edits[i-1]) {
			continue
		}
		pointer, ok := shapes.of(e.path)
		if !ok {
			if found == nil {
				found = s.findShapes()
			}
			pointer = found[i]
		}
		at := -1
		if key := (Coercion{Pointer: pointer, Rule: e.rule}); len(counts) < fewCoercions {
			at = slices.IndexFunc(counts, func(c Coercion) bool { return c.Rule == e.rule && c.Pointer == pointer })
		} else {
			if index == nil {
				index = make(map[Coercion]int, len(counts))
				for k, c := range counts {
					index[Coercion{Pointer: c.Pointer, Rule: c.Rule}] = k
				}
			}
			if known, ok := index[key]; ok {
				at = known
			} else {
				index[key] = len(counts)
			}
		}
		if at < 0 {
			at = len(counts)
			counts = append(counts, Coercion{Pointer: pointer, Rule: e.rule})
		}
		counts[at].Count++
	}
	return counts
}

// fewCoercions are searched one by one.
const fewCoercions = 32

// findShapes finds the pointers of all edits that are counted, which takes
// another pass.
func (s *state) findShapes() []string {
	var offsets []int
	for i := range s.edits {
		if e := &s.edits[i]; e.value >= 0 {
			offsets = append(offsets, e.value)
		}
	}
	c := s.doc.compiler
	l := locator{data: s.data, shape: true, names: &c.declared}
	offsets, pointers := l.locate(offsets)
	out := make([]string, len(s.edits))
	for i := range s.edits {
		if e := &s.edits[i]; e.value >= 0 {
			k, _ := slices.BinarySearch(offsets, e.value)
			out[i] = pointers[k]
			c.shapes.put(e.path, pointers[k])
		}
	}
	return out
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
	if s.known == nil {
		s.known = map[uint64]string{}
	}
	if len(s.known) < most { // the others are found anew each time
		s.known[path] = pointer
	}
}
