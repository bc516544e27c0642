package dispatch_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/rollout"
	"github.com/labstack/echo/v4"
)

var outOfStock = problem.Kind{Code: "out-of-stock", Status: 409, Title: "Out of stock"}

// Both sides fail the same way; nothing of a cause is ever sent.
func TestErrorsBecomeProblems(t *testing.T) {
	t.Parallel()
	const leak = "secret-of-the-server"
	cause := errors.New(leak)
	tests := []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"problem", outOfStock.Wrap(cause, "only 3 left"), 409, "out-of-stock"},
		{"wrapped problem", fmt.Errorf(leak+": %w", outOfStock.New("")), 409, "out-of-stock"},
		{"kind", outOfStock, 409, "out-of-stock"},
		{"plain", cause, 500, "internal"},
		{"wrapped", fmt.Errorf("query: %w", cause), 500, "internal"},
		{"deadline of a dependency", context.DeadlineExceeded, 500, "internal"},
		{"echo 400", echo.NewHTTPError(400, leak), 400, "malformed-request"},
		{"echo 401", echo.NewHTTPError(401, leak), 401, "unauthorized"},
		{"echo 403", echo.ErrForbidden, 403, "forbidden"},
		{"echo 404", echo.ErrNotFound, 404, "not-found"},
		{"echo 405", echo.ErrMethodNotAllowed, 405, "method-not-allowed"},
		{"echo 413", echo.ErrStatusRequestEntityTooLarge, 413, "body-too-large"},
		{"echo 415", echo.ErrUnsupportedMediaType, 415, "unsupported-media-type"},
		{"echo 418", echo.NewHTTPError(418, leak), 418, "im-a-teapot"},
		{"echo 429", echo.ErrTooManyRequests, 429, "too-many-requests"},
		{"echo 500", echo.NewHTTPError(500, leak), 500, "internal"},
		{"echo 503", echo.NewHTTPError(503, leak), 503, "unavailable"},
		{"echo 504", echo.NewHTTPError(504, leak), 504, "gateway-timeout"},
		{"echo 200", echo.NewHTTPError(200, leak), 500, "internal"},
		{"echo map", echo.NewHTTPError(400, map[string]string{"x": leak}), 400, "malformed-request"},
		{"too large", fmt.Errorf("bind: %w", &http.MaxBytesError{Limit: 5}), 413, "body-too-large"},
		{"echo around too large", echo.NewHTTPError(400, leak).SetInternal(&http.MaxBytesError{Limit: 5}), 413, "body-too-large"},
		{"not multipart", http.ErrNotMultipart, 400, "malformed-request"},
	}
	for _, side := range []string{"go", "legacy"} {
		for _, tt := range tests {
			t.Run(side+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				s := setup{
					operations: []catalog.Operation{op("s.fail", "GET", "/fail")},
					handlers:   map[string]echo.HandlerFunc{"fail": func(echo.Context) error { return tt.err }},
					legacy:     backend{serve: func(http.ResponseWriter, *http.Request, *catalog.Operation) error { return tt.err }},
					plan:       "version: 1\ndefault: " + side,
				}.start(t)
				a := s.get("/fail")
				p := a.problem(t)
				if a.StatusCode != tt.status || p.Code != tt.code {
					t.Errorf("got %d %s, want %d %s", a.StatusCode, p.Code, tt.status, tt.code)
				}
				if strings.Contains(a.body, leak) {
					t.Errorf("leaks: %s", a.body)
				}
				e := s.event()
				if e.Status != tt.status || e.Err == nil || e.TraceID != p.TraceID || len(p.TraceID) != 32 {
					t.Errorf("event %+v, trace %q", e, p.TraceID)
				}
				s.noMore()
			})
		}
	}
}

