package contract

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/ecma262"
	"github.com/banyan-go/banyan/schema"
)

// mendPattern reads a regular expression of a schema as ECMA-262 has it. It
// returns nil for one that nothing can be held against.
func (r *reader) mendPattern(n *node, v *value) *value {
	if n.kind != stringNode || v == nil || v.kind != textValue {
		return v
	}
	text, ok := r.expression(n.text, n.pos(), func(text string) *diag.Fix {
		return n.file.rewrite("write the pattern as ECMA 262 has it", n, quoted(text))
	})
	if !ok {
		return nil
	}
	v.text = text
	return v
}

// mendPatterns does so for the names of patternProperties.
func (r *reader) mendPatterns(n *node, v *value) {
	kept := v.fields[:0]
	for _, f := range v.fields {
		m := n.member(f.name)
		if m == nil {
			kept = append(kept, f)
			continue
		}
		name, ok := r.expression(f.name, f.pos, func(text string) *diag.Fix { return n.rename("write the pattern as ECMA 262 has it", m, text) })
		if f.name = name; ok {
			kept = append(kept, f)
		}
	}
	v.fields = kept
}

// expression translates an expression to ECMA-262 and reports what it was, or
// that it is none.
func (r *reader) expression(source string, pos config.Pos, fix func(text string) *diag.Fix) (text string, ok bool) {
	if known, ok := r.patterns[source]; ok && known { // as nearly all are
		return source, true
	}
	text, foreign, err := ecma262.Translate(source)
	if err == nil {
		err = schema.ValidPattern(text)
	}
	switch {
	case err != nil:
		r.list.Add(rulePattern, pos, fmt.Sprintf("the pattern %s is not a regular expression: %v", unescaped(source), err), "write it as ECMA 262 has it, without slashes around it")
		return source, false
	case len(foreign) > 0:
		r.list.Repairable(rulePatternDialect, pos, fmt.Sprintf("the pattern %s is not as ECMA 262 has it (%s); it is read as %s", unescaped(source), strings.Join(foreign, ", "), unescaped(text)),
			"write it as it is read: other tools refuse it, or match something else", fix(text))
	default:
		r.patterns[source] = true
	}
	return text, true
}

// unescaped shows an expression without doubling its backslashes, where it can.
func unescaped(source string) string {
	if strconv.CanBackquote(source) {
		return "`" + source + "`"
	}
	return strconv.Quote(source)
}
