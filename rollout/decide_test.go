package rollout_test

import (
	"fmt"
	"testing"

	"github.com/banyan-go/banyan/rollout"
	"pgregory.net/rapid"
)

// subject is a request: a cookie sid, a header X-User-Id, a header X-Env.
type subject struct{ cookie, header, env string }

func (s subject) Header(name string) string {
	switch name {
	case "X-User-Id":
		return s.header
	case "X-Env":
		return s.env
	}
	return ""
}

func (s subject) Cookie(name string) string {
	if name == "sid" {
		return s.cookie
	}
	return ""
}

func parse(t testing.TB, yaml string) *rollout.Plan {
	t.Helper()
	p, faults := rollout.Parse("rollout.yaml", []byte(yaml))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDecide(t *testing.T) {
	t.Parallel()
	const operations = `
sticky: {cookie: sid}
select: {header: x-env, value: canary}
operations:
  a.legacy: legacy
  a.go: go
  a.none: canary 0%
  a.all: canary 100%
  a.header: {stage: canary, percent: 100, sticky: {header: x-user-id}}
  a.other: {stage: canary, percent: 100, select: {header: X-USER-ID, value: tester}}
`
	anonymous, known, tester := subject{}, subject{cookie: "c"}, subject{env: "canary"}
	tests := []struct {
		name string
		plan string
		op   string
		s    subject
		want rollout.Decision
	}{
		{"smallest plan", "version: 1", "a.x", known, rollout.Decision{Target: rollout.Legacy, Reason: rollout.Default}},
		{"not named", "version: 1" + operations, "a.x", known, rollout.Decision{Target: rollout.Legacy, Reason: rollout.Default}},
		{"not named, default go", "version: 1\ndefault: go" + operations, "a.x", known, rollout.Decision{Target: rollout.Go, Reason: rollout.Default}},
		{"legacy", "version: 1\ndefault: go" + operations, "a.legacy", known, rollout.Decision{Target: rollout.Legacy, Reason: rollout.StageLegacy}},
		{"go", "version: 1" + operations, "a.go", anonymous, rollout.Decision{Target: rollout.Go, Reason: rollout.StageGo}},
		{"forced legacy", "version: 1\nforce: legacy" + operations, "a.go", tester, rollout.Decision{Target: rollout.Legacy, Reason: rollout.Forced}},
		{"forced legacy, canary", "version: 1\nforce: legacy" + operations, "a.all", tester, rollout.Decision{Target: rollout.Legacy, Reason: rollout.Forced}},
		{"forced go", "version: 1\nforce: go" + operations, "a.legacy", known, rollout.Decision{Target: rollout.Go, Reason: rollout.Forced}},
		{"forced wins over default", "version: 1\nforce: legacy\ndefault: go" + operations, "a.x", known, rollout.Decision{Target: rollout.Legacy, Reason: rollout.Forced}},
		{"share of nobody", "version: 1" + operations, "a.none", known, rollout.Decision{Target: rollout.Legacy, Reason: rollout.CanaryOut}},
		{"share of everybody", "version: 1" + operations, "a.all", known, rollout.Decision{Target: rollout.Go, Reason: rollout.CanaryShare}},
		{"no subject", "version: 1" + operations, "a.all", anonymous, rollout.Decision{Target: rollout.Legacy, Reason: rollout.NoSubject}},
		{"selected, share of nobody", "version: 1" + operations, "a.none", tester, rollout.Decision{Target: rollout.Go, Reason: rollout.CanarySelected}},
		{"another value selects nothing", "version: 1" + operations, "a.all", subject{env: "prod"}, rollout.Decision{Target: rollout.Legacy, Reason: rollout.NoSubject}},
		{"its own sticky", "version: 1" + operations, "a.header", known, rollout.Decision{Target: rollout.Legacy, Reason: rollout.NoSubject}},
		{"its own sticky, there", "version: 1" + operations, "a.header", subject{header: "7"}, rollout.Decision{Target: rollout.Go, Reason: rollout.CanaryShare}},
		{"its own select", "version: 1" + operations, "a.other", subject{header: "tester"}, rollout.Decision{Target: rollout.Go, Reason: rollout.CanarySelected}},
		{"its own select replaces the common one", "version: 1" + operations, "a.other", tester, rollout.Decision{Target: rollout.Legacy, Reason: rollout.NoSubject}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parse(t, tt.plan).Decide(tt.op, tt.s); got != tt.want {
				t.Errorf("got %v %s, want %v %s", got.Target, got.Reason, tt.want.Target, tt.want.Reason)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	goes, legacy := rollout.Decision{Target: rollout.Go, Reason: rollout.Default}, rollout.Decision{Target: rollout.Legacy, Reason: rollout.Forced}
	tests := []struct {
		in, want rollout.Decision
		has      rollout.Has
	}{
		{goes, goes, rollout.Has{Handler: true, Legacy: true}},
		{goes, goes, rollout.Has{Handler: true}},
		{goes, rollout.Decision{Target: rollout.Legacy, Reason: rollout.NoHandler}, rollout.Has{Legacy: true}},
		{legacy, legacy, rollout.Has{Handler: true, Legacy: true}},
		{legacy, legacy, rollout.Has{Legacy: true}},
		{legacy, rollout.Decision{Target: rollout.Go, Reason: rollout.NoLegacy}, rollout.Has{Handler: true}},
		{legacy, legacy, rollout.Has{}},
	}
	for _, tt := range tests {
		if got := tt.in.Within(tt.has); got != tt.want {
			t.Errorf("%v within %+v is %v, want %v", tt.in, tt.has, got, tt.want)
		}
	}
}

func canary(t testing.TB, share int, salt string) *rollout.Plan {
	t.Helper()
	return parse(t, fmt.Sprintf("version: 1\nsalt: %q\nsticky: {cookie: sid}\noperations: {a.b: canary %d.%02d%%, a.c: canary %d.%02d%%}",
		salt, share/100, share%100, share/100, share%100))
}

// Whoever is in at a share is in at every larger one: raising it never takes
// the new side away from anybody.
func TestRaisingTheShareOnlyAdds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		lower := rapid.IntRange(0, 10_000).Draw(rt, "lower")
		higher := rapid.IntRange(lower, 10_000).Draw(rt, "higher")
		salt := rapid.StringMatching(`[a-z0-9-]{0,8}`).Draw(rt, "salt")
		who := subject{cookie: rapid.StringN(1, 40, -1).Draw(rt, "subject")}
		before := canary(t, lower, salt).Decide("a.b", who)
		after := canary(t, higher, salt).Decide("a.b", who)
		if before.Target == rollout.Go && after.Target != rollout.Go {
			rt.Fatalf("%q was in at %d and is out at %d", who.cookie, lower, higher)
		}
		if again := canary(t, lower, salt).Decide("a.b", who); again != before {
			rt.Fatalf("%v, then %v", before, again)
		}
	})
}

// The shares of a thousand subjects differ from what they should be by no
// more than chance: chi-square over 20 slices of 5%, 19 degrees of freedom,
// 43.8 is passed once in a thousand. The subjects are fixed, so the test is.
func TestSharesAreEven(t *testing.T) {
	t.Parallel()
	const slices, subjects = 20, 20_000
	for name, subjectOf := range map[string]func(i int) string{
		"numbers": func(i int) string { return fmt.Sprint(i) },
		"session": func(i int) string { return fmt.Sprintf("%026x", i*2654435761) },
		"mails":   func(i int) string { return fmt.Sprintf("user%d@example.com", i) },
	} {
		var plans [slices]*rollout.Plan
		for i := range plans {
			plans[i] = canary(t, (i+1)*10_000/slices, "2026-11")
		}
		var count [slices]float64
		for i := range subjects {
			who := subject{cookie: subjectOf(i)}
			for n, p := range plans {
				if p.Decide("a.b", who).Target == rollout.Go {
					count[n]++
					break
				}
			}
		}
		chi, want := 0.0, float64(subjects)/slices
		for _, c := range count {
			chi += (c - want) * (c - want) / want
		}
		if chi > 43.8 {
			t.Errorf("%s: chi-square %.1f, counts %v", name, chi, count)
		}
	}
}

// Operations and salts draw different people: nobody is always first.
func TestOperationsAndSaltsDrawAnew(t *testing.T) {
	t.Parallel()
	one, other := canary(t, 1000, "one"), canary(t, 1000, "other")
	var both, salted, in int
	for i := range 20_000 {
		who := subject{cookie: fmt.Sprint("u", i)}
		if one.Decide("a.b", who).Target != rollout.Go {
			continue
		}
		in++
		if one.Decide("a.c", who).Target == rollout.Go {
			both++
		}
		if other.Decide("a.b", who).Target == rollout.Go {
			salted++
		}
	}
	for name, n := range map[string]int{"another operation": both, "another salt": salted} {
		if share := float64(n) / float64(in); share < 0.07 || share > 0.13 {
			t.Errorf("%s has %.1f%% of the same subjects, want about 10%%", name, share*100)
		}
	}
}

func TestDecideAllocatesNothing(t *testing.T) {
	p := canary(t, 5000, "x")
	var s rollout.Subject = subject{cookie: "0123456789abcdef"}
	for _, op := range []string{"a.b", "a.unknown"} {
		if n := testing.AllocsPerRun(100, func() { p.Decide(op, s) }); n != 0 {
			t.Errorf("%s: %v allocations per decision", op, n)
		}
	}
}

var sink rollout.Decision

func BenchmarkDecide(b *testing.B) {
	p := canary(b, 5000, "x")
	var s rollout.Subject = subject{cookie: "0123456789abcdef0123456789abcdef"}
	for _, op := range []string{"a.b", "a.unknown"} {
		b.Run(op, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = p.Decide(op, s)
			}
		})
	}
}
