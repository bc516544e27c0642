package conform_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/problem"
)

// hooks is a contract without operations; the callback within the webhook is
// none that code is made for.
var hooks = []byte(`{"openapi":"3.1.0","webhooks":{
 "paid":{"post":{"requestBody":{"required":true,"content":{"application/json":{"schema":{"type":"object","required":["id"],"properties":{"id":{"type":"integer","format":"date"}}}}}},
  "callbacks":{"inner":{"x":{"post":{}}}},"responses":{"":{},"204":{"description":""}}}},
 "gone":{"$ref":"#/nowhere"},"flat":7}}`)

func TestReceivers(t *testing.T) {
	t.Parallel()
	paid := conform.Exchange{Name: "paid", Method: "POST"}
	service := func(contract []byte) *catalog.Service { return &catalog.Service{Name: "svc", Contract: contract} }
	broken := strings.Replace(string(hooks), `"type":"integer"`, `"type":7`, 1)
	observe := catalog.Validation{Requests: catalog.RequestChecks{Go: catalog.Observe}}
	for name, c := range map[string]struct {
		service  *catalog.Service
		v        catalog.Validation
		exchange conform.Exchange
		body     io.Reader
		status   int // 0: the handler is called
		want     string
	}{
		"fine":            {service(hooks), catalog.Validation{}, paid, strings.NewReader(`{"id":1}`), 0, ""},
		"against it":      {service(hooks), catalog.Validation{Status: 400}, paid, strings.NewReader(`{}`), 400, "does not match"},
		"broken off":      {service(hooks), catalog.Validation{}, paid, iotest.ErrReader(io.ErrUnexpectedEOF), 400, "broke off"},
		"observed":        {service(hooks), observe, paid, strings.NewReader(`{}`), 0, ""},
		"no contract":     {service(nil), catalog.Validation{}, paid, strings.NewReader(`{}`), 0, ""},
		"unknown":         {service(hooks), catalog.Validation{}, conform.Exchange{Name: "inner", Operation: "x", Method: "POST"}, strings.NewReader(`{}`), 500, "callback inner of x (POST ); run banyan generate"},
		"nowhere":         {service(hooks), catalog.Validation{}, conform.Exchange{Name: "gone", Method: "POST"}, strings.NewReader(`{}`), 500, "webhook gone"},
		"no schema":       {service([]byte(broken)), catalog.Validation{}, paid, strings.NewReader(`{}`), 500, "svc.paid"},
		"no JSON":         {service([]byte(`"webhooks"`)[:9]), catalog.Validation{}, paid, strings.NewReader(`{}`), 500, "run banyan generate"},
		"no webhooks yet": {service([]byte(`{"openapi":"3.1.0"}`)), catalog.Validation{}, paid, strings.NewReader(`{}`), 500, "run banyan generate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			called := false
			h := conform.Receivers(c.service, c.v)(c.exchange, func(http.ResponseWriter, *http.Request) error { called = true; return nil })
			r := httptest.NewRequest("POST", "/", c.body)
			r.Header.Set("Content-Type", "application/json")
			r.ContentLength = 8
			before := r.Body
			err := h(httptest.NewRecorder(), r)
			if called != (c.status == 0) || called != (err == nil) || r.Body != before {
				t.Fatalf("called %v, %v", called, err)
			}
			if err == nil {
				return
			}
			if p := problem.From(err); p.Status != c.status || !strings.Contains(err.Error(), c.want) && !strings.Contains(p.Detail, c.want) {
				t.Errorf("%v: %d %q", err, p.Status, p.Detail)
			}
		})
	}
}
