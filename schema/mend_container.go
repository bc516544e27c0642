package schema

import (
	"slices"
	"strconv"

	"github.com/banyan-go/banyan/schema/internal/scan"
)

// mendList mends an array where only an object is allowed: an empty one, or
// one that stands for a map from its indexes. PHP has one type for both. It
// returns false as first result when it changed nothing and read nothing.
func (s *state) mendList(n *node) (mended, ok bool) {
	if s.sink != mending || n.types&kindObject == 0 {
		return false, true
	}
	start := s.pos
	first := scan.Space(s.data, start+1)
	if first < len(s.data) && s.data[first] == ']' {
		if !s.how.Rules.Has(EmptyList) || !s.fits(n, []byte("{}")) {
			return false, true
		}
		s.pos = first + 1
		s.edit(start, s.pos, []byte("{}"), EmptyList, start)
		return true, true
	}
	if !s.how.Rules.Has(ListForm) || !n.isMap() || !s.wellFormed(start) {
		return false, !s.dead
	}
	s.edit(start, start+1, []byte("{"), ListForm, start)
	for i := 0; ; i++ {
		s.pos = scan.Space(s.data, s.pos+1) // past the bracket or the comma
		from := len(s.arena)
		s.arena = strconv.AppendInt(append(s.arena, '"'), int64(i), 10)
		name := s.arena[from+1:]
		s.arena = append(s.arena, '"', ':')
		s.edit(s.pos, s.pos, s.arena[from:], ListForm, -1)
		if !s.mendPart(n.memberNode(s, name)) {
			return true, false
		}
		if s.pos = scan.Space(s.data, s.pos); s.data[s.pos] == ']' {
			break
		}
	}
	s.edit(s.pos, s.pos+1, []byte("}"), ListForm, -1)
	s.pos++
	return true, true
}

// isMap reports whether a schema of objects is about names that it does not
// list.
func (n *node) isMap() bool {
	o := n.object
	if o == nil {
		return !n.compound // any object; alternatives may know better
	}
	for i := range o.properties {
		if o.properties[i].declared {
			return false
		}
	}
	return len(o.groups) > 0 || o.additional == nil || o.additional.accepts != 0
}

// memberNode returns the schema of the member of that name in a map.
func (n *node) memberNode(s *state, name []byte) *node {
	if o := n.object; o != nil {
		if i := o.table.Find(name); i >= 0 {
			return o.properties[i].node
		}
		if o.additional != nil {
			return o.additional
		}
		if len(o.groups) == 1 {
			g := &o.groups[0]
			for i := range g.patterns {
				if ok, err := g.patterns[i].pattern.Match(name); ok && err == nil {
					return g.patterns[i].node
				}
			}
			if g.additional != nil {
				return g.additional
			}
		}
	}
	return s.doc.compiler.anything
}

// mendObject mends an object where only an array or a date is allowed. It
// returns as mendList does.
func (s *state) mendObject(n *node) (mended, ok bool) {
	if s.sink != mending || n.types&(kindArray|kindString) == 0 {
		return false, true
	}
	start := s.pos
	if !s.wellFormed(start) {
		return false, !s.dead
	}
	switch {
	case n.types&kindArray != 0:
		return s.mendMap(n, start)
	case s.how.Rules.Has(DateForm):
		return s.mendDateTime(n, start), true
	}
	return false, true
}

// entry is a member of an object that stands for a list.
type entry struct{ index, from, end int }

// mendMap mends an object whose names are the indexes of a list, in their
// order: what json_encode makes of a list with holes.
func (s *state) mendMap(n *node, start int) (mended, ok bool) {
	if !s.how.Rules.Has(ListForm) {
		return false, true
	}
	var few [32]entry
	list, whole := s.entries(few[:0], start)
	if !whole {
		return false, true
	}
	end := scan.Skip(s.data, start)
	if len(list) == 0 {
		if !s.fits(n, []byte("[]")) {
			return false, true
		}
		s.pos = end
		s.edit(start, end, []byte("[]"), ListForm, start)
		return true, true
	}
	ordered := slices.IsSortedFunc(list, byIndex)
	if !ordered {
		slices.SortFunc(list, byIndex)
	}
	if twice := slices.CompactFunc(slices.Clone(list), func(a, b entry) bool { return a.index == b.index }); len(twice) < len(list) {
		return false, true
	}
	mark := len(s.edits)
	items := n.array
	if items == nil {
		items = noArray
	}
	for i, e := range list {
		item := items.items
		if i < len(items.prefix) {
			item = items.prefix[i]
		}
		if item == nil {
			item = s.doc.compiler.anything
		}
		if s.pos = e.from; !s.mendPart(item) {
			return true, false
		}
	}
	s.listOf(list, mark, start, end)
	s.pos = end
	return true, true
}

