package pattern

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// automaton is a deterministic automaton over classes of characters. Reading
// a character is one step in a table, and no text makes it take more.
type automaton struct {
	ascii  [utf8.RuneSelf]uint8 // class of each ASCII character
	bounds []rune               // where the intervals beyond ASCII begin, ascending
	class  []uint8              // class of each of them
	width  int                  // number of classes
	next   []uint16             // row + class -> row; a state's row is its number * width
	start  int                  // the row to begin with
	live   int                  // rows from here on have decided whatever follows
	accept []verdict            // per state
}

type verdict uint8

const (
	undecided verdict = iota
	atEnd             // accepts if the text ends here
	accepted          // accepts whatever follows
	refused           // accepts nothing that follows
)

// An automaton that would be larger is not built.
const (
	maxStates = 1200
	maxCells  = 48 << 10
)

func (a *automaton) match(text []byte) bool {
	row := a.start
	for i := 0; i < len(text) && row < a.live; {
		class := uint8(0)
		if c := text[i]; c < utf8.RuneSelf {
			class = a.ascii[c]
			i++
		} else {
			r, n := utf8.DecodeRune(text[i:])
			k, found := slices.BinarySearch(a.bounds, r)
			if !found {
				k--
			}
			class = a.class[k]
			i += n
		}
		row = int(a.next[row+int(class)])
	}
	v := a.accept[row/a.width]
	return v == atEnd || v == accepted
}

// arrange moves the states that have decided behind the others and turns
// numbers of states into rows.
func (a *automaton) arrange() {
	states := len(a.accept)
	number := make([]int, states)
	n := 0
	for _, decided := range []bool{false, true} {
		for old, v := range a.accept {
			if (v == accepted || v == refused) == decided {
				number[old] = n
				n++
			}
		}
		if !decided {
			a.live = n * a.width
		}
	}
	next, accept := make([]uint16, len(a.next)), make([]verdict, states)
	for old := range states {
		accept[number[old]] = a.accept[old]
		for class := range a.width {
			next[number[old]*a.width+class] = uint16(number[a.next[old*a.width+class]] * a.width)
		}
	}
	a.next, a.accept, a.start = next, accept, number[0]*a.width
}

