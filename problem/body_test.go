package problem_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/problem"
)

// The forms of frameworks, and what errors look like in them.
func TestBodies(t *testing.T) {
	t.Parallel()
	invalid := problem.InvalidRequest.New("")
	invalid.Errors = []problem.Fault{
		{Pointer: "/items/0/sku", Message: "is unknown", Code: "enum"},
		{Pointer: "/query/limit", Message: "must be at most 10", Code: "maximum"},
		{Pointer: "/items/0/sku", Message: "is too \"long\"", Code: "maxLength"},
	}
	missing := problem.NotFound.Wrap(errors.New("secret"), "no such order")
	missing.TraceID, missing.LegacyCode = "0af7", "40401"
	for _, c := range []struct{ name, form, invalid, missing string }{
		{"Laravel", `{"message": "{message}", "errors": {"{field}": ["{reason}"]}}`,
			`{"message":"Invalid request","errors":{"items.0.sku":["is unknown","is too \"long\""],"limit":["must be at most 10"]}}`,
			`{"message":"no such order","errors":{}}`},
		{"Symfony", `{"type": "about:blank", "title": "{title}", "status": "{status}", "detail": "{message}", "violations": [{"propertyPath": "{field}", "title": "{reason}"}]}`,
			`{"type":"about:blank","title":"Invalid request","status":422,"detail":"Invalid request","violations":[{"propertyPath":"items.0.sku","title":"is unknown"},{"propertyPath":"limit","title":"must be at most 10"},{"propertyPath":"items.0.sku","title":"is too \"long\""}]}`,
			`{"type":"about:blank","title":"Not found","status":404,"detail":"no such order","violations":[]}`},
		{"API Platform", `{"@context": "/contexts/Error", "@type": "hydra:Error", "hydra:title": "{title}", "hydra:description": "{detail}"}`,
			`{"@context":"/contexts/Error","@type":"hydra:Error","hydra:title":"Invalid request","hydra:description":""}`,
			`{"@context":"/contexts/Error","@type":"hydra:Error","hydra:title":"Not found","hydra:description":"no such order"}`},
		{"WordPress", `{"code": "{code}", "message": "{message}", "data": {"status": "{status}", "params": {"{field}": "{reason}"}}}`,
			`{"code":"invalid-request","message":"Invalid request","data":{"status":422,"params":{"items.0.sku":"is unknown","limit":"must be at most 10"}}}`,
			`{"code":"not-found","message":"no such order","data":{"status":404,"params":{}}}`},
		{"an envelope", `{"ok": false, "n": 1.50, "data": null, "error": {"code": "E_{status}", "text": "{code}: {message} ({traceId}{legacyCode})", "at": [["{pointer}", "{keyword}"]]}}`,
			`{"ok":false,"n":1.50,"data":null,"error":{"code":"E_422","text":"invalid-request: Invalid request ()","at":[["/items/0/sku","enum"],["/query/limit","maximum"],["/items/0/sku","maxLength"]]}}`,
			`{"ok":false,"n":1.50,"data":null,"error":{"code":"E_404","text":"not-found: no such order (0af740401)","at":[]}}`},
		{"a text", `"{message}"`, `"Invalid request"`, `"no such order"`},
	} {
		body, err := problem.ParseBody([]byte(c.form))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, one := range []struct {
			err  *problem.Error
			want string
		}{{invalid, c.invalid}, {missing, c.missing}} {
			w := httptest.NewRecorder()
			problem.WriteAs(w, httptest.NewRequest("POST", "/", nil), one.err, body, "application/json")
			if got := w.Body.String(); got != one.want+"\n" || w.Code != one.err.Status || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d %v %s\nwant %s", c.name, w.Code, w.Header(), got, one.want)
			}
		}
	}
}

func TestBodiesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ form, want string }{
		{``, "EOF"},
		{`{"a"`, ""},
		{`{"message": "{massage}"}`, "{massage} is nothing of an error"},
		{`{"message": "{message"}`, "is nothing of an error"},
		{`{"field": "{field}"}`, "stand in a list"},
		{`["{field}", "{reason}"]`, "stand in a list"},
		{`{"errors": {"{field}": "{reason}", "more": 1}}`, "no other members"},
		{strings.Repeat("[", 100), "levels deep"},
		{`"` + strings.Repeat("a", 70_000) + `"`, "larger"},
	} {
		if _, err := problem.ParseBody([]byte(c.form)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40s: %v, want %s", c.form, err, c.want)
		}
	}
}

// Whatever is read as a form writes JSON.
func FuzzBody(f *testing.F) {
	f.Add(`{"message": "{message}", "errors": {"{field}": ["{reason}"]}, "n": [1, {"a": "{status}"}]}`, "/a/0", "b\xff\"")
	f.Add(`[{"{pointer}": {"x": ["{reason}", "{keyword}"]}}]`, "", "")
	f.Fuzz(func(t *testing.T, form, pointer, text string) {
		body, err := problem.ParseBody([]byte(form))
		if err != nil {
			return
		}
		e := problem.InvalidRequest.New(text)
		e.Errors = []problem.Fault{{Pointer: pointer, Message: text, Code: text}, {Pointer: pointer}, {Pointer: text}}
		w := httptest.NewRecorder()
		problem.WriteAs(w, httptest.NewRequest("GET", "/", nil), e, body, "application/json")
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s: %s", form, w.Body)
		}
	})
}
