package dispatch_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/rollout"
)

const accounts = `{"openapi":"3.0.3","info":{"title":"Accounts","version":"1"},"paths":{
	"/accounts":{"post":{"operationId":"create",
		"parameters":[{"name":"dry","in":"query","schema":{"type":"boolean","default":false}}],
		"requestBody":{"required":true,"content":{
			"application/json":{"schema":{"$ref":"#/components/schemas/Account"}},
			"application/x-www-form-urlencoded":{"schema":{"$ref":"#/components/schemas/Account"}},
			"multipart/form-data":{"schema":{"type":"object","required":["name","photo"],"properties":{
				"name":{"type":"string","maxLength":5},"photo":{"type":"string","format":"binary"}}}},
			"application/octet-stream":{"schema":{"type":"string","format":"binary"}}}},
		"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object","required":["id"]}}}}}}}},
	"components":{"schemas":{"Account":{"type":"object","required":["name"],"properties":{
		"name":{"type":"string","maxLength":5},
		"mail":{"type":"string","format":"email"},
		"password":{"type":"string","format":"password","pattern":"^[a-z]{8,}$","enum":["abcdefgh"]},
		"tax":{"type":"integer","maximum":9,"x-pii":true},
		"plan":{"type":"string","default":"free"}}}}}}`

// both is a server of that contract whose two sides say what they were sent.
type both struct {
	url    string
	d      *dispatch.Dispatcher
	log    *journal
	mu     sync.Mutex
	checks []*dispatch.Check
	bodies []string // that reached a side
}

func (b *both) serve(side string, r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = []byte("broken: " + err.Error())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bodies = append(b.bodies, string(body))
	return fmt.Sprintf("%s got %d bytes, says %d", side, len(body), r.ContentLength)
}

