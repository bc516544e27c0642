package legacyproxy

import (
	"strings"
	"sync"

	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// knownNames are the names of all properties of a contract, read when they are
// needed first. It is safe for concurrent use.
type knownNames struct {
	contract any // decoded
	once     sync.Once
	names    map[string]bool
}

// shape is the place of a violation in a form that is the same for all answers
// and holds nothing that PHP or a client made up: steps that are not the name
// of a property are *.
func (k *knownNames) shape(v conform.Violation) string {
	if v.Pointer == "" || strings.HasPrefix(v.Pointer, "/header/") { // only declared headers are checked
		return v.Pointer
	}
	k.once.Do(func() {
		k.names = map[string]bool{}
		eachProperty(k.contract, func(name string, _ map[string]any) { k.names[name] = true })
	})
	steps := strings.Split(v.Pointer, "/")
	for i, step := range steps[1:] {
		if !k.names[jsonpointer.Unescape(step)] {
			steps[i+1] = "*"
		}
	}
	return strings.Join(steps, "/")
}