// newAutomaton builds the automaton of an expression in Go's syntax; nil when
// it would be too large or when the expression has word boundaries.
func newAutomaton(re2 string) *automaton {
	re, err := syntax.Parse(re2, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil || len(prog.Inst) > 8*maxStates {
		return nil
	}
	b := &builder{prog: prog, automaton: new(automaton), states: map[string]uint16{}}
	if !b.classes() || !b.determinize() {
		return nil
	}
	b.arrange()
	return b.automaton
}

type builder struct {
	*automaton
	prog   *syntax.Prog
	sample []rune // one character of each class
	states map[string]uint16
	queue  [][]uint32
	seen   []bool
}

// classes splits all characters into sets that no instruction tells apart.
func (b *builder) classes() bool {
	cuts := []rune{0, utf8.RuneSelf}
	var tests []*syntax.Inst
	for i := range b.prog.Inst {
		inst := &b.prog.Inst[i]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1:
			tests = append(tests, inst)
			if len(inst.Rune) == 1 {
				for r := inst.Rune[0]; ; {
					cuts = append(cuts, r, r+1)
					if r = unicode.SimpleFold(r); r == inst.Rune[0] {
						break
					}
				}
			}
			for k := 0; k+1 < len(inst.Rune); k += 2 {
				cuts = append(cuts, inst.Rune[k], inst.Rune[k+1]+1)
			}
		case syntax.InstRuneAnyNotNL:
			tests = append(tests, inst)
			cuts = append(cuts, '\n', '\n'+1)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
				return false
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	if len(cuts)*len(tests) > 4<<20 {
		return false
	}
	ids := map[string]uint8{}
	key := make([]byte, (len(tests)+7)/8)
	for k, low := range cuts {
		if low > unicode.MaxRune {
			break
		}
		clear(key)
		for j, inst := range tests {
			if inst.MatchRune(low) {
				key[j/8] |= 1 << (j % 8)
			}
		}
		id, ok := ids[string(key)]
		if !ok {
			if len(ids) == 255 {
				return false
			}
			id = uint8(len(ids))
			ids[string(key)] = id
			b.sample = append(b.sample, low)
		}
		if low < utf8.RuneSelf {
			for r := low; r < utf8.RuneSelf && (k+1 == len(cuts) || r < cuts[k+1]); r++ {
				b.ascii[r] = id
			}
		} else {
			b.bounds, b.class = append(b.bounds, low), append(b.class, id)
		}
	}
	b.width = len(b.sample)
	return true
}

// determinize finds the states reachable from the start.
func (b *builder) determinize() bool {
	b.seen = make([]bool, len(b.prog.Inst))
	b.state(b.closure(nil, uint32(b.prog.Start), true), "^")
	for at := 0; at < len(b.queue); at++ {
		if len(b.queue) > maxStates || len(b.queue)*b.width > maxCells {
			return false
		}
		for _, r := range b.sample {
			var set []uint32
			clear(b.seen)
			if b.accept[at] == undecided || b.accept[at] == atEnd {
				for _, pc := range b.queue[at] {
					if inst := &b.prog.Inst[pc]; inst.Op != syntax.InstMatch && inst.Op != syntax.InstEmptyWidth && inst.MatchRune(r) {
						set = b.closure(set, inst.Out, false)
					}
				}
				set = b.closure(set, uint32(b.prog.Start), false) // a match may begin anywhere
			}
			b.next = append(b.next, b.state(set, ""))
		}
	}
	return true
}

// closure adds what is reachable from pc without reading a character. It keeps
// the assertions of the end, for state to look behind them.
func (b *builder) closure(set []uint32, pc uint32, begin bool) []uint32 {
	if b.seen[pc] {
		return set
	}
	b.seen[pc] = true
	inst := &b.prog.Inst[pc]
	switch inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		set = b.closure(set, inst.Out, begin)
		return b.closure(set, inst.Arg, begin)
	case syntax.InstCapture, syntax.InstNop:
		return b.closure(set, inst.Out, begin)
	case syntax.InstEmptyWidth:
		op := syntax.EmptyOp(inst.Arg)
		if op&syntax.EmptyBeginText != 0 && !begin {
			return set
		}
		if op&syntax.EmptyEndText != 0 {
			return append(set, pc)
		}
		return b.closure(set, inst.Out, begin)
	case syntax.InstFail:
		return set
	}
	return append(set, pc)
}

// state returns the number of the state that stands for a set of instructions.
// The mark sets the start of the text apart.
func (b *builder) state(set []uint32, mark string) uint16 {
	slices.Sort(set)
	var key strings.Builder
	key.WriteString(mark)
	for _, pc := range set {
		key.WriteString(strconv.Itoa(int(pc)))
		key.WriteByte(' ')
	}
	if id, ok := b.states[key.String()]; ok {
		return id
	}
	id := uint16(len(b.queue))
	b.states[key.String()] = id
	b.queue = append(b.queue, set)
	b.accept = append(b.accept, b.verdict(set, id == 0))
	return id
}

func (b *builder) verdict(set []uint32, begin bool) verdict {
	result := refused
	clear(b.seen)
	for _, pc := range set {
		switch inst := &b.prog.Inst[pc]; inst.Op {
		case syntax.InstMatch:
			return accepted
		case syntax.InstEmptyWidth:
			if b.matchesAtEnd(inst.Out, begin) {
				result = atEnd
			}
		}
	}
	if result == atEnd {
		return atEnd
	}
	for _, pc := range set {
		if b.prog.Inst[pc].Op != syntax.InstEmptyWidth {
			return undecided
		}
	}
	if b.restarts() {
		return undecided
	}
	return refused
}

// matchesAtEnd reports whether a match is reachable from pc at the text's end.
func (b *builder) matchesAtEnd(pc uint32, begin bool) bool {
	if b.seen[pc] {
		return false
	}
	b.seen[pc] = true
	inst := &b.prog.Inst[pc]
	switch inst.Op {
	case syntax.InstMatch:
		return true
	case syntax.InstAlt, syntax.InstAltMatch:
		return b.matchesAtEnd(inst.Out, begin) || b.matchesAtEnd(inst.Arg, begin)
	case syntax.InstCapture, syntax.InstNop:
		return b.matchesAtEnd(inst.Out, begin)
	case syntax.InstEmptyWidth:
		if syntax.EmptyOp(inst.Arg)&syntax.EmptyBeginText != 0 && !begin {
			return false
		}
		return b.matchesAtEnd(inst.Out, begin)
	}
	return false
}

// restarts reports whether a match can begin after the first character.
func (b *builder) restarts() bool {
	clear(b.seen)
	return len(b.closure(nil, uint32(b.prog.Start), false)) > 0
}
