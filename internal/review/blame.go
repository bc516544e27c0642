package review

import (
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// suspects finds the changes that a break of a symbol may come from, by the operations
// and schemas that they are about.
type suspects struct {
	of map[string]*neighbours
	// broken are the symbols that are gone or something else, by name.
	broken map[string]SurfaceChange
}

// neighbours are the changes of one operation or schema: those at a pointer, those
// below one, and those of schemas that the operation holds.
type neighbours struct {
	at, below map[string][]*Change
	through   []*Change
}

func suspectsAmong(changes []*Change, broken []SurfaceChange) *suspects {
	out := &suspects{of: map[string]*neighbours{}, broken: map[string]SurfaceChange{}}
	for _, sc := range broken {
		out.broken[sc.Symbol] = sc
	}
	for _, c := range changes {
		own := []string{c.Place}
		pointer := c.Pointer
		switch c.Rule {
		case "schema-renamed":
			own = append(own, "schema "+c.Old)
		case "component-reference-changed":
			out.add(c, "response "+c.Old, "")
			out.add(c, "body "+c.Old, "")
		case "extension-changed": // says something of what it stands at
			pointer = pointer[:max(0, strings.LastIndexByte(pointer, '/'))]
		}
		if strings.HasPrefix(c.Rule, "security-") {
			// They change who is let in, and of the rest of an operation nothing.
			out.place("security").at[""] = append(out.place("security").at[""], c)
			if c.Place != "security" {
				out.place(c.Place).at[c.Pointer] = append(out.place(c.Place).at[c.Pointer], c)
			}
			continue
		}
		for _, place := range own {
			out.add(c, place, pointer)
		}
		for place, pointers := range c.uses {
			switch {
			case slices.Contains(own, place):
			case strings.HasPrefix(c.Place, "schema "):
				n := out.place(place)
				n.through = append(n.through, c)
			default:
				out.add(c, place, pointers...)
				if c.Rule == "extension-changed" {
					out.add(c, place, pointer)
				}
			}
		}
	}
	return out
}

func (s *suspects) place(name string) *neighbours {
	if s.of[name] == nil {
		s.of[name] = &neighbours{at: map[string][]*Change{}, below: map[string][]*Change{}}
	}
	return s.of[name]
}

// ofMedia is the media type in the pointer of a message that has several.
var ofMedia = regexp.MustCompile(`^(/[^/]+)/[^/~]+~1[^/]+`)

func (s *suspects) add(c *Change, place string, pointers ...string) {
	n := s.place(place)
	note := func(of map[string][]*Change, pointer string) {
		if !slices.Contains(of[pointer], c) {
			of[pointer] = append(of[pointer], c)
		}
	}
	for _, p := range pointers {
		note(n.at, p)
		for above := range ancestors(p) {
			note(n.below, above)
		}
		// Which of the two versions has several media types, the symbol does not know.
		if short := ofMedia.ReplaceAllString(p, "$1"); short != p && !strings.HasPrefix(c.Rule, "media-type-") {
			note(n.at, short)
		}
	}
}

// ancestors are the pointers above a pointer, the nearest first.
func ancestors(pointer string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := strings.LastIndexByte(pointer, '/'); i >= 0; i = strings.LastIndexByte(pointer, '/') {
			if pointer = pointer[:i]; !yield(pointer) {
				return
			}
		}
	}
}

// culprits are the changes that a break of a symbol comes from: the nearest ones that
// can do such a thing. There are several where they cannot be told apart.
func (s *suspects) culprits(sc SurfaceChange) []*Change { return s.trace(sc, nil) }

// trace is culprits for a symbol that was met on the way from others.
func (s *suspects) trace(sc SurfaceChange, from []string) []*Change {
	n := s.of[sc.Place]
	if n == nil {
		n = &neighbours{}
	}
	did := sc.touched()
	if list := able(n.at[sc.Pointer], surely, did); len(list) > 0 {
		return meant(list, sc)
	}
	if list := s.throughNames(sc, append(from, sc.Symbol)); len(list) > 0 {
		return list
	}
	rings := s.around(n, sc)
	for _, sure := range []func(does) touch{surely, perhaps} {
		for _, ring := range rings {
			if list := able(ring, sure, did); len(list) > 0 {
				return list
			}
		}
	}
	if list := able(n.through, surely, did); len(list) > 0 {
		return list
	}
	return able(n.through, perhaps, did)
}