func startBoth(t *testing.T, plan string, v catalog.Validation) *both {
	t.Helper()
	service := &catalog.Service{Name: "s", Contract: []byte(accounts), Operations: []catalog.Operation{
		{Key: "s.create", ID: "create", Method: "POST", Path: "/accounts", BodyLimit: 8 << 20, Source: "api/s/openapi.yaml:1:5"},
	}}
	b := &both{log: &journal{}}
	p, faults := rollout.Parse("rollout.yaml", []byte(plan))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(b.log, nil))
	b.d = dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{Services: []*catalog.Service{service}, Validation: v},
		Legacy: backend{serve: func(w http.ResponseWriter, r *http.Request, _ *catalog.Operation) error {
			_, err := io.WriteString(w, b.serve("php", r))
			return err
		}},
		Rollout: rollout.Fixed(p), Log: log,
		Checked: dispatch.Observers(dispatch.LogChecks(log), func(c *dispatch.Check) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.checks = append(b.checks, c)
		}),
	})
	e := echo.New()
	err := b.d.Handle(e, service, map[string]echo.HandlerFunc{"create": func(c echo.Context) error {
		return c.String(200, b.serve("go", c.Request()))
	}})
	if err == nil {
		err = b.d.Start(e)
	}
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func (b *both) post(t *testing.T, query, contentType, body string) (int, string) {
	t.Helper()
	res, err := http.Post(b.url+"/accounts"+query, contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// found lists what was reported, as "message target outcome pointer keyword".
func (b *both) found() (out []string) {
	b.d.Settle()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.checks {
		for _, v := range c.Violations {
			line := fmt.Sprintf("%s %s %s %s", c.Message, c.Target, v.Pointer, v.Keyword)
			if c.Refused {
				line += " refused"
			}
			out = append(out, line)
		}
		if c.Skipped != conform.Checkable {
			out = append(out, fmt.Sprintf("%s %s skipped %s", c.Message, c.Target, c.Skipped))
		}
	}
	return out
}

var silent = catalog.AnswerChecks{Go: catalog.None, Legacy: catalog.None}

const (
	toGo  = "version: 1\ndefault: go"
	toPHP = "version: 1"
	// The client sends no subject, so it needs to be selected.
	onCanary      = "version: 1\nselect: {header: content-type, value: application/json}\noperations: {s.create: {stage: canary, percent: 0}}"
	outsideCanary = "version: 1\nselect: {header: x-env, value: canary}\noperations: {s.create: {stage: canary, percent: 0}}"
)

func TestRequestPolicies(t *testing.T) {
	t.Parallel()
	const bad, good = `{"name":"too long","plan":1}`, `{ "name": "Ada" }`
	for _, c := range []struct {
		name, plan string
		requests   catalog.RequestChecks
		body       string
		status     int
		reached    string // what the side got; empty when nobody did
		found      []string
	}{
		{"go by default, bad", toGo, catalog.RequestChecks{}, bad, 422, "", []string{"request go /name maxLength refused", "request go /plan type refused"}},
		{"go by default, good", toGo, catalog.RequestChecks{}, good, 200, `{ "name": "Ada" ,"plan":"free"}`, nil},
		{"go off", toGo, catalog.RequestChecks{Go: catalog.Off}, bad, 200, bad, nil},
		{"go observed", toGo, catalog.RequestChecks{Go: catalog.Observe}, bad, 200, bad, []string{"request go /name maxLength", "request go /plan type"}},
		{"php by default", toPHP, catalog.RequestChecks{}, bad, 200, bad, nil},
		{"php observed, bad", toPHP, catalog.RequestChecks{Legacy: catalog.Observe}, bad, 200, bad, []string{"request legacy /name maxLength", "request legacy /plan type"}},
		{"php observed, good", toPHP, catalog.RequestChecks{Legacy: catalog.Observe}, good, 200, good, nil},
		{"php enforced, bad", toPHP, catalog.RequestChecks{Legacy: catalog.Enforce}, bad, 422, "", []string{"request legacy /name maxLength refused", "request legacy /plan type refused"}},
		{"php enforced, good: it has defaults of its own", toPHP, catalog.RequestChecks{Legacy: catalog.Enforce}, good, 200, good, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := startBoth(t, c.plan, catalog.Validation{Requests: c.requests, Answers: silent})
			status, body := b.post(t, "", "application/json", c.body)
			if status != c.status {
				t.Errorf("status %d: %s", status, body)
			}
			if diff := cmp.Diff(c.found, b.found()); diff != "" {
				t.Error(diff)
			}
			if c.reached == "" != (len(b.bodies) == 0) || len(b.bodies) == 1 && b.bodies[0] != c.reached {
				t.Errorf("reached: %q, want %q", b.bodies, c.reached)
			}
			if c.reached != "" && !strings.HasSuffix(body, fmt.Sprintf("got %d bytes, says %[1]d", len(c.reached))) {
				t.Error(body)
			}
		})
	}
}

// Without checks nobody reads a body but the side that answers: it can answer
// before the client has sent it.
func TestOffReadsNothing(t *testing.T) {
	t.Parallel()
	b := startBoth(t, toPHP, catalog.Validation{})
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		res, err := http.Post(b.url+"/accounts", "application/json", r)
		if err == nil {
			res.Body.Close()
		}
	}()
	if _, err := io.WriteString(w, `{"name":`); err != nil {
		t.Fatal(err)
	}
	w.Close()
	<-done
	if len(b.bodies) != 1 || b.bodies[0] != `{"name":` {
		t.Errorf("%q", b.bodies)
	}
}