// Answers of package-wide problems must not learn of each other's requests.
func TestProblemsAreNotShared(t *testing.T) {
	t.Parallel()
	shared := outOfStock.New("")
	s := setup{
		operations: []catalog.Operation{op("s.fail", "GET", "/fail")},
		handlers:   map[string]echo.HandlerFunc{"fail": func(echo.Context) error { return shared }},
	}.start(t)
	if a, b := s.get("/fail").problem(t), s.get("/fail").problem(t); a.TraceID == b.TraceID || shared.TraceID != "" {
		t.Errorf("traces %q, %q, shared %q", a.TraceID, b.TraceID, shared.TraceID)
	}
}

// bind is what generated code does with a JSON body.
func bind(c echo.Context) error {
	var body struct {
		Count int `json:"count"`
		Item  struct {
			Name string `json:"name"`
		} `json:"item"`
	}
	if err := new(echo.DefaultBinder).BindBody(c, &body); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func TestMalformedBodies(t *testing.T) {
	t.Parallel()
	limited := op("s.add", "POST", "/items")
	limited.BodyLimit = 64
	s := setup{operations: []catalog.Operation{limited}, handlers: map[string]echo.HandlerFunc{"add": bind}}.start(t)
	tests := []struct {
		body, media, code, pointer string
	}{
		{`{"count": "many"}`, "application/json", "malformed-request", "/count"},
		{`{"item": {"name": 5.25}}`, "application/json", "malformed-request", "/item/name"},
		{`{"count":`, "application/json", "malformed-request", ""},
		{`nonsense`, "application/json", "malformed-request", ""},
		{`[]`, "application/json", "malformed-request", ""},
		{`{"count":1}`, "text/csv", "unsupported-media-type", ""},
		{`{"count":1, "x": "` + strings.Repeat("x", 64) + `"}`, "application/json", "body-too-large", ""},
	}
	for _, tt := range tests {
		for _, chunked := range []bool{false, true} {
			var body io.Reader = strings.NewReader(tt.body)
			if chunked {
				body = io.MultiReader(body) // hides the length
			}
			r := s.request("POST", "/items", body)
			r.Header.Set("Content-Type", tt.media)
			a := s.send(r)
			p := a.problem(t)
			if p.Code != tt.code {
				t.Errorf("%s: %s, want %s", tt.body, p.Code, tt.code)
			}
			if got := ""; tt.pointer != "" {
				if len(p.Errors) == 1 {
					got = p.Errors[0].Pointer
				}
				if got != tt.pointer {
					t.Errorf("%s: errors %+v, want %s", tt.body, p.Errors, tt.pointer)
				}
			}
			for _, inside := range []string{"struct", "Unmarshal", "expected=", "offset"} {
				if strings.Contains(a.body, inside) {
					t.Errorf("%s: %q leaks: %s", tt.body, inside, a.body)
				}
			}
		}
	}
}

func TestMalformedParameters(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]problem.Fault{
		`Invalid format for parameter limit: error binding string parameter: strconv.ParseInt: parsing "x"`: {Message: "the parameter limit does not have the form that the contract asks for"},
		`Error unmarshaling parameter 'filter' as JSON`:                                                     {Message: "the parameter filter does not have the form that the contract asks for"},
		`Error unescaping cookie parameter 'sid'`:                                                           {Message: "the parameter sid does not have the form that the contract asks for"},
		`Query argument limit is required, but not found`:                                                   {Pointer: "/query/limit", Message: "the parameter is required"},
		`Header parameter X-A is required, but not found`:                                                   {Pointer: "/header/X-A", Message: "the parameter is required"},
		`Expected one value for X-A, got 2`:                                                                 {Pointer: "/header/X-A", Message: "the parameter must be given once"},
	} {
		s := setup{
			operations: []catalog.Operation{op("s.fail", "GET", "/fail")},
			handlers:   map[string]echo.HandlerFunc{"fail": func(echo.Context) error { return echo.NewHTTPError(400, message) }},
		}.start(t)
		if p := s.get("/fail").problem(t); p.Code != "malformed-request" || len(p.Errors) != 1 || p.Errors[0] != want {
			t.Errorf("%s: got %+v", message, p)
		}
	}
}

