package legacyproxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/conform"
)

// TestConformanceIsBounded: however many places there are, few are kept, and
// the rest is counted.
func TestConformanceIsBounded(t *testing.T) {
	t.Parallel()
	var c conformance
	shape := func(v conform.Violation) string { return v.Pointer }
	for i := range 1000 {
		c.judge(verdict{shape: shape,
			coercions:  []coercion{{fmt.Sprint("/", i), "scalar-text", 2}},
			violations: []conform.Violation{{Pointer: fmt.Sprint("/", i), Keyword: "type"}, {Pointer: fmt.Sprint("/", i), Keyword: "type"}}})
	}
	got := c.snapshot([]string{"200", "4XX", "default"})
	if got.Checked != 1000 || got.Violating != 1000 || len(got.Coercions) != MaxCoercions || len(got.Violations) != MaxViolations {
		t.Errorf("%d checked, %d violating, %d and %d places", got.Checked, got.Violating, len(got.Coercions), len(got.Violations))
	}
	if want := uint64(1000 - MaxCoercions + 2*(1000-MaxViolations)); got.Uncounted != want {
		t.Errorf("%d uncounted, want %d", got.Uncounted, want)
	}
	if one := got.Violations[0]; one.Answers != 1 || one.Count != 2 || got.Coercions[0].Count != 2 {
		t.Errorf("%+v", one)
	}
}

func TestUnseenStatuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ declared, seen, want string }{
		{"200 404", "200", "404"}, {"200 4XX", "200 404", ""}, {"200 404 4xx", "404", "200 4xx"}, {"200 4XX default", "200 404", "default"},
		{"200 default", "503", "200"}, {"", "200", ""}, {"default", "", "default"},
	} {
		seen := map[string]uint64{}
		for one := range strings.FieldsSeq(c.seen) {
			seen[one] = 1
		}
		if got := strings.Join(unseen(strings.Fields(c.declared), seen), " "); got != c.want {
			t.Errorf("declared %s, seen %s: %q, want %q", c.declared, c.seen, got, c.want)
		}
	}
}

// observed draws what an adapter might have seen.
func drawObservations(t *rapid.T) Observations {
	small := func(name string) uint64 { return rapid.Uint64Range(0, 50).Draw(t, name) }
	out := Observations{Version: ObservationsVersion}
	for _, key := range []string{"s.a", "s.b"} {
		if !rapid.Bool().Draw(t, "answered") {
			out.Unanswered = append(out.Unanswered, key)
			continue
		}
		c := &Conformance{Answers: small("answers"), Conforming: small("conforming"), Coerced: small("coerced"), Violating: small("violating"),
			Statuses: map[string]uint64{"200": 1 + small("status")}}
		c.Checked = c.Conforming + c.Coerced + c.Violating
		for i := range small("coercions") * 6 {
			c.Coercions = append(c.Coercions, CoercionCount{Pointer: fmt.Sprint("/", i), Rule: "scalar-text", Answers: 1, Count: 1})
		}
		op := OperationObservations{Operation: key, Conformance: c}
		if n := small("unmapped"); n > 0 {
			op.Unmapped = &UnmappedErrors{Count: n, Kinds: []UnmappedKind{{Count: n, Status: 500}}}
		}
		out.Operations = append(out.Operations, op)
	}
	return out
}