func TestValidationSettings(t *testing.T) {
	t.Parallel()
	good := `{"name":"Ada"}`
	for _, c := range []struct {
		name       string
		validation catalog.Validation
		query      string
		body       string
		status     int
		found      []string
	}{
		{"another status", catalog.Validation{Status: 400}, "", `{}`, 400, []string{"request go /name required refused"}},
		{"unknown query ignored", catalog.Validation{}, "?a=1", good, 200, nil},
		{"unknown query counted", catalog.Validation{UnknownQuery: catalog.UnknownWarn}, "?a=1&dry=true", good, 200, []string{"request go /query/a unknown"}},
		{"unknown query counted beside a fault", catalog.Validation{UnknownQuery: catalog.UnknownWarn}, "?a=1&dry=1", good, 400, []string{"request go /query/dry type refused", "request go /query/a unknown refused"}},
		{"unknown query refused", catalog.Validation{UnknownQuery: catalog.UnknownRefuse}, "?a=1", good, 422, []string{"request go /query/a unknown refused"}},
		{"format refused", catalog.Validation{}, "", `{"name":"Ada","mail":"ada"}`, 422, []string{"request go /mail format refused"}},
		{"format counted", catalog.Validation{Formats: catalog.FormatsWarn}, "", `{"name":"Ada","mail":"ada"}`, 200, []string{"request go /mail format"}},
		{"format counted beside a fault", catalog.Validation{Formats: catalog.FormatsWarn}, "", `{"name":"too long","mail":"ada"}`, 422, []string{"request go /name maxLength refused", "request go /mail format refused"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.validation.Answers = silent
			b := startBoth(t, toGo, c.validation)
			status, body := b.post(t, c.query, "application/json", c.body)
			if status != c.status || strings.Contains(body, `/mail`) != (c.name == "format refused") {
				t.Errorf("status %d, want %d: %s", status, c.status, body)
			}
			if diff := cmp.Diff(c.found, b.found()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Values of fields that are passwords or personal are neither answered nor
// logged.
func TestRedaction(t *testing.T) {
	t.Parallel()
	b := startBoth(t, toGo, catalog.Validation{Answers: silent})
	seen := startBoth(t, toPHP, catalog.Validation{Requests: catalog.RequestChecks{Legacy: catalog.Observe}, Answers: silent})
	for _, body := range []string{
		`{"name":"Ada","password":"S3CRET","tax":777666}`,
		`{"name":"Ada","password":777666}`,
		`{"name":"Ada","password":["S3CRET"],"tax":"S3CRET"}`,
		`{"name":"Ada","password":"S3CRET","password":"S3CRET"}`,
		`{"name":"Ada","password":"S3CRET`,
	} {
		status, answer := b.post(t, "", "application/json", body)
		if status != 422 && status != 400 || !strings.Contains(answer, `"errors"`) {
			t.Errorf("%s: %d %s", body, status, answer)
		}
		seen.post(t, "", "application/json", body)
		seen.found()
		for _, text := range []string{answer, b.log.String(), seen.log.String()} {
			if strings.Contains(text, "S3CRET") || strings.Contains(text, "777666") {
				t.Errorf("%s shows in %s", body, text)
			}
		}
	}
	if status, answer := b.post(t, "", "application/x-www-form-urlencoded", "name=Ada&password=S3CRET&tax=777666"); status != 422 || strings.Contains(answer, "S3CRET") || strings.Contains(answer, "777666") {
		t.Errorf("%d %s", status, answer)
	}
	if !strings.Contains(seen.log.String(), `"pointer":"/password"`) {
		t.Errorf("nothing was observed: %s", seen.log)
	}
}

func multipartOf(t *testing.T, name string, photo int) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	err := w.WriteField("name", name)
	if err == nil && photo >= 0 {
		var part io.Writer
		if part, err = w.CreateFormFile("photo", "p.png"); err == nil {
			_, err = part.Write(bytes.Repeat([]byte("p"), photo))
		}
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// Forms are read by the same rules as JSON, and the handler gets what was
// sent, however large its files are.
func TestForms(t *testing.T) {
	t.Parallel()
	b := startBoth(t, toGo, catalog.Validation{Answers: silent})
	small, smallBody := multipartOf(t, "Ada", 10)
	large, largeBody := multipartOf(t, "Ada", 3<<20) // not held in memory
	long, longBody := multipartOf(t, "too long", 3<<20)
	none, noneBody := multipartOf(t, "Ada", -1)
	huge, hugeBody := multipartOf(t, "Ada", 9<<20)
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		says                    string
	}{
		{"form", "application/x-www-form-urlencoded", "name=Ada", 200, "go got 8 bytes"},
		{"bad form", "application/x-www-form-urlencoded", "name=too+long&name=x", 400, `"/name","message":"must be given once"`},
		{"multipart", small, smallBody, 200, fmt.Sprintf("go got %d bytes, says %[1]d", len(smallBody))},
		{"large multipart", large, largeBody, 200, fmt.Sprintf("go got %d bytes, says %[1]d", len(largeBody))},
		{"bad field", long, longBody, 422, `"/name"`},
		{"no file", none, noneBody, 422, `"/photo"`},
		{"no boundary", "multipart/form-data", smallBody, 400, "boundary"},
		{"broken", small, smallBody[:len(smallBody)-20], 400, "is not valid multipart/form-data"},
		{"too large", huge, hugeBody, 413, "body-too-large"},
		{"stream", "application/octet-stream", "anything", 200, "go got 8 bytes"},
	} {
		status, answer := b.post(t, "", c.contentType, c.body)
		if status != c.status || !strings.Contains(answer, c.says) {
			t.Errorf("%s: %d %s", c.name, status, answer)
		}
		if status == 200 && b.bodies[len(b.bodies)-1] != c.body {
			t.Errorf("%s: the handler got something else", c.name)
		}
	}
}

func TestAnswersByPolicy(t *testing.T) {
	t.Parallel()
	const contentType = "answer %s /header/Content-Type content-type"
	for _, c := range []struct {
		name, plan string
		answers    catalog.AnswerChecks
		want       int // of 20 answers
	}{
		{"all of go", toGo, catalog.AnswerChecks{Go: catalog.All, Legacy: catalog.None}, 20},
		{"none of go", toGo, catalog.AnswerChecks{Go: catalog.None, Legacy: catalog.All}, 0},
		{"all of php", toPHP, catalog.AnswerChecks{Legacy: catalog.All}, 20},
		{"none of php", toPHP, silent, 0},
		{"all of go on canary", onCanary, catalog.AnswerChecks{Go: catalog.None, Legacy: catalog.None, Canary: catalog.All}, 20},
		{"none of go on canary", onCanary, catalog.AnswerChecks{Go: catalog.All, Legacy: catalog.All, Canary: catalog.None}, 0},
		{"php on canary is the side's", outsideCanary, catalog.AnswerChecks{Go: catalog.None, Legacy: catalog.All}, 20},
		{"canary says nothing of go", toGo, catalog.AnswerChecks{Go: catalog.None, Legacy: catalog.None, Canary: catalog.All}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := startBoth(t, c.plan, catalog.Validation{Answers: c.answers})
			for range 20 {
				if status, body := b.post(t, "", "application/json", `{"name":"Ada"}`); status != 200 || !strings.Contains(body, "got") {
					t.Fatal(status, body) // the answer itself never changes
				}
			}
			violations := 0
			for _, line := range b.found() {
				if line == fmt.Sprintf(contentType, "go") || line == fmt.Sprintf(contentType, "legacy") {
					violations++
				}
			}
			if violations != c.want {
				t.Errorf("%d violations, want %d: %q", violations, c.want, b.found())
			}
			if lines := strings.Count(b.log.String(), "is not what the contract says"); lines != min(c.want, 1) {
				t.Errorf("%d lines in the log: %s", lines, b.log)
			}
		})
	}
}

// A contract that cannot be checked keeps the server from starting, and the
// error has all of it.
func TestUncheckableContract(t *testing.T) {
	t.Parallel()
	service := &catalog.Service{Name: "s", Operations: []catalog.Operation{
		{Key: "s.a", ID: "a", Method: "GET", Path: "/a", Source: "api/s/openapi.yaml:4:5"},
		{Key: "s.b", ID: "b", Method: "POST", Path: "/b", Source: "api/s/openapi.yaml:9:5"},
		{Key: "s.c", ID: "c", Method: "GET", Path: "/c", Source: "api/s/openapi.yaml:12:5"},
	}, Contract: []byte(`{"openapi":"3.0.3","paths":{
		"/a":{"get":{"operationId":"a","parameters":[{"name":"p","in":"query","schema":{"type":"strng"}}],"responses":{"200":{"description":"ok"}}}},
		"/b":{"post":{"operationId":"b","requestBody":{"content":{"application/json":{"schema":{"type":"string","pattern":"("}}}},"responses":{}}}}}`)}
	register := func(v catalog.Validation) error {
		d := dispatch.New(dispatch.Options{Workspace: &catalog.Workspace{Services: []*catalog.Service{service}, Validation: v}})
		return d.Handle(echo.New(), service, nil)
	}
	var faults config.Faults
	err := register(catalog.Validation{})
	if f, ok := err.(config.Faults); ok {
		faults = f
	}
	var got []string
	for _, f := range faults {
		got = append(got, f.Pos.File+" "+f.Message)
	}
	want := []string{
		"api/s/openapi.yaml:4:5 s.a: the contract cannot be checked at #/paths/~1a/get/parameters/0/schema/type: ",
		"api/s/openapi.yaml:9:5 s.b: the contract cannot be checked at #/paths/~1b/post/requestBody/content/application~1json/schema/pattern: ",
		"api/s/openapi.yaml:12:5 s.c: the contract cannot be checked at #/paths: the contract has no operation \"c\"",
	}
	if len(got) != len(want) {
		t.Fatalf("%q (%v)", got, err)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
	off := catalog.Validation{Answers: silent, Requests: catalog.RequestChecks{Go: catalog.Off}}
	if err := register(off); err != nil {
		t.Errorf("nothing is checked, and still: %v", err)
	}
}
