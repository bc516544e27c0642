package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// Fault is an error of a contract that can be compared nevertheless: what it is
// about is left out, and a schema that cannot be had has openapi.Schema.Unknown.
type Fault struct {
	diag.Diagnostic
	// Blank says that something else than a schema cannot be had, such as the
	// response that a reference leads to: it is as if it said nothing.
	Blank bool
	// content is what stands there in place of what is wanted.
	content string
}

// Same reports whether two faults, of two versions of a contract, are one, wherever
// it stands.
func (f Fault) Same(other Fault) bool {
	return f.Rule == other.Rule && f.Message == other.Message && f.content == other.content
}

// Faults are the errors in spite of which LoadToCompare has read the contract. A
// contract with an error about what cannot be passed over has none, and no Spec.
func (c *Contract) Faults() []Fault { return c.faults }

// Readable reports whether there is a Spec.
func (c *Contract) Readable() bool { return c.bundle != nil }

// passable reports whether a contract that has these findings can be compared: each
// file could be parsed, and none was out of reach. What those files say may have
// changed unseen.
func passable(found diag.List) bool {
	return !slices.ContainsFunc(found, func(d diag.Diagnostic) bool {
		return d.Severity == diag.Error && slices.Contains([]string{ruleSyntax, ruleContractFile, ruleVersion, ruleRefOutside}, d.Rule)
	})
}

// faults are the errors among the findings.
func (r *reader) faults(found diag.List) []Fault {
	var out []Fault
	for _, d := range found {
		if rule, _ := diag.Lookup(d.Rule); d.Severity == diag.Error && rule.Unsupported == "" {
			out = append(out, Fault{d, r.blank[d.Pos], r.odd[d.Pos]})
		}
	}
	return out
}

// misread notes what stands in place of something else.
func (r *reader) misread(n *node) {
	text, err := json.Marshal(n.plain())
	if err != nil {
		return
	}
	sum := sha256.Sum256(text)
	if r.odd == nil {
		r.odd = map[config.Pos]string{}
	}
	r.odd[n.pos()] = hex.EncodeToString(sum[:])
}

// dangling stands for what a reference that leads nowhere names.
func (r *reader) dangling(ref *node, o *object, pos config.Pos) *value {
	if o != schemaObject {
		if r.blank == nil {
			r.blank = map[config.Pos]bool{}
		}
		r.blank[ref.pos()] = true
	}
	return &value{kind: objectValue, object: o, pos: pos, text: ref.text, broken: true}
}

// unknown is what stands for a schema that cannot be had, or "" for any other value.
func (v *value) unknown() string {
	for hops := 0; v != nil && v.kind == refValue && hops <= 64; hops++ {
		v = v.ref.value
	}
	switch {
	case v == nil || v.kind == refValue:
		return "nothing"
	case !v.broken || len(v.fields) > 0:
		return ""
	case v.text != "":
		return v.text
	case v.raw != nil && v.raw.source() != "":
		return v.raw.source()
	}
	return "nothing"
}