// TestMergeAddsUp: nothing is lost or made up, and the order does not matter.
func TestMergeAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawObservations(t), drawObservations(t)
		a, b = Merge(a, Observations{}), Merge(Observations{}, b)
		sum := Merge(a, b)
		total := func(o Observations) (n [5]uint64) {
			for _, op := range o.Operations {
				if op.Unmapped != nil {
					n[0] += op.Unmapped.Count
				}
				c := op.Conformance
				n[1], n[2], n[3], n[4] = n[1]+c.Answers, n[2]+c.Checked, n[3]+c.Statuses["200"], n[4]+c.Uncounted
				for _, one := range c.Coercions {
					n[4] += one.Answers
				}
				if c.Checked != c.Conforming+c.Coerced+c.Violating || len(c.Coercions) > MaxCoercions {
					t.Fatalf("%d checked of %d, %d, %d; %d places", c.Checked, c.Conforming, c.Coerced, c.Violating, len(c.Coercions))
				}
			}
			return n
		}
		want, got := total(a), total(sum)
		for i, n := range total(b) {
			want[i] += n
		}
		if want != got {
			t.Fatalf("%v, want %v", got, want)
		}
		if diff := cmp.Diff(total(sum), total(Merge(b, a))); diff != "" {
			t.Fatal(diff)
		}
		for _, key := range sum.Unanswered {
			for _, op := range sum.Operations {
				if op.Operation == key {
					t.Fatalf("%s is answered and is not", key)
				}
			}
		}
	})
}

// TestStateFile: what is saved is there again, and a bad file is said to be
// one and left alone.
func TestStateFile(t *testing.T) {
	t.Parallel()
	adapter := func() *Adapter {
		rt := &route{normaliser: &normaliser{normaliseSettings: &normaliseSettings{when: afterward}}, names: &knownNames{}, statuses: []string{"200", "404"}}
		return &Adapter{routes: map[string]*route{"s.a": rt}}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "seen.json")
	first := adapter()
	if err := first.Restore(file); err != nil {
		t.Fatal("no file yet:", err)
	}
	first.routes["s.a"].conformance.answered(200)
	first.Checked("s.a", 200, []conform.Violation{{Pointer: "/id", Keyword: "type"}}, conform.Checkable)
	if err := first.Save(file); err != nil {
		t.Fatal(err)
	}
	second := adapter()
	if err := second.Restore(file); err != nil {
		t.Fatal(err)
	}
	if !second.routes["s.a"].normaliser.active() {
		t.Error("auto has forgotten that there was a violation")
	}
	second.routes["s.a"].conformance.answered(404)
	got := second.Observations()
	c := got.Operations[0].Conformance
	if c.Answers != 2 || c.Violating != 1 || len(c.Unseen) != 0 || got.Unanswered != nil {
		t.Errorf("%+v %v", c, got.Unanswered)
	}
	if err := second.Save(file); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for _, bad := range []string{"", "{", `{"version":7}`, "[]"} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := adapter().Restore(file); err == nil || !strings.Contains(err.Error(), "these are") {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := adapter().Keep(t.Context(), file, 1); err == nil {
			t.Errorf("%q: written over", bad)
		}
	}
	odd := `{"version":1,"operations":[{"operation":"s.a","conformance":{"answers":1,"statuses":{"":1,"4":1}}}]}`
	if err := os.WriteFile(file, []byte(odd), 0o600); err != nil {
		t.Fatal(err)
	}
	third := adapter()
	third.routes["s.a"].statuses = []string{"4XX", "default"}
	if err := third.Restore(file); err != nil {
		t.Fatal(err)
	}
	if len(third.Observations().Operations) != 1 {
		t.Error("statuses that are none take the operation along")
	}
	if err := adapter().Save(filepath.Join(dir, "none", "seen.json")); err == nil {
		t.Error("saved where there is no folder")
	}
}

// FuzzObservations: whatever a file holds is refused or can be added up and
// written again.
func FuzzObservations(f *testing.F) {
	f.Add([]byte(`{"version":1,"operations":[{"operation":"s.a","conformance":{"answers":1,"coercions":[{"pointer":"/a","rule":"x"}]},"unmapped":{"count":1}}],"unanswered":["s.b"]}`))
	f.Add([]byte(`{"version":1,"operations":[{},{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		seen, err := ReadObservations(bytes.NewReader(data))
		if err != nil {
			return
		}
		sum := Merge(seen, seen)
		if _, err := json.Marshal(sum); err != nil {
			t.Fatal(err)
		}
		for _, op := range sum.Operations {
			if op.Conformance != nil {
				unseen([]string{"200", "4XX", "default"}, op.Conformance.Statuses)
			}
		}
	})
}