// A body that is too large is 413 whatever the side makes of it, and a body
// that says so beforehand is not read at all.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	read := make(chan int64, 1)
	swallow := func(r *http.Request) error {
		n, err := io.Copy(io.Discard, r.Body)
		read <- n
		if err != nil {
			return problem.LegacyReset.New("the side's own idea of it")
		}
		return nil
	}
	for side, path := range map[string]string{"go": "/items", "legacy": "/items", "outside": "/nowhere"} {
		t.Run(side, func(t *testing.T) {
			limited := op("s.add", "POST", "/items")
			limited.BodyLimit = 1000
			s := setup{
				operations: []catalog.Operation{limited},
				handlers:   map[string]echo.HandlerFunc{"add": func(c echo.Context) error { return swallow(c.Request()) }},
				legacy:     backend{serve: func(_ http.ResponseWriter, r *http.Request, _ *catalog.Operation) error { return swallow(r) }},
				plan:       "version: 1\ndefault: " + strings.Replace(side, "outside", "go", 1),
				unmatched:  catalog.Legacy,
				limit:      1000,
			}.start(t)
			send := func(size int, chunked bool) answer {
				var body io.Reader = strings.NewReader(strings.Repeat("x", size))
				if chunked {
					body = io.MultiReader(body)
				}
				return s.send(s.request("POST", path, body))
			}
			for _, chunked := range []bool{false, true} {
				if a := send(1000, chunked); a.StatusCode != 200 {
					t.Errorf("1000 bytes, chunked %v: %d %s", chunked, a.StatusCode, a.body)
				}
				if n := <-read; n != 1000 {
					t.Errorf("1000 bytes, chunked %v: %d arrive", chunked, n)
				}
				a := send(1001, chunked)
				if p := a.problem(t); p.Code != "body-too-large" || a.StatusCode != 413 {
					t.Errorf("1001 bytes, chunked %v: %d %s", chunked, a.StatusCode, a.body)
				}
				if chunked {
					if n := <-read; n != 1000 {
						t.Errorf("%d bytes arrive, want the limit", n)
					}
				}
			}
			select {
			case n := <-read:
				t.Errorf("a body that was declared too large was read: %d bytes", n)
			default:
			}
		})
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"go", "legacy"} {
		s := setup{
			operations: []catalog.Operation{op("s.panic", "GET", "/panic"), op("s.late", "GET", "/late"), op("s.abort", "GET", "/abort"), op("s.err", "GET", "/err")},
			handlers: map[string]echo.HandlerFunc{
				"panic": func(echo.Context) error { panic("secret") },
				"late":  func(c echo.Context) error { _ = c.String(200, "half"); panic("secret") },
				"abort": func(echo.Context) error { panic(http.ErrAbortHandler) },
				"err":   func(c echo.Context) error { _ = c.String(200, "half"); return errors.New("secret") },
			},
			legacy: backend{serve: func(w http.ResponseWriter, _ *http.Request, op *catalog.Operation) error {
				if op.Key == "s.late" || op.Key == "s.err" {
					w.WriteHeader(200)
					_, _ = io.WriteString(w, "half")
				}
				switch op.Key {
				case "s.abort":
					panic(http.ErrAbortHandler)
				case "s.err":
					return errors.New("secret")
				}
				panic("secret")
			}},
			plan: "version: 1\ndefault: " + side,
		}.start(t)
		a := s.get("/panic")
		if p := a.problem(t); p.Code != "internal" || strings.Contains(a.body, "secret") {
			t.Errorf("%s: %s", side, a.body)
		}
		if e := s.event(); e.Status != 500 || e.Err == nil {
			t.Errorf("%s: event %+v", side, e)
		}
		if log := s.log.String(); !strings.Contains(log, "errors_test.go") || !strings.Contains(log, "secret") {
			t.Errorf("%s: no stack in the log: %s", side, log)
		}
		// What fails after the first byte must not look complete.
		// A connection each: a client repeats what fails on a used one.
		once := &http.Transport{DisableKeepAlives: true}
		for _, path := range []string{"/late", "/abort", "/err"} {
			res, err := once.RoundTrip(s.request("GET", path, nil))
			if err == nil {
				_, err = io.ReadAll(res.Body)
				_ = res.Body.Close()
			}
			if err == nil {
				t.Errorf("%s %s: the answer looks complete", side, path)
			}
			if e := s.event(); e.Err == nil {
				t.Errorf("%s %s: event %+v", side, path, e)
			}
		}
		s.noMore()
	}
}

