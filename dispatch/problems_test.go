package dispatch_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/rollout"
)

// A contract with errors of Laravel's form. %s is what stands at its top.
const laravel = `{"openapi":"3.0.3","info":{"title":"Users","version":"1"},%s"paths":{
	"/users":{"post":{"operationId":"create",
		"requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["name"],"properties":{"name":{"type":"string","maxLength":3}}}}}},
		"responses":{"204":{"description":"ok"},
			"404":{"description":"none","content":{"application/problem+json":{"schema":{"type":"object"}}}},
			"422":{"$ref":"#/components/responses/Invalid"},
			"5XX":{"description":"broken","content":{"application/vnd.api+json; charset=utf-8":{"schema":{"type":"object","required":["message"]}}}}}}}},
	"components":{"responses":{"Invalid":{"description":"invalid","content":{"application/json":{"schema":{"type":"object","required":["message","errors"],
		"properties":{"errors":{"type":"object","additionalProperties":{"type":"array"}}}}}}}}}}`

// What is answered in the place of either side has the form that the contract
// declares, and breaks it nowhere; a problem document where that is declared.
func TestProblemsInTheFormOfTheContract(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"go", "legacy"} {
		var failure error
		service := &catalog.Service{Name: "s", Contract: fmt.Appendf(nil, laravel, `"x-problem-body":{"message":"{message}","errors":{"{field}":["{reason}"]}},`),
			Operations: []catalog.Operation{{Key: "s.create", ID: "create", Method: "POST", Path: "/users", BodyLimit: 100, Source: "api/s/openapi.yaml:1:5"}}}
		p, faults := rollout.Parse("rollout.yaml", []byte("version: 1\ndefault: "+side+"\n"))
		if err := faults.Err(); err != nil {
			t.Fatal(err)
		}
		var broken []string
		d := dispatch.New(dispatch.Options{
			Workspace: &catalog.Workspace{Services: []*catalog.Service{service}, Validation: catalog.Validation{
				Requests: catalog.RequestChecks{Go: catalog.Enforce, Legacy: catalog.Enforce}, Answers: catalog.AnswerChecks{Go: catalog.All, Legacy: catalog.All}}},
			Legacy:  backend{serve: func(http.ResponseWriter, *http.Request, *catalog.Operation) error { return failure }},
			Rollout: rollout.Fixed(p), Log: slog.New(slog.DiscardHandler),
			Checked: func(c *dispatch.Check) {
				for _, v := range c.Violations {
					if c.Message == dispatch.Answer {
						broken = append(broken, fmt.Sprint(c.Status, v))
					}
				}
			},
		})
		e := echo.New()
		err := d.Handle(e, service, map[string]echo.HandlerFunc{"create": func(echo.Context) error { return failure }})
		if err == nil {
			err = d.Start(e)
		}
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(e)
		t.Cleanup(server.Close)
		for _, c := range []struct {
			failure    error
			body, want string
		}{
			{nil, `{"name":"abcd"}`, `422 application/json {"message":"the request does not match the contract","errors":{"name":["must be at most 3 characters long"]}}`},
			{nil, `{"name":"` + strings.Repeat("a", 200) + `"}`, `413 application/json {"message":"the limit is 100 bytes","errors":{}}`},
			{problem.NotFound.New(""), `{"name":"a"}`, `404 application/problem+json {"title":"Not found","status":404,"code":"not-found","traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}`},
			{problem.LegacyTimeout.New(""), `{"name":"a"}`, `504 application/vnd.api+json {"message":"The legacy backend took too long","errors":{}}`},
			{io.ErrUnexpectedEOF, `{"name":"a"}`, `500 application/vnd.api+json {"message":"Internal error","errors":{}}`},
		} {
			failure = c.failure
			req, err := http.NewRequest("POST", server.URL+"/users", strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			res.Body.Close()
			if diff := cmp.Diff(c.want+"\n", fmt.Sprintf("%d %s %s", res.StatusCode, res.Header.Get("Content-Type"), got)); diff != "" || err != nil {
				t.Errorf("%s: %v %s", side, err, diff)
			}
		}
		if d.Settle(); len(broken) > 0 && !strings.HasPrefix(strings.Join(broken, "\n"), "413 ") { // which the contract does not have
			t.Errorf("%s: %v", side, broken)
		}
	}
}

func TestAFormThatIsNoneKeepsAServerFromStarting(t *testing.T) {
	t.Parallel()
	service := &catalog.Service{Name: "s", Contract: fmt.Appendf(nil, laravel, `"x-problem-body":{"message":"{massage}"},`)}
	d := dispatch.New(dispatch.Options{Workspace: &catalog.Workspace{Services: []*catalog.Service{service}}})
	if err := d.Handle(echo.New(), service, nil); err == nil || !strings.Contains(err.Error(), "{massage}") {
		t.Error(err)
	}
}