// around are the changes about a symbol's place, the nearest first: at it, below it, of
// messages before those of schemas, and above it.
func (s *suspects) around(n *neighbours, sc SurfaceChange) [][]*Change {
	messages, schemas := split(n.below[sc.Pointer])
	rings := append([][]*Change{n.at[sc.Pointer]}, byDepth(messages)...)
	rings = append(rings, schemas)
	if whole := ofMedia.ReplaceAllString(sc.Pointer, "$1"); whole != sc.Pointer {
		others, _ := split(n.below[whole])
		rings = append(rings, others) // what one of two bodies is called, hangs on the other
	}
	for above := range ancestors(sc.Pointer) {
		rings = append(rings, n.at[above])
	}
	if operation, callback, found := strings.Cut(sc.Place, " callback "); found && s.of[operation] != nil {
		name, _, _ := strings.Cut(callback, " ")
		rings = append(rings, s.of[operation].at["/callbacks/"+jsonpointer.Escape(name)])
	}
	return rings
}

// throughNames are the changes that broke the types which a symbol was made of and is
// not any more.
func (s *suspects) throughNames(sc SurfaceChange, from []string) (out []*Change) {
	now := identifiers(sc.New)
	for _, name := range identifiers(sc.Old) {
		inner, broken := s.broken[name]
		if sc.New != "" && slices.Contains(now, name) || !broken || slices.Contains(from, name) || len(from) > maxTrace {
			continue
		}
		for _, c := range s.trace(inner, from) {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// maxTrace bounds how many types deep the cause of a break is looked for.
const maxTrace = 8

var word = regexp.MustCompile(`[\pL_][\pL\pN_]*`)

func identifiers(signature string) []string { return word.FindAllString(signature, -1) }

func surely(d does) touch  { return d.surely }
func perhaps(d does) touch { return d.perhaps }

// able are the changes that do such a thing to code.
func able(list []*Change, sure func(does) touch, did touch) (out []*Change) {
	for _, c := range list {
		if sure(touches[c.Rule])&did != 0 {
			out = append(out, c)
		}
	}
	return out
}

// split parts changes of parameters, bodies and answers from those of their schemas.
func split(list []*Change) (messages, schemas []*Change) {
	for _, c := range list {
		if slices.ContainsFunc(schemaRules, func(r rule) bool { return r.id == c.Rule }) || slices.ContainsFunc(objectRules, func(r rule) bool { return r.id == c.Rule }) {
			schemas = append(schemas, c)
		} else {
			messages = append(messages, c)
		}
	}
	return messages, schemas
}

// byDepth puts changes into rings, those at the shortest pointers first.
func byDepth(list []*Change) (rings [][]*Change) {
	depth := func(c *Change) int { return strings.Count(c.Pointer, "/") }
	sorted := slices.SortedStableFunc(slices.Values(list), func(a, b *Change) int { return depth(a) - depth(b) })
	for i, c := range sorted {
		if i == 0 || depth(c) > depth(sorted[i-1]) {
			rings = append(rings, nil)
		}
		rings[len(rings)-1] = append(rings[len(rings)-1], c)
	}
	return rings
}

// meant leaves of the values of one enum the one that a constant is named after.
func meant(list []*Change, sc SurfaceChange) []*Change {
	named := slices.DeleteFunc(slices.Clone(list), func(c *Change) bool {
		value := plain(c.Old)
		return !strings.HasPrefix(c.Rule, "enum-value-") || value == "" || !strings.HasSuffix(plain(sc.Symbol), value)
	})
	if len(named) == 0 {
		return list
	}
	slices.SortStableFunc(named, func(a, b *Change) int { return len(plain(b.Old)) - len(plain(a.Old)) })
	return named[:1]
}

var unspoken = regexp.MustCompile(`[^\pL\pN]+`)

// plain is a name without what names in Go do without.
func plain(text string) string { return strings.ToLower(unspoken.ReplaceAllString(text, "")) }