func TestClientGoesAway(t *testing.T) {
	t.Parallel()
	entered := make(chan bool)
	s := setup{
		operations: []catalog.Operation{op("s.slow", "GET", "/slow")},
		handlers: map[string]echo.HandlerFunc{"slow": func(c echo.Context) error {
			entered <- true
			<-c.Request().Context().Done()
			return c.Request().Context().Err()
		}},
	}.start(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	if res, err := http.DefaultTransport.RoundTrip(s.request("GET", "/slow", nil).WithContext(ctx)); err == nil {
		_ = res.Body.Close()
		t.Error("there was an answer")
	}
	if e := s.event(); e.Status != 499 || !errors.Is(e.Err, context.Canceled) {
		t.Errorf("event %+v", e)
	}
}

// A client that leaves an event stream is no fault, and one whose server fails is.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	s := setup{
		operations: []catalog.Operation{op("s.stream", "GET", "/stream")},
		legacy: backend{serve: func(w http.ResponseWriter, r *http.Request, _ *catalog.Operation) error {
			w.Header().Set("Content-Type", "text/event-stream")
			w.WriteHeader(200)
			_, _ = io.WriteString(w, "data: 1\n\n")
			_ = http.NewResponseController(w).Flush()
			if r.URL.RawQuery == "" {
				<-r.Context().Done()
			}
			panic(http.ErrAbortHandler)
		}},
	}.start(t)
	for query, left := range map[string]bool{"": true, "?fails": false} {
		ctx, cancel := context.WithCancel(t.Context())
		res, err := http.DefaultTransport.RoundTrip(s.request("GET", "/stream"+query, nil).WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		if left {
			cancel()
		}
		if _, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("%q: the stream looks complete", query)
		}
		_ = res.Body.Close()
		cancel()
		if e := s.event(); e.Status != 200 || errors.Is(e.Err, context.Canceled) != left || e.Err == nil || strings.Contains(e.Err.Error(), "abort Handler") {
			t.Errorf("%q: event %+v", query, e)
		}
	}
}

// Middleware in front of dispatch refuses requests in the same form.
func TestMiddlewareErrors(t *testing.T) {
	t.Parallel()
	s := setup{
		operations: []catalog.Operation{op("s.list", "GET", "/items")},
		handlers:   map[string]echo.HandlerFunc{"list": text("go")},
		before: func(e *echo.Echo) {
			e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
				return func(c echo.Context) error {
					if c.Request().Header.Get("Authorization") == "" {
						c.Response().Header().Set("WWW-Authenticate", "Bearer")
						return echo.ErrUnauthorized
					}
					return next(c)
				}
			})
		},
	}.start(t)
	a := s.get("/items")
	if p := a.problem(t); p.Code != "unauthorized" || a.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("%s %v", a.body, a.Header)
	}
	if e := s.event(); e.Status != 401 || e.Operation != "" || e.Target != rollout.None {
		t.Errorf("event %+v", e)
	}
	s.noMore()
}

