//go:build unix

package shop

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

const canary = `version: 1
sticky: {cookie: PHPSESSID}
select: {header: x-env, value: canary}
operations:
  users.getUser: canary %d%%
`

// servedByGo tells who answered getUser: PHP writes numbers as strings.
func servedByGo(t *testing.T, a answer) bool {
	t.Helper()
	wantStatus(t, a, 200)
	switch {
	case bytes.Contains(a.body, []byte(`"id":1,`)):
		return true
	case bytes.Contains(a.body, []byte(`"id":"1"`)):
		return false
	}
	t.Fatalf("neither Go's answer nor PHP's: %s", a.body)
	return false
}

func TestCanary(t *testing.T) {
	t.Parallel()
	const visitors = 300
	s := start(t, setup{plan: fmt.Sprintf(canary, 30)})
	ask := func() (inGo map[int]bool) {
		inGo = map[int]bool{}
		for v := range visitors {
			if servedByGo(t, s.send("GET /v1/users/1", "", fmt.Sprintf("Cookie: theme=dark; PHPSESSID=visitor%d", v))) {
				inGo[v] = true
			}
		}
		return inGo
	}

	first := ask()
	if n := len(first); n < visitors*20/100 || n > visitors*40/100 {
		t.Errorf("%d of %d visitors went to Go at 30%%", n, visitors)
	}
	for v := range ask() {
		if !first[v] {
			t.Errorf("visitor %d changed sides", v)
		}
	}

	if servedByGo(t, s.send("GET /v1/users/1", "")) {
		t.Error("a visitor without a session went to Go")
	}
	if !servedByGo(t, s.send("GET /v1/users/1", "", "x-env: canary")) {
		t.Error("x-env: canary went to PHP")
	}
	if servedByGo(t, s.send("GET /v1/users/1", "", "x-env: production")) {
		t.Error("x-env: production went to Go")
	}

	s.changePlan(fmt.Sprintf(canary, 60))
	second := ask()
	for v := range first {
		if !second[v] {
			t.Errorf("visitor %d fell back to PHP when the share was raised", v)
		}
	}
	if len(second) <= len(first) {
		t.Errorf("%d visitors at 60%%, %d at 30%%", len(second), len(first))
	}

	s.changePlan("version: 1\nforce: legacy\noperations:\n  users.getUser: go\n")
	if servedByGo(t, s.send("GET /v1/users/1", "", "x-env: canary")) {
		t.Error("force: legacy did not send everything to PHP")
	}
}

// changePlan writes a good plan and waits until it is in force.
func (s *shop) changePlan(text string) {
	s.t.Helper()
	before := strings.Count(s.log.String(), "rollout plan in force")
	s.writePlan(text)
	s.eventually("the new plan to come into force", func() bool {
		return strings.Count(s.log.String(), "rollout plan in force") > before
	})
}

func (s *shop) eventually(what string, true_ func() bool) {
	s.t.Helper()
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if true_() {
			return
		}
	}
	s.t.Fatalf("waited in vain for %s", what)
}

// TestBadPlanChangesNothing edits the plan of a running server in ways that
// must be refused, and mends it.
func TestBadPlanChangesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allGo})
	ready := func() string {
		a, err := send(s.admin, "GET /-/readyz", "")
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, a, 200) // the last good plan serves
		return string(a.body)
	}
	sound := ready()
	for _, c := range []struct{ name, plan, complaint string }{
		{"no YAML", "version: 1\noperations: [", "rollout.yaml:2"},
		{"unknown operation", "version: 1\noperations:\n  users.getUsr: go\n", "users.getUser"},
		{"no handler", "version: 1\noperations:\n  users.createUser: go\n", "users.createUser"},
		{"empty", "", "empty"},
	} {
		s.writePlan(c.plan)
		s.eventually(c.name+" to show on /-/readyz", func() bool { return strings.Contains(ready(), c.complaint) })
		if !servedByGo(t, s.send("GET /v1/users/1", "")) {
			t.Errorf("%s: the plan in force changed", c.name)
		}
	}
	s.writePlan(allGo)
	s.eventually("the complaint to go away", func() bool { return ready() == sound })
	s.changePlan(allLegacy)
	if servedByGo(t, s.send("GET /v1/users/1", "")) {
		t.Error("the mended plan is not in force")
	}
}

// TestBadPlanAtStart: a server does not start with a plan it cannot keep, and
// says everything that is wrong with it.
func TestBadPlanAtStart(t *testing.T) {
	t.Parallel()
	_, db := startPHP(t)
	dir := copyWorkspace(t, setup{})
	s := &shop{t: t, dir: dir}
	s.writePlan("version: 1\noperations:\n  users.getUsr: go\n  users.createUser: go\n")
	out, code := runServer(t, db, "-workspace", dir, "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0")
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{"rollout.yaml:3:3", "users.getUser", "rollout.yaml:4:", "users.createUser"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing from:\n%s", want, out)
		}
	}
}
