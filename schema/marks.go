package schema

import (
	"bytes"
	"slices"

	"github.com/banyan-go/banyan/schema/internal/scan"
)

// mark remembers a name of an object or an item of an array, to find it again.
type mark struct {
	hash       uint64
	start, end uint32
}

// markTable finds marks by their hash once there are many of them.
type markTable struct {
	slots []int32 // mark + 1, relative to the first; 0 is empty
	count int
}

// fewMarks are searched one by one.
const fewMarks = 12

// search looks among the marks from base on for one that same accepts, and
// otherwise adds m. Hashes are seeded, so that no input can make them collide.
func (s *state) search(base int, table **markTable, m mark, same func(mark) bool) (int, bool) {
	own := s.marks[base:]
	if *table == nil && len(own) < fewMarks {
		for i := range own {
			if own[i].hash == m.hash && same(own[i]) {
				return i, true
			}
		}
		s.addMark(m)
		return 0, false
	}
	if *table == nil {
		*table = s.takeTable()
		for i := range own {
			(*table).add(own, i)
		}
	}
	t := *table
	for at := m.hash; ; at++ {
		slot := t.slots[at&uint64(len(t.slots)-1)]
		if slot == 0 {
			break
		}
		if i := int(slot - 1); own[i].hash == m.hash && same(own[i]) {
			return i, true
		}
	}
	s.addMark(m)
	t.add(s.marks[base:], len(own))
	return 0, false
}

// addMark appends a mark, doubling the space when it is full: append's own
// steps would leave several times as much behind.
func (s *state) addMark(m mark) {
	if n := len(s.marks); n == cap(s.marks) && n > 0 {
		s.marks = slices.Grow(s.marks, n)
	}
	s.marks = append(s.marks, m)
}

// add enters marks[i], growing the table when it is half full.
func (t *markTable) add(marks []mark, i int) {
	if 2*(t.count+1) > len(t.slots) {
		t.slots = make([]int32, 2*len(t.slots))
		t.count = 0
		for j := range i {
			t.enter(marks[j].hash, j)
		}
	}
	t.enter(marks[i].hash, i)
}

func (t *markTable) enter(hash uint64, i int) {
	for at := hash; ; at++ {
		if slot := &t.slots[at&uint64(len(t.slots)-1)]; *slot == 0 {
			*slot = int32(i) + 1
			t.count++
			return
		}
	}
}

func (s *state) takeTable() *markTable {
	if last := len(s.tables) - 1; last >= 0 {
		t := s.tables[last]
		s.tables = s.tables[:last]
		return t
	}
	return &markTable{slots: make([]int32, 64)}
}

func (s *state) giveTable(t *markTable) {
	if len(t.slots) <= maxKept/16 {
		clear(t.slots)
		t.count = 0
		s.tables = append(s.tables, t)
	}
}

// seenBefore reports whether a name that no keyword spells out occurs for the
// second time.
func (s *state) seenBefore(m *members, name []byte, from, end int) bool {
	this := mark{s.hasher.text(name), uint32(from), uint32(end)}
	if m.count == 1 {
		s.addMark(this)
		return false
	}
	_, found := s.search(m.marks, &m.table, this, func(o mark) bool {
		other := s.data[o.start:o.end]
		if bytes.IndexByte(other, '\\') >= 0 {
			other = scan.Unescape(nil, other)
		}
		return bytes.Equal(other, name)
	})
	return found
}

// equalBefore looks for an item equal to the one at data[start:end].
func (s *state) equalBefore(a *items, start, end int) (int, bool) {
	s.hasher.value(s.data, start)
	s.work += end - start
	return s.search(a.marks, &a.table, mark{s.hasher.sum, uint32(start), uint32(end)}, func(o mark) bool {
		x, err := parseElement(s.data[o.start:o.end], s.doc.options.MaxDepth)
		if err != nil {
			return false
		}
		y, err := parseElement(s.data[start:end], s.doc.options.MaxDepth)
		return err == nil && x.equal(y)
	})
}
