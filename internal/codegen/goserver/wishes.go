package goserver

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/banyan-go/banyan/config"
)

// wish is something that needs a name in a Go scope.
type wish struct {
	// text is its name in the contract, asked the one that x-go-name wants.
	text, asked string
	// before stands in front of the name, such as an enum's in front of its
	// constants.
	before string
	// kind ends a name that something of another kind has, such as Schema.
	kind string
	// what it is, for people, and where.
	what string
	pos  config.Pos
}

// nameAll gives every wish a name that nothing else in the scope has. What
// somebody asked for comes first, then names that are Go names as they stand,
// then those that nobody else wants. Names that several want are told apart by
// rule: a name that another kind of thing has gets its kind, one with symbols
// gets them in words, and the rest is numbered in the order of the names in the
// contract. So nothing that is added changes a name that it does not collide
// with.
func (p *prep) nameAll(taken scope, wishes []wish) []string {
	out := make([]string, len(wishes))
	owner := map[string]string{}
	grant := func(i int, name string) {
		out[i] = taken.take(name)
		owner[out[i]] = wishes[i].what + " at " + wishes[i].pos.String()
	}
	var plain, rest []int
	for i, w := range wishes {
		switch {
		case w.asked != "":
			if taken[w.asked] {
				p.list.Add(ruleGoName, w.pos, fmt.Sprintf("the Go name %s is taken by %s", w.asked, cmp.Or(owner[w.asked], p.ownerOf(w.asked))), "choose another x-go-name")
			}
			grant(i, w.asked)
		case p.words.goName(w.text) == w.text:
			plain = append(plain, i)
		default:
			rest = append(rest, i)
		}
	}
	order := func(a, b int) int { return cmp.Compare(wishes[a].text, wishes[b].text) }
	slices.SortStableFunc(plain, order)
	slices.SortStableFunc(rest, order)
	wanted := map[string]int{}
	for _, i := range rest {
		wanted[p.short(wishes[i])]++
	}
	var contested []int
	for _, i := range plain {
		if taken[p.short(wishes[i])] {
			contested = append(contested, i)
			continue
		}
		grant(i, p.short(wishes[i]))
	}
	for _, i := range rest {
		if name := p.short(wishes[i]); !taken[name] && wanted[name] == 1 {
			grant(i, name)
		} else {
			contested = append(contested, i)
		}
	}
	for _, i := range contested {
		w := wishes[i]
		name := p.short(w)
		other := owner[name]
		if long := w.before + p.words.longName(w.text); taken[name] && other == "" && w.kind != "" {
			name += w.kind
		} else if long != name && !taken[long] {
			name = long
		}
		grant(i, name)
		if out[i] != p.short(w) {
			p.note(w, p.short(w), out[i], cmp.Or(owner[p.short(w)], p.ownerOf(p.short(w))))
		}
	}
	return out
}

// generatedItself has the names that nobody chose.
const generatedItself = "the generated package itself"

// short is what a wish is called when it collides with nothing.
func (p *prep) short(w wish) string { return w.before + p.words.goName(w.text) }

// names is a scope that knows who has which name in it. What it has from the
// start belongs to whole.
type names struct {
	scope
	whole string
	owner map[string]string
}

func newNames(whole string, reserved ...string) names {
	return names{newScope(reserved...), whole, map[string]string{}}
}

// take gives something a name, or one with a number, and notes it then. what it
// is, for people, and where.
func (p *prep) take(n names, name, what string, pos config.Pos) string {
	got := n.take(name)
	if got != name {
		p.note(wish{what: what, pos: pos}, name, got, cmp.Or(n.owner[name], n.whole))
	}
	n.owner[got] = what + " at " + pos.String()
	return got
}

// note says that something is not called what it would be called alone.
func (p *prep) note(w wish, short, name, other string) {
	p.list.Note(ruleGoName, w.pos, fmt.Sprintf("%s is %s in Go, because %s is taken by %s", w.what, name, short, other))
}

// ownerOf says who has a name of the package, as far as people chose it.
func (p *prep) ownerOf(name string) string {
	if fixedNames[name] {
		return generatedItself
	}
	for _, key := range sortedKeys(p.components) {
		if p.components[key] == name {
			return fmt.Sprintf("the schema %s at %s", key, p.schemas()[key].Pos)
		}
	}
	if pos, ok := p.within[name]; ok {
		return "what stands at " + pos.String()
	}
	return "something of another kind"
}