// The legacy side may stream, send informational answers and switch protocols.
func TestLegacyWriter(t *testing.T) {
	t.Parallel()
	goOn := make(chan bool)
	s := setup{
		operations: []catalog.Operation{op("s.hints", "GET", "/hints"), op("s.stream", "GET", "/stream"), op("s.upgrade", "GET", "/upgrade")},
		legacy: backend{serve: func(w http.ResponseWriter, r *http.Request, op *catalog.Operation) error {
			rc := http.NewResponseController(w)
			switch op.Key {
			case "s.hints":
				w.Header().Set("Link", "</a.css>")
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(http.StatusCreated)
			case "s.stream":
				if err := rc.Flush(); err != nil {
					return err
				}
				<-goOn
				_, _ = io.WriteString(w, "rest")
			case "s.upgrade":
				conn, rw, err := rc.Hijack()
				if err != nil {
					return err
				}
				_, _ = io.WriteString(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
				_ = rw.Flush()
				_ = conn.Close()
			}
			return nil
		}},
	}.start(t)
	if a := s.get("/hints"); a.StatusCode != 201 {
		t.Errorf("an informational answer became the final one: %d", a.StatusCode)
	}
	if e := s.event(); e.Status != 201 {
		t.Errorf("event %+v", e)
	}

	res, err := http.DefaultTransport.RoundTrip(s.request("GET", "/stream", nil))
	if err != nil {
		t.Fatal(err)
	}
	goOn <- true // the head is here before the rest was written
	if rest, err := io.ReadAll(res.Body); err != nil || string(rest) != "rest" {
		t.Errorf("%q, %v", rest, err)
	}
	_ = res.Body.Close()
	if e := s.event(); e.Status != 200 || e.Bytes != 4 {
		t.Errorf("event %+v", e)
	}

	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.url, "http://"), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	if line, _ := bufio.NewReader(conn).ReadString('\n'); !strings.Contains(line, "101") {
		t.Errorf("got %q", line)
	}
	if e := s.event(); e.Status != 101 {
		t.Errorf("event %+v", e)
	}
}

func TestTraceID(t *testing.T) {
	t.Parallel()
	s := setup{operations: []catalog.Operation{op("s.list", "GET", "/items")}, legacy: backend{}}.start(t)
	const id = "0af7651916cd43dd8448eb211c80319c"
	for _, tt := range []struct {
		name   string
		header []string
		valid  bool
	}{
		{"valid", []string{"00-" + id + "-b7ad6b7169203331-01"}, true},
		{"later version", []string{"01-" + id + "-b7ad6b7169203331-01-more"}, true},
		{"none", nil, false},
		{"two", []string{"00-" + id + "-b7ad6b7169203331-01", "00-" + id + "-b7ad6b7169203331-01"}, false},
		{"version ff", []string{"ff-" + id + "-b7ad6b7169203331-01"}, false},
		{"too long", []string{"00-" + id + "-b7ad6b7169203331-01-more"}, false},
		{"glued", []string{"01-" + id + "-b7ad6b7169203331-01more"}, false},
		{"upper case", []string{"00-" + strings.ToUpper(id) + "-b7ad6b7169203331-01"}, false},
		{"zero trace", []string{"00-" + strings.Repeat("0", 32) + "-b7ad6b7169203331-01"}, false},
		{"zero parent", []string{"00-" + id + "-0000000000000000-01"}, false},
		{"short", []string{"00-" + id}, false},
		{"bad flags", []string{"00-" + id + "-b7ad6b7169203331-0x"}, false},
	} {
		r := s.request("GET", "/nowhere", nil)
		r.Header["Traceparent"] = tt.header
		p := s.send(r).problem(t)
		if (p.TraceID == id) != tt.valid || len(p.TraceID) != 32 {
			t.Errorf("%s: trace %q", tt.name, p.TraceID)
		}
	}
	s.get("/items")
	e := s.event()
	for e.Operation != "s.list" {
		e = s.event()
	}
	if e.TraceID != "" {
		t.Errorf("a trace ID was made up for a good answer: %q", e.TraceID)
	}
}

func TestProblemIsValidJSON(t *testing.T) {
	t.Parallel()
	s := setup{
		operations: []catalog.Operation{op("s.fail", "GET", "/fail")},
		handlers:   map[string]echo.HandlerFunc{"fail": func(echo.Context) error { return outOfStock.New("a \xff \"b\"\n<c>") }},
	}.start(t)
	if a := s.get("/fail"); !json.Valid([]byte(a.body)) {
		t.Errorf("%q", a.body)
	}
}
