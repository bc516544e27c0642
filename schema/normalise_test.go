package schema_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/schema"
)

// allRules mends everything, with the date layout that PHP projects have most.
func allRules(t testing.TB) *schema.Normalisation {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	layout, err := schema.NewDateLayout("Y-m-d H:i:s", berlin)
	if err != nil {
		t.Fatal(err)
	}
	return &schema.Normalisation{Rules: schema.SafeRules | schema.RuleSet(schema.EmptyText), Dates: []schema.DateLayout{layout}}
}

// normaliseCase is a body and what becomes of it; want is empty when it stays.
type normaliseCase struct{ line, schema, in, want, coercions, violations string }

// readNormaliseCases reads testdata/normalise.txt, which says how.
func readNormaliseCases(t testing.TB) (cases []normaliseCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/normalise.txt")
	if err != nil {
		t.Fatal(err)
	}
	var current string
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "schema "):
			current = strings.TrimPrefix(line, "schema ")
		case strings.HasPrefix(line, "  ") && len(cases) > 0:
			c := &cases[len(cases)-1]
			if kind, rest, _ := strings.Cut(strings.TrimSpace(line), " "); kind == "mends" {
				list := strings.Split(rest, ", ")
				slices.Sort(list)
				c.coercions = strings.Join(list, ", ")
			} else {
				c.violations = strings.TrimPrefix(strings.TrimSpace(line), "breaks ")
			}
		default:
			in, want, changed := strings.Cut(line, " => ")
			if !changed {
				want = ""
			}
			cases = append(cases, normaliseCase{line: fmt.Sprint("line ", i+1), schema: current, in: in, want: want})
		}
	}
	return cases
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	n := allRules(t)
	for _, c := range readNormaliseCases(t) {
		t.Run(c.line, func(t *testing.T) {
			t.Parallel()
			s := compile(t, c.schema, schema.Options{Version: schema.OpenAPI30})
			in := []byte(c.in)
			got := s.Normalise(nil, in, schema.Answer, n)
			want := c.want
			if want == "" {
				want = c.in
				if len(in) > 0 && &got.Body[0] != &in[0] {
					t.Error("the body was copied")
				}
			}
			if diff := cmp.Diff(want, string(got.Body)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", c.in, diff)
			}
			var coercions, violations []string
			for _, one := range got.Coercions {
				coercions = append(coercions, fmt.Sprintf("%s %s %d", one.Pointer, one.Rule, one.Count))
			}
			for _, v := range got.Violations {
				violations = append(violations, v.Pointer+" "+v.Keyword)
			}
			slices.Sort(coercions)
			if diff := cmp.Diff(c.coercions, strings.Join(coercions, ", ")); diff != "" {
				t.Errorf("coercions (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(c.violations, strings.Join(violations, ", ")); diff != "" {
				t.Errorf("violations (-want +got)\n%s", diff)
			}
			holdNormalised(t, s, in, got, n)
		})
	}
}

// holdNormalised checks what is promised of every body.
func holdNormalised(t interface {
	Errorf(string, ...any)
	Helper()
}, s *schema.Schema, in []byte, got schema.Normalised, n *schema.Normalisation) {
	t.Helper()
	before, after := s.Validate(in, schema.Answer), s.Validate(got.Body, schema.Answer)
	if before == nil && !same(in, got.Body) {
		t.Errorf("a valid body was changed: %s became %s", in, got.Body)
	}
	if diff := cmp.Diff(after, got.Violations); diff != "" {
		t.Errorf("%s became %s, whose violations are not those reported (-want +got)\n%s", in, got.Body, diff)
	}
	if (len(got.Coercions) == 0) != same(in, got.Body) {
		t.Errorf("%s became %s by %v", in, got.Body, got.Coercions)
	}
	again := s.Normalise(nil, got.Body, schema.Answer, n)
	if !same(again.Body, got.Body) {
		t.Errorf("%s became %s, and then %s", in, got.Body, again.Body)
	}
}

// same reports whether both are the very same bytes in memory.
func same(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// TestNormaliseFillsBuffer: the result goes where the caller wants it.
func TestNormaliseFillsBuffer(t *testing.T) {
	t.Parallel()
	s := compile(t, `{"type":"object","properties":{"a":{"type":"integer"}}}`, schema.Options{})
	dst := make([]byte, 5, 64)
	got := s.Normalise(dst, []byte(`{"a":"1"}`), schema.Answer, allRules(t))
	if !bytes.Equal(got.Body, []byte(`{"a":1}`)) || &got.Body[0] != &dst[0] {
		t.Errorf("%s", got.Body)
	}
}
