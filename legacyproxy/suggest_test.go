package legacyproxy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/problem"
)

// TestSuggestedRules: what is suggested can be pasted, is reached, and names
// problems of the contract.
func TestSuggestedRules(t *testing.T) {
	t.Parallel()
	problems := []problem.Kind{outOfStock, quota, userNotFound}
	seen := &legacyproxy.UnmappedErrors{Kinds: []legacyproxy.UnmappedKind{
		{Count: 9, Status: 404, Body: "html"}, {Count: 1, Status: 404, Body: "text"},
		{Count: 8, Status: 200, Code: "50017", Body: "json"}, {Count: 7, Status: 422, Code: "it's: \"x\"", Body: "json"},
		{Count: 7, Status: 200, Code: "40499", Body: "json"},
		{Count: 6, Status: 200, Header: "X-Error", Value: "no", Body: "json"}, {Count: 5, Status: 500, Header: "X-Error", Body: "html"},
		{Count: 4, Status: 500, Body: "php-fatal"}, {Count: 3, Status: 200, Body: "php-warning"}, {Count: 2, Status: 200, Body: "empty"},
		{Count: 2, Status: 200, Body: "html"}, {Count: 1, Status: 200, Body: "json"}, {Count: 1, Status: 500, Body: "unread"},
	}}
	var yaml strings.Builder
	yaml.WriteString("version: 1\nenvelope: {code: /code, data: /data, success: [0]}\nerrors:\n")
	var got []string
	for _, s := range legacyproxy.SuggestRules(seen, problems) {
		if s.Rule == "" {
			got = append(got, s.Note)
			continue
		}
		got = append(got, s.Rule)
		yaml.WriteString("  - " + s.Rule + "\n")
	}
	want := []string{
		`{code: 50017, problem: legacy-error}`,
		`{code: 40499, problem: user-not-found}`,
		`{status: 422, code: 'it''s: "x"', problem: legacy-error}`,
		`{header: {name: X-Error, value: 'no'}, problem: legacy-error}`,
		`{status: 500, body: '(?i)(fatal|parse) error|uncaught \w*(error|exception)', problem: legacy-error}`,
		`{status: 200, body: '(Warning|Notice|Deprecated)(</b>)?:', problem: legacy-error}`,
		`{status: 200, body: '(?i)<(!doctype|html|head|body)', problem: legacy-error}`,
		`{status: 200, body: '^\s*$', problem: legacy-error}`,
		`{header: {name: X-Error}, problem: legacy-error}`,
		`{status: 404, problem: user-not-found}`,
		`{status: 500, problem: legacy-error}`,
		"nothing tells these answers from successes: look at the sample, and at the envelope",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m, faults := legacyproxy.Parse("legacy.yaml", []byte(yaml.String()))
	faults = append(faults, m.Check(&catalog.Service{Name: "shop", Problems: problems})...)
	if len(faults) > 0 {
		t.Errorf("%v\n%s", faults, yaml.String())
	}
}
