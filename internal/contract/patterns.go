package contract

import (
	"fmt"
	"regexp"

	"github.com/banyan-go/banyan/internal/diag"
	"github.com/dlclark/regexp2"
)

// checkPatterns compiles every pattern of a schema. OpenAPI means ECMA 262's
// regular expressions, which Go's own engine cannot all read.
func checkPatterns(r *reader, list *diag.List) {
	for _, p := range r.patterns {
		if _, err := regexp.Compile(p.text); err == nil {
			continue
		}
		if _, err := regexp2.Compile(p.text, regexp2.ECMAScript|regexp2.Unicode); err != nil {
			list.Add(rulePattern, p.pos(), fmt.Sprintf("the pattern %q is not a regular expression", p.text), "write it as ECMA 262 has it, without slashes around it")
		}
	}
}
