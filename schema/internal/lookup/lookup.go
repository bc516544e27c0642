// Package lookup finds a name in a fixed set without hashing all of it.
package lookup

import (
	"encoding/binary"
	"math/bits"
)

// Table maps each of a fixed set of names to its index. The zero Table is empty.
// It is safe for concurrent use.
type Table struct {
	names []string
	slots []slot
	seed  uint64
	shift uint8
}

// slot is one place of the table; further names of the same place follow by next.
type slot struct {
	index int32 // -1: empty
	next  int32 // 0: none
}

// New returns the table of names, which must differ from each other.
func New(names []string) Table {
	t := Table{names: names}
	if len(names) == 0 {
		return t
	}
	size := max(bits.Len(uint(2*len(names)-1)), 2)
	tries := 0
	for seed := uint64(0x9e3779b97f4a7c15); ; seed = seed*6364136223846793005 + 1442695040888963407 | 1 {
		collisions := t.fill(seed, size)
		if collisions == 0 {
			return t
		}
		tries++
		if tries == 200 {
			size++ // a sparser table; still at most eight places for a name
		}
		if tries == 400 || len(names) > 64 && tries == 4 {
			return t // short chains: names are many, or alike in length, head and tail
		}
	}
}

func (t *Table) fill(seed uint64, size int) (collisions int) {
	t.seed, t.shift = seed, uint8(64-size)
	t.slots = make([]slot, 1<<size, 1<<size+len(t.names))
	for i := range t.slots {
		t.slots[i].index = -1
	}
	for i, name := range t.names {
		at := hash([]byte(name)) * seed >> t.shift
		if t.slots[at].index < 0 {
			t.slots[at].index = int32(i)
			continue
		}
		collisions++
		t.slots = append(t.slots, slot{int32(i), t.slots[at].next})
		t.slots[at].next = int32(len(t.slots) - 1)
	}
	return collisions
}

// Find returns the index of name, or -1.
func (t *Table) Find(name []byte) int {
	if len(t.slots) == 0 {
		return -1
	}
	s := &t.slots[hash(name)*t.seed>>t.shift]
	for s.index >= 0 {
		if t.names[s.index] == string(name) {
			return int(s.index)
		}
		if s.next == 0 {
			break
		}
		s = &t.slots[s.next]
	}
	return -1
}

// Names returns the names in the order of their indexes. It must not be changed.
func (t *Table) Names() []string { return t.names }

// hash mixes length, head and tail: enough to tell the names of one object apart.
func hash(b []byte) uint64 {
	var head, tail uint64
	switch n := len(b); {
	case n >= 8:
		head, tail = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		head, tail = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		head, tail = uint64(b[0]), uint64(b[n/2])<<8|uint64(b[n-1])
	}
	h := (head ^ bits.RotateLeft64(tail, 29) ^ uint64(len(b))<<56) * 0xd6e8feb86659fd93
	return h ^ h>>32
}
