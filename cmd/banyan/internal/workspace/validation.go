package workspace

import (
	"errors"

	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/internal/diag"
)

// readValidation compiles what a server would hold messages against. before
// are the findings so far: of a contract that has errors already, it would
// only repeat them. It returns the others, by service.
func (l *Loaded) readValidation(before diag.List) (sound map[string]*conform.Service, list diag.List) {
	sound = map[string]*conform.Service{}
	for i, s := range l.Catalog.Services {
		c := l.Services[i]
		broken := len(s.Contract) == 0 // nil after an error in any of its files
		for _, d := range before {
			broken = broken || d.Severity == diag.Error && d.Pos.File == c.File
		}
		if broken {
			continue
		}
		v := l.Catalog.ValidationOf(s)
		compiled, err := conform.Compile(s, v)
		if err == nil {
			sound[s.Name] = compiled
		}
		var faults, exchanged conform.Faults
		errors.As(err, &faults)
		if _, err := conform.CompileExchanges(s, v); errors.As(err, &exchanged) {
			faults = append(faults, exchanged...)
		}
		for _, f := range faults {
			pos := c.Pos
			if op := c.Operation(f.Operation.ID); op != nil {
				pos = op.Pos
			}
			list.Add(ruleValidation, pos, s.Name+": messages cannot be held against #"+f.Pointer+": "+f.Message, "")
		}
	}
	return sound, list
}
