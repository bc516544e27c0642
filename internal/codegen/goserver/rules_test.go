package goserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/internal/codegen/goserver/testdata/golden/gen/tags"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/wire"
)

// ruled serves the contract with rules, and counts what reaches its handlers.
type ruled struct {
	tags.StrictServerInterface
	calls int
}

func (s *ruled) CreateAccount(context.Context, tags.CreateAccountRequestObject) (tags.CreateAccountResponseObject, error) {
	s.calls++
	return tags.CreateAccount204Response{}, nil
}

func (s *ruled) CreateAccounts(context.Context, tags.CreateAccountsRequestObject) (tags.CreateAccountsResponseObject, error) {
	s.calls++
	return tags.CreateAccounts204Response{}, nil
}

func (s *ruled) BookStay(context.Context, tags.BookStayRequestObject) (tags.BookStayResponseObject, error) {
	s.calls++
	return tags.BookStay204Response{}, nil
}

func serveRuled(t *testing.T, v catalog.Validation, checked func(*dispatch.Check)) (http.Handler, *ruled) {
	t.Helper()
	s, e := &ruled{}, echo.New()
	d := dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{Services: []*catalog.Service{tags.Service}, Validation: v},
		Log:       slog.New(slog.DiscardHandler),
		Checked:   checked,
	})
	if err := tags.Register(e, d, tags.All(s)); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(e); err != nil {
		t.Fatal(err)
	}
	return e, s
}

