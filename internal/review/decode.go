package review

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/sample"
	"github.com/banyan-go/banyan/schema"
)

// Decode reads a JSON value of a schema of the base's document as shipped client code
// does. It returns what cannot be read, as JSON pointer and reason, and whether it
// knows.
type Decode func(of *openapi.SchemaRef, value []byte) (misfits map[string]string, known bool)

// Undecodable is an answer that old client code cannot read.
type Undecodable struct {
	// Target generated the code, such as "goserver".
	Target string `json:"target"`
	// Value is what is answered, or the component in it that changed, as JSON.
	Value string `json:"value"`
	// Pointer is where in the value decoding fails, and Reason why.
	Pointer string `json:"pointer"`
	Reason  string `json:"reason"`
}

// decodeByRule says whether a decoder that was shipped reads the new answers, as far
// as the kind of change tells: it minds types and presence, and takes any text for an
// enum.
func decodeByRule(c *Change) Verdict {
	if !rules[c.Rule].decode {
		return OK
	}
	return c.answers
}

// trial runs old decoders on samples of what a contract allows now.
type trial struct {
	decoders map[string]Decode
	was, is  *engine
	samples  sample.Maker
	// attempts are those of the last value and schema.
	value    *whole
	schema   *openapi.Schema
	attempts []*attempt
}

// try runs the decoders of a service that changed, where the base has some.
func (s *Service) try(decoders func(*contract.Workspace, *contract.Contract, *openapi.Document) map[string]Decode, was, is *contract.Workspace) {
	old := was.Service(s.Name)
	if !slices.ContainsFunc(s.Changes, func(c *Change) bool { return c.answers > OK && c.sent != nil }) {
		return
	}
	if made := decoders(was, old, s.base); len(made) > 0 {
		t := &trial{decoders: made, was: newEngine(old), is: newEngine(is.Service(s.Name))}
		t.judge(s.Changes)
	}
}

// judge replaces what the kind of change tells by what running the decoders shows.
func (t *trial) judge(changes []*Change) {
	for _, c := range changes {
		if c.answers == OK || c.sent == nil {
			continue // for clients that read nothing changed, or no value did
		}
		failed, tried := t.run(c.sent)
		switch {
		case failed != nil:
			c.Decode, c.Undecodable = Breaks, failed
			if c.told {
				c.Decode = Undecided
			}
			c.Why = append(c.Why, failed.sentence())
		case tried:
			c.Decode = OK
		default:
			c.Decode = min(c.Decode, Undecided)
		}
	}
}

// sentence says what does not decode, briefly.
func (u *Undecodable) sentence() string {
	where := ""
	if u.Pointer != "" {
		where = " at " + u.Pointer
	}
	return "old " + u.Target + " clients cannot decode " + shown(u.Value) + where + ": " + u.Reason
}

// run returns the shortest sample that old code cannot read where something changed,
// and whether any could be tried. Samples that were possible before show nothing.
func (t *trial) run(s *sent) (failed *Undecodable, tried bool) {
	if !s.value.json {
		return nil, false
	}
	was, is := t.was.at(s.value.baseAt), t.is.at(s.value.headAt)
	if was == nil || is == nil {
		return nil, false
	}
	if t.value != s.value || t.schema != s.schema { // one schema often has many changes
		t.value, t.schema, t.attempts = s.value, s.schema, nil
		for _, one := range t.samples.Of(s.value.head, s.schema) {
			t.attempts = append(t.attempts, &attempt{sample: one})
		}
		slices.SortStableFunc(t.attempts, func(a, b *attempt) int { return cmp.Compare(len(a.sample.JSON), len(b.sample.JSON)) })
	}
	for _, a := range t.attempts {
		if a.misfits == nil {
			a.misfits = map[string]map[string]string{}
			if is.Validate(a.sample.JSON, schema.Answer) == nil && was.Validate(a.sample.JSON, schema.Answer) != nil {
				for target, decode := range t.decoders {
					if misfits, known := decode(s.value.base, a.sample.JSON); known {
						a.misfits[target] = misfits
					}
				}
			}
		}
		for _, target := range slices.Sorted(maps.Keys(a.misfits)) {
			misfits := a.misfits[target]
			pointer, fails, reached := blamed(misfits, a.sample.At+s.member)
			if fails {
				return &Undecodable{Target: target, Value: string(a.sample.JSON), Pointer: pointer, Reason: misfits[pointer]}, true
			}
			tried = tried || reached
		}
	}
	return nil, tried
}

// attempt is what became of a sample: what each target that knows cannot read of it,
// once it was tried, and nothing where it does not show what is new.
type attempt struct {
	sample  sample.Sample
	misfits map[string]map[string]string
}

// blamed is the first misfit at a place or below it. The place is not reached where
// something around it, which is another change, cannot be read.
func blamed(misfits map[string]string, at string) (pointer string, fails, reached bool) {
	for _, p := range slices.Sorted(maps.Keys(misfits)) {
		switch {
		case p == at || strings.HasPrefix(p, at+"/"):
			return p, true, true
		case strings.HasPrefix(at, p+"/"):
			return "", false, false
		}
	}
	return "", false, true
}

// engine holds values against the schemas of a contract.
type engine struct {
	contract *contract.Contract
	doc      *schema.Document
	loaded   bool
	known    map[string]*schema.Schema
}

func newEngine(c *contract.Contract) *engine {
	return &engine{contract: c, known: map[string]*schema.Schema{}}
}

// at is the schema at a JSON pointer, or nil where there is none.
func (e *engine) at(pointer string) *schema.Schema {
	if !e.loaded {
		e.loaded = true
		if text, err := e.contract.Bundle(); err == nil {
			e.doc, _ = schema.Load(text, schema.Options{MaxViolations: 1})
		}
	}
	if e.doc == nil {
		return nil
	}
	if _, known := e.known[pointer]; !known {
		e.known[pointer], _ = e.doc.Compile(pointer)
	}
	return e.known[pointer]
}