func byIndex(a, b entry) int { return a.index - b.index }

// listOf notes the list that replaces an object; what was mended in it since
// mark goes along, and is counted still.
func (s *state) listOf(list []entry, mark, start, end int) {
	inner := s.order(mark)
	from := len(s.arena)
	text := append(s.arena, '[')
	for i, e := range list {
		if i > 0 {
			text = append(text, ',')
		}
		low, _ := slices.BinarySearchFunc(inner, e.from, func(x edit, at int) int { return x.at - at })
		high := low
		for high < len(inner) && inner[high].at < e.end {
			high++
		}
		text = s.splice(text, inner[low:high], e.from, e.end)
	}
	s.arena = append(text, ']')
	s.recheck = true
	s.edits = slices.Insert(s.edits, mark, edit{start, end, s.arena[from:], ListForm, start, s.path})
}

// entries lists the members of a well-formed object; whole is false when a
// name is no index, or when there are indexes that no list has.
func (s *state) entries(list []entry, start int) (_ []entry, whole bool) {
	const most = 1 << 31
	data := s.data
	for i := scan.Space(data, start+1); data[i] != '}'; {
		end, _, _ := scan.String(data, i+1)
		name := data[i+1 : end]
		index := 0
		if len(name) == 0 || len(name) > 10 || len(name) > 1 && name[0] == '0' {
			return list, false
		}
		for _, c := range name {
			if c-'0' > 9 {
				return list, false
			}
			index = index*10 + int(c-'0')
		}
		if index >= most {
			return list, false
		}
		from := scan.Space(data, scan.Space(data, end+1)+1)
		i = scan.Skip(data, from)
		list = append(list, entry{index, from, i})
		if i = scan.Space(data, i); data[i] == ',' {
			i = scan.Space(data, i+1)
		}
	}
	return list, true
}

// mendDateTime mends a DateTime that json_encode has written as an object:
//
//	{"date":"2026-11-22 10:00:00.000000","timezone_type":3,"timezone":"Europe/Berlin"}
func (s *state) mendDateTime(n *node, start int) bool {
	format := n.dateFormat()
	at, zone := s.memberOf(start, "date"), s.memberOf(start, "timezone")
	if format == "" || at < 0 || zone < 0 || s.memberOf(start, "timezone_type") < 0 || s.count(start) != 3 {
		return false
	}
	end := scan.Skip(s.data, start)
	date, ok := s.plainText(at)
	name, named := s.plainText(zone)
	from := len(s.arena)
	if ok && named {
		var out []byte
		if out, ok = serialised(append(s.arena, '"'), date, string(name), format); ok {
			s.arena = append(out, '"')
			if s.fits(n, s.arena[from:]) {
				s.pos = end
				s.edit(start, end, s.arena[from:], DateForm, start)
				return true
			}
		}
	}
	s.arena = s.arena[:from]
	return false
}

// plainText is the text of the string at an offset; not ok for anything else
// and for strings with escapes other than \/.
func (s *state) plainText(at int) (text []byte, ok bool) {
	if s.data[at] != '"' {
		return nil, false
	}
	end, shape, _ := scan.String(s.data, at+1)
	text = s.data[at+1 : end]
	if shape&scan.Escaped != 0 {
		text = scan.Unescape(nil, text)
	}
	return text, len(text) <= maxDateText
}

// count counts the members of a well-formed object.
func (s *state) count(start int) (n int) {
	data := s.data
	for i := scan.Space(data, start+1); data[i] != '}'; n++ {
		end, _, _ := scan.String(data, i+1)
		i = scan.Space(data, scan.Skip(data, scan.Space(data, scan.Space(data, end+1)+1)))
		if data[i] == ',' {
			i = scan.Space(data, i+1)
		}
	}
	return n
}

// wellFormed reports whether the value at an offset is JSON. pos is left where
// it was; a fault ends everything.
func (s *state) wellFormed(at int) bool {
	sink, depth, marks, bits := s.sink, s.depth, len(s.marks), len(s.bits)
	s.sink = quiet
	s.pos = at
	ok := s.plain(s.doc.compiler.anything) && s.spend(s.pos-at)
	s.sink, s.depth, s.marks, s.bits = sink, depth, s.marks[:marks], s.bits[:bits]
	s.pos = at
	return ok && !s.dead
}