func send(h http.Handler, method, contentType, body string) (int, problem.Error) {
	r := httptest.NewRequest(method, "/accounts", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var p problem.Error
	_ = json.Unmarshal(w.Body.Bytes(), &p)
	return w.Code, p
}

// account returns an account that keeps all rules, with members replaced, or
// left out where they are "-".
func account(members string) string {
	fine := map[string]json.RawMessage{}
	_ = json.Unmarshal([]byte(`{"password":"abc","passwordRepeat":"abc","kind":"private","min":1,"phone":"1"}`), &fine)
	_ = json.Unmarshal([]byte(members), &fine)
	for name, value := range fine {
		if string(value) == `"-"` {
			delete(fine, name)
		}
	}
	data, _ := json.Marshal(fine)
	return string(data)
}

func TestRules(t *testing.T) {
	t.Parallel()
	const asJSON = "application/json"
	for _, c := range []struct {
		method, media, body string
		want                []string // pointer: message (code)
	}{
		{"POST", asJSON, account(`{}`), nil},
		{"POST", asJSON, account(`{"passwordRepeat":"abd"}`), []string{"/passwordRepeat: must be the same as password (eqfield)"}},
		{"POST", asJSON, account(`{"hint":"abc"}`), []string{"/hint: must not be the same as password (nefield)"}},
		{"POST", asJSON, account(`{"hint":"abcd"}`), nil},
		{"POST", asJSON, account(`{"kind":"company","officer":"-"}`), []string{`/vat-id: is required when kind is "company" (required_if)`}},
		{"POST", asJSON, account(`{"kind":"company","vat-id":"DE1"}`), nil},
		{"POST", asJSON, account(`{"kind":"company","vat-id":""}`), nil}, // there, and empty
		{"POST", asJSON, account(`{"vat-id":"DE1"}`), []string{`/vat-id: must be left out when kind is "private" (excluded_if)`}},
		{"POST", asJSON, account(`{"kind":"public body"}`), []string{`/officer: is required unless kind is "private" or kind is "company" (required_unless)`}},
		{"POST", asJSON, account(`{"kind":"public body","officer":"o","guardian":"g"}`), []string{`/guardian: must be left out unless kind is "private" (excluded_unless)`}},
		{"POST", asJSON, account(`{"max":1}`), []string{"/max: must be greater than min (gtfield)"}},
		{"POST", asJSON, account(`{"max":1.0000000000000002}`), nil},
		{"POST", asJSON, account(`{"min":0,"max":5,"cap":5}`), nil},
		{"POST", asJSON, account(`{"cap":1}`), nil}, // without max there is nothing to compare with
		{"POST", asJSON, account(`{"max":5,"cap":4}`), []string{"/cap: must be at least max (gtefield)"}},
		{"POST", asJSON, account(`{"zip":"1"}`), []string{"/street: is required when city or zip is given (required_with)"}},
		{"POST", asJSON, account(`{"street":"s","zip":"1"}`), []string{"/city: is required when street and zip are given (required_with_all)"}},
		{"POST", asJSON, account(`{"street":"","city":"","zip":""}`), nil},
		{"POST", asJSON, account(`{"phone":"-","owner":{"name":"o"}}`), []string{"/phone: is required when mail is not given (required_without)"}},
		{"POST", asJSON, account(`{"phone":"-","mail":"m","owner":{"name":"o"}}`), []string{"/mail: must be left out when none of phone, fax and zip is given (excluded_without_all)"}},
		{"POST", asJSON, account(`{"mail":"m","fax":"f"}`), []string{"/mail: must be left out when phone and fax are given (excluded_with_all)"}},
		{"POST", asJSON, account(`{"fax":"f","pager":"p"}`), []string{"/fax: must be left out when pager is given (excluded_with)"}},
		{"POST", asJSON, account(`{"phone":"-","fax":"f","mail":"m"}`), []string{
			"/fax: must be left out when phone is not given (excluded_without)",
			"/owner: is required when neither phone nor pager is given (required_without_all)",
		}},
		{"POST", asJSON, account(`{"owner":{"name":""}}`), []string{"/owner/name: must not be empty (minLength)"}}, // the schema's own

		// Inside maps, whatever the keys, and beside declared properties.
		{"POST", asJSON, account(`{"stays":{"a].b[0]":{"from":"2026-02-01","to":"2026-02-01"},"~/":{"at":"2026-02-01T00:00:00Z","until":"2026-02-01T00:00:01+01:00"}}}`),
			[]string{"/stays/a].b[0]/to: must be later than from (gtfield)"}},
		{"POST", asJSON, account(`{"more":{"note":"n","first":{"at":"2026-02-01T00:00:00Z","until":"2026-02-01T00:00:01Z"},"x/y":{"from~size":3000000000,"sample/size":7}}}`),
			[]string{"/more/first/until: must be at or before at (ltefield)"}},
		{"POST", asJSON, account(`{"more":{"x/y":{"from~size":-1,"sample/size":7}}}`), []string{"/more/x~1y/sample~1size: must be less than from~size (ltfield)"}},

		// Several, in a list; and what the schema refuses is told alone.
		{"PUT", asJSON, "[" + account(`{}`) + "," + account(`{"max":0,"passwordRepeat":"x"}`) + "]", []string{
			"/1/max: must be greater than min (gtfield)", "/1/passwordRepeat: must be the same as password (eqfield)",
		}},
		{"PUT", asJSON, "[" + account(`{"max":0,"password":"x"}`) + "]", []string{"/0/password: must be at least 3 characters long (minLength)"}},

		{"PATCH", asJSON, `{"from":"2026-02-02","to":"2026-02-01"}`, []string{"/to: must be later than from (gtfield)"}},
		{"PATCH", "application/x-www-form-urlencoded", "from=2026-02-02&to=2026-02-01", []string{"/to: must be later than from (gtfield)"}},
		{"PATCH", "application/x-www-form-urlencoded", "from=2026-02-02&to=2026-02-03", nil},
		{"PATCH", asJSON, `{"from":"2026-02-02"}`, nil},
	} {
		h, s := serveRuled(t, catalog.Validation{}, nil)
		status, p := send(h, c.method, c.media, c.body)
		var got []string
		for _, f := range p.Errors {
			got = append(got, fmt.Sprintf("%s: %s (%s)", f.Pointer, f.Message, f.Code))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %s:\n%s", c.method, c.body, diff)
		}
		switch {
		case c.want == nil && (status != http.StatusNoContent || s.calls != 1):
			t.Errorf("%s %s: status %d, %d calls", c.method, c.body, status, s.calls)
		case c.want != nil && (status != http.StatusUnprocessableEntity || s.calls != 0 || p.Code != "invalid-request" || p.Detail != "the request does not match the contract"):
			t.Errorf("%s %s: status %d, %d calls, %s: %s", c.method, c.body, status, s.calls, p.Code, p.Detail)
		}
	}
}

// Rules are part of what banyan.yaml says about checking requests.
func TestRulesFollowValidation(t *testing.T) {
	t.Parallel()
	body := account(`{"max":0}`)
	for _, c := range []struct {
		validation catalog.Validation
		want       int
	}{
		{catalog.Validation{Status: http.StatusBadRequest}, http.StatusBadRequest},
		{catalog.Validation{Requests: catalog.RequestChecks{Go: catalog.Observe}}, http.StatusNoContent},
		{catalog.Validation{Requests: catalog.RequestChecks{Go: catalog.Off}}, http.StatusNoContent},
	} {
		h, _ := serveRuled(t, c.validation, nil)
		if status, _ := send(h, "POST", "application/json", body); status != c.want {
			t.Errorf("%+v: status %d, want %d", c.validation, status, c.want)
		}
	}
}

// A refusal is counted as one by the schema is, without the pointer, which the
// client chooses.
func TestRulesAreCounted(t *testing.T) {
	t.Parallel()
	var got []dispatch.Check
	h, _ := serveRuled(t, catalog.Validation{}, func(c *dispatch.Check) { got = append(got, *c) })
	send(h, "PUT", "application/json", "["+account(`{"max":0}`)+"]")
	if len(got) != 1 || !got[0].Refused || got[0].Message != dispatch.Request || len(got[0].Violations) != 1 {
		t.Fatalf("%+v", got)
	}
	v := got[0].Violations[0]
	if v.Keyword != "gtfield" || v.Pointer != "/0/max" || v.Schema != "/paths/~1accounts/put/requestBody" {
		t.Errorf("%+v", v)
	}
}

// What rules cost an operation that has some; others do not ask validator.
func BenchmarkRules(b *testing.B) {
	value, err := decode[tags.Account]([]byte(account(`{"max":2,"street":"s","city":"c","zip":"z","hint":"h"}`)))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := wire.Validator().Struct(value); err != nil {
			b.Fatal(err)
		}
	}
}
