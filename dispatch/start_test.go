package dispatch_test

import (
	"strings"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/rollout"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
)

func TestStartListsAllFaults(t *testing.T) {
	t.Parallel()
	s := setup{
		operations: []catalog.Operation{op("s.none", "GET", "/none"), op("s.php", "GET", "/php"), op("s.alsoNone", "GET", "/also")},
		legacy:     backend{handles: func(op *catalog.Operation) bool { return op.Key == "s.php" }},
		plan:       "version: 1\noperations:\n  s.php: go\n  s.nonee: legacy\n  t.x: go\n",
	}
	e, _, srv, err := s.build(t)
	if err != nil {
		t.Fatal(err)
	}
	err = srv.d.Start(e)
	if err == nil {
		t.Fatal("it started")
	}
	want := strings.Join([]string{
		"api/s/openapi.yaml:1:5: s.none has neither a Go handler nor a legacy mapping; register a handler or list it in legacy.yaml",
		"api/s/openapi.yaml:3:5: s.alsoNone has neither a Go handler nor a legacy mapping; register a handler or list it in legacy.yaml",
		"rollout.yaml:3:10: s.php is at stage go but has no Go handler; register a Go handler or set the operation to legacy",
		`rollout.yaml:4:3: unknown operation "s.nonee"; did you mean "s.none"?`,
		`rollout.yaml:5:3: unknown operation "t.x"; known are s.alsoNone, s.none, s.php`,
	}, "\n")
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestStartWantsTheWholeWorkspace(t *testing.T) {
	t.Parallel()
	plan, _ := rollout.Parse("rollout.yaml", []byte("version: 1\noperations: {a.x: go}"))
	d := dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{Unmatched: catalog.Legacy, Services: []*catalog.Service{
			{Name: "a", Operations: []catalog.Operation{{Key: "a.x", ID: "x", Method: "GET", Path: "/x"}}},
		}},
		Rollout: rollout.Fixed(plan),
	})
	want := `the service "a" is in the workspace but is not registered; call its Register before Start
unmatched is legacy, but there is no legacy backend; set unmatched: deny or give the dispatcher a backend`
	if err := d.Start(echo.New()); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestHandleListsAllFaults(t *testing.T) {
	t.Parallel()
	s := setup{
		operations: []catalog.Operation{
			op("s.a", "GET", "/x/{a}{b}"), op("s.b", "GET", "/y/{a}"), op("s.c", "GET", "/y/{b}"), op("s.d", "GET", "nowhere"),
		},
		handlers: map[string]echo.HandlerFunc{"b": text(""), "z": text(""), "y": text("")},
	}
	_, _, _, err := s.build(t)
	if err == nil {
		t.Fatal("it was accepted")
	}
	want := strings.Join([]string{
		"a handler is registered for s.y, which the contract does not have; run banyan generate",
		"a handler is registered for s.z, which the contract does not have; run banyan generate",
		`api/s/openapi.yaml:1:5: s.a: the path "/x/{a}{b}" cannot be routed: nothing stands between {a} and the next parameter, so nobody can tell where it ends`,
		"api/s/openapi.yaml:3:5: s.c takes the same requests as s.b (GET /y/{a}, api/s/openapi.yaml:2:5)",
		`api/s/openapi.yaml:4:5: s.d: the path "nowhere" does not start with a slash`,
	}, "\n")
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestOrderOfStartUp(t *testing.T) {
	t.Parallel()
	service := &catalog.Service{Name: "s"}
	d := dispatch.New(dispatch.Options{Workspace: &catalog.Workspace{Services: []*catalog.Service{service}}})
	e := echo.New()
	if err := d.Handle(e, service, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Handle(e, service, nil); err == nil {
		t.Error("a service was registered twice")
	}
	if err := d.Handle(echo.New(), &catalog.Service{Name: "t"}, nil); err == nil {
		t.Error("services are on two routers")
	}
	if err := d.Start(echo.New()); err == nil {
		t.Error("started with another router")
	}
	if err := d.Start(e); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(e); err == nil {
		t.Error("started twice")
	}
	if err := d.Handle(e, &catalog.Service{Name: "u"}, nil); err == nil {
		t.Error("a service came after Start")
	}
}
