package legacyproxy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/problem"
)

// Mapping is a legacy.yaml that was read. It is never changed after Parse.
type Mapping struct {
	name       string
	file       file
	defaults   settings
	rules      []rule
	operations []*operation // in the order of the file
	named      []*named     // in the order of the file
}

// operation is one entry under operations, compiled.
type operation struct {
	settings
	requestSettings
	id  string
	pos config.Pos
}

// find returns the entry of an operation, or nil when it is not listed.
func (m *Mapping) find(id string) *operation {
	for _, op := range m.operations {
		if op.id == id {
			return op
		}
	}
	return nil
}

// MapsErrors reports whether errors that PHP answers an operation with become
// problems. Otherwise they reach clients as they are.
func (m *Mapping) MapsErrors(id string) bool {
	if op := m.find(id); op != nil {
		return op.mapped()
	}
	return m.defaults.mapped()
}

// refusesUnlisted reports whether operations without an entry are not served.
func (m *Mapping) refusesUnlisted() bool { return m.file.Unlisted.V == "refuse" }

// Check compares the mapping with the contract that it belongs to: operations
// and problem codes must exist, and variables must be parameters of the path.
func (m *Mapping) Check(s *catalog.Service) config.Faults {
	c := &checker{codes: problemCodes(s)}
	view := viewContract(s.Contract)
	for i := range s.Operations {
		c.operations = append(c.operations, s.Operations[i].ID)
	}
	c.rules(m.rules)
	mapped := func(id string) bool {
		return slices.ContainsFunc(m.operations, func(op *operation) bool { return op.id == id })
	}
	for i, op := range m.operations {
		declared := s.Operation(op.id)
		if declared == nil {
			c.fault(op.pos, config.SuggestUnused(op.id, c.operations, mapped), "service %s has no operation %q", s.Name, op.id)
		} else {
			c.variables(op, declared)
			if changed := op.status; len(changed) > 0 && !slices.Equal(changed, m.defaults.status) {
				c.statuses(changed, view.statuses(declared))
			}
			c.renames(&m.file.Operations[i].Value, declared, view)
			c.repeats(op, &m.defaults.repeatSettings, declared)
		}
		c.rules(op.rules[:len(op.rules)-len(m.rules)]) // its own; the others were checked
	}
	return sorted(c.faults)
}

func problemCodes(s *catalog.Service) map[string]problem.Kind {
	codes := map[string]problem.Kind{}
	for _, k := range slices.Concat(problem.Builtin(), s.Problems) {
		codes[k.Code] = k
	}
	return codes
}

// checker collects what Check finds.
type checker struct {
	operations []string
	codes      map[string]problem.Kind
	faults     config.Faults
}

func (c *checker) fault(pos config.Pos, hint, format string, args ...any) {
	c.faults = append(c.faults, config.Fault{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (c *checker) rules(rules []rule) {
	for _, r := range rules {
		if _, ok := c.codes[r.problem.V]; ok || !r.problem.Set() {
			continue // what is missing Parse said
		}
		var known []string
		for code := range c.codes {
			known = append(known, code)
		}
		hint := config.Suggest(r.problem.V, known)
		if hint == "" {
			hint = "declare it under x-problems of the contract"
		}
		c.fault(r.problem.Pos, hint, "the contract has no problem %q", r.problem.V)
	}
}

// variables checks that each {name} in a mapping is a parameter of the path.
func (c *checker) variables(op *operation, declared *catalog.Operation) {
	contract, err := parseTemplate(declared.Path)
	if err != nil {
		c.fault(op.pos, "", "the contract's path %s cannot be matched: %v", declared.Path, err)
		return
	}
	known := contract.variables()
	check := func(t *template, pos config.Pos) {
		for _, name := range t.variables() {
			if !slices.Contains(known, name) {
				hint := config.Suggest(name, known)
				if len(known) == 0 {
					hint = "it has no parameters"
				}
				c.fault(pos, hint, "the contract's path %s has no parameter {%s}", declared.Path, name)
			}
		}
	}
	if op.path != nil {
		check(op.path, op.path.pos)
	}
	if op.query != nil {
		for _, s := range op.query.set {
			check(s.value, s.value.pos)
		}
	}
	for _, s := range op.body.set {
		if s.text != nil {
			check(s.text, s.text.pos)
		}
	}
}

// renames checks that what is renamed is no misspelling of something that the
// contract has. A name like none of it may be one that clients send all the
// same.
func (c *checker) renames(f *operationFile, declared *catalog.Operation, view *contractView) {
	check := func(renames config.Map[config.Value[string]], known []string, what string) {
		for _, e := range renames {
			if _, near := config.Nearest(e.Key, known); near && !slices.Contains(known, e.Key) {
				c.fault(e.Pos, config.Suggest(e.Key, known), "the contract has no %s %q here", what, e.Key)
			}
		}
	}
	roots := view.queryNames(declared)
	if len(roots) > 0 {
		var plain config.Map[config.Value[string]]
		for _, e := range f.Query.Rename {
			e.Key = parseQueryName(e.Key).root
			plain = append(plain, e)
		}
		check(plain, roots, "parameter")
	}
	if f.Body != nil {
		check(f.Body.Rename, view.properties(declared), "property")
	}
}

// statuses checks that what a status becomes is declared.
func (c *checker) statuses(changes []statusChange, declared []string) {
	for _, s := range changes {
		known := slices.ContainsFunc(declared, func(d string) bool {
			return d == "default" || d == strconv.Itoa(s.to) || strings.EqualFold(d, strconv.Itoa(s.to/100)+"xx")
		})
		if !known && len(declared) > 0 {
			c.fault(s.pos, "it has "+strings.Join(declared, ", "), "the contract has no answer %d here", s.to)
		}
	}
}
