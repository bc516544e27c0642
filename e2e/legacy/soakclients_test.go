//go:build unix

package legacy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// outcome is what came of a request:
//
//	answered  the answer that it should have
//	problem   one that says that somebody is busy, or what the backend did to deserve it
//	broken    an answer that breaks off because the backend does
//	failed    what came of a fault of the network
//	left      the client did not wait
//	wrong     anything else: an answer that is another request's, or none
//
// The error says what is wrong.
type outcome struct {
	kind string
	err  error
}

// askHostile sends one of the cases. One in ten clients does not wait for the
// answer.
func (s *soak) askHostile(transport *http.Transport) outcome {
	c := *s.cases[rand.IntN(len(s.cases))]
	token := fmt.Sprintf("%016x", rand.Uint64())
	separator := "?"
	if strings.Contains(c.request.target, "?") {
		separator = "&"
	}
	c.request.target += separator + "token=" + token
	ctx, leaves := s.t.Context(), rand.IntN(10) == 0
	if leaves {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rand.IntN(40))*time.Millisecond)
		defer cancel()
	}
	got := s.hostile.exchange(ctx, s.t, transport, &c)
	wrong := func(what string) outcome {
		return outcome{"wrong", fmt.Errorf("%s, token %s: %s: %s", c.name, token, what, got)}
	}
	problem := got.header.Get("Content-Type") == "application/problem+json"
	faults, breaks := s.faults.Load(), c.expects("fpm", "broken")
	switch {
	case got.status == 0 && leaves:
		return outcome{kind: "left"}
	case got.status == 0 && breaks:
		return outcome{kind: "broken"}
	case got.status == 0 && faults && strings.HasSuffix(fmt.Sprint(got.err), "EOF"):
		return outcome{kind: "failed"}
	case got.status == 0:
		return wrong("no answer")
	case got.status == http.StatusRequestHeaderFieldsTooLarge: // said by net/http itself
		return outcome{kind: "problem"}
	case !problem && got.header.Get("X-Token") != token:
		return wrong("this is another one's")
	case problem && (got.status == 503 || got.status == 504):
		return outcome{kind: "problem"} // at any time: this machine is busy
	case problem && strings.HasPrefix(c.request.target, "/raw") && strings.Contains(got.body, `"code":"legacy-reset"`):
		return outcome{kind: "problem"} // that backend closes connections that others have been given meanwhile
	case problem && got.status == 502 && faults && !c.expectsStatus("fpm", 502):
		return outcome{kind: "failed"}
	}
	for _, e := range c.expected("fpm") {
		if status, _, _ := strings.Cut(e.text, " "); e.kind == "status" && strconv.Itoa(got.status) != status {
			return wrong("the status is not " + status)
		}
		if leaves || got.err != nil || e.kind == "early" || c.request.take > 0 {
			continue
		}
		if e.kind == "body" && got.body != e.text {
			return wrong("the body is not its own")
		}
	}
	switch {
	case leaves:
		return outcome{kind: "left"}
	case got.err != nil && breaks:
		return outcome{kind: "broken"}
	case got.err != nil && faults:
		return outcome{kind: "failed"}
	case got.err != nil:
		return wrong("it breaks off")
	case problem:
		return outcome{kind: "problem"}
	case strings.Contains(c.request.target, "/echo") && !strings.Contains(got.body, token):
		return wrong("the body is another one's")
	}
	return outcome{kind: "answered"}
}

func (c *hostileCase) expects(backend, kind string) bool {
	return slices.ContainsFunc(c.expected(backend), func(e expectation) bool { return e.kind == kind })
}

func (c *hostileCase) expectsStatus(backend string, status int) bool {
	return slices.ContainsFunc(c.expected(backend), func(e expectation) bool {
		return e.kind == "status" && strings.HasPrefix(e.text, strconv.Itoa(status))
	})
}

// owned is an order or a user that one of the clients made. Its note or name is
// the token of that request, which nothing else has.
type owned struct {
	id    string
	token string
}

// shopRequest is one that askShop makes.
type shopRequest struct {
	method, path, body string
	canary             bool // Go is to answer
	php                bool // PHP answers, and sends the token of the request back
	own                func(answer map[string]any) bool
	made               *atomic.Pointer[owned] // where what it makes is remembered; nil when that is nothing
}

// shopRequest chooses one. Every answer can be told from all others: by the token
// that PHP sends back, or by what is asked for, which has a token that one request
// brought there.
func (s *soak) shopRequest(token string) shopRequest {
	number := func(v any, want int) bool { return fmt.Sprint(v) == strconv.Itoa(want) } // PHP's may be texts
	n, id := 1+rand.IntN(900), 1+rand.IntN(5)
	kind := rand.IntN(10)
	if o := s.order.Load(); kind >= 6 && kind <= 7 && o != nil {
		canary := rand.IntN(2) == 0
		return shopRequest{method: "GET", path: "/v1/orders/" + o.id, canary: canary, php: !canary,
			own: func(a map[string]any) bool { return a["note"] == o.token && fmt.Sprint(a["id"]) == o.id }}
	}
	if u := s.user.Load(); kind >= 8 && u != nil {
		return shopRequest{method: "GET", path: "/v1/users/" + u.id,
			own: func(a map[string]any) bool { return a["name"] == u.token && fmt.Sprint(a["id"]) == u.id }}
	}
	switch {
	case kind < 3:
		return shopRequest{method: "POST", path: "/v1/orders/calculate", body: fmt.Sprintf(`{"items":[{"sku":"POT-L","quantity":%d}],"country":"DE"}`, n), php: true,
			own: func(a map[string]any) bool {
				items, _ := a["items"].([]any)
				first, _ := append(items, nil)[0].(map[string]any)
				return number(first["quantity"], n)
			}}
	case kind == 3:
		return shopRequest{method: "POST", path: "/v1/users", body: fmt.Sprintf(`{"email":"%s@example.com","name":"%[1]s","country":"DE","postcode":"10115"}`, token), php: true,
			own: func(a map[string]any) bool { return a["name"] == token }, made: &s.user}
	}
	return shopRequest{method: "POST", path: "/v1/orders", body: fmt.Sprintf(`{"user_id":%d,"items":[{"sku":"POT-L","quantity":1}],"country":"DE","note":"%s"}`, id, token),
		own: func(a map[string]any) bool { return a["note"] == token && number(a["user_id"], id) }, made: &s.order}
}

// askShop asks the shop, some of whose answers come from Go, some from PHP and
// some from Go that asks PHP.
func (s *soak) askShop(transport *http.Transport) outcome {
	token := fmt.Sprintf("%016x", rand.Uint64())
	ask := s.shopRequest(token)
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, ask.method, "http://"+s.shop+ask.path, bytes.NewReader([]byte(ask.body)))
	if err != nil {
		return outcome{"wrong", err}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Token", token)
	if ask.canary {
		r.Header.Set("X-Env", "canary")
	}
	faults := s.faults.Load()
	res, err := transport.RoundTrip(r)
	if err != nil {
		if faults && strings.HasSuffix(err.Error(), "EOF") {
			return outcome{kind: "failed"}
		}
		return outcome{"wrong", fmt.Errorf("%s %s: no answer: %w", ask.method, ask.path, err)}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	switch {
	case faults && (err != nil || res.StatusCode == http.StatusBadGateway):
		return outcome{kind: "failed"}
	case res.StatusCode == http.StatusServiceUnavailable, res.StatusCode == http.StatusGatewayTimeout, res.StatusCode == http.StatusConflict:
		return outcome{kind: "problem"}
	}
	var answer map[string]any
	if json.Unmarshal(text, &answer) != nil || res.StatusCode > 299 || !ask.own(answer) || ask.php && res.Header.Get("X-Token") != token {
		return outcome{"wrong", fmt.Errorf("%s %s %s, token %s: got %d, token %q: %.300q", ask.method, ask.path, ask.body, token, res.StatusCode, res.Header["X-Token"], text)}
	}
	if ask.made != nil {
		ask.made.Store(&owned{fmt.Sprint(answer["id"]), token})
	}
	return outcome{kind: "answered"}
}

// tally counts outcomes. It is safe for concurrent use.
type tally struct {
	mu    sync.Mutex
	kinds map[string]int
	wrong []error
}

func (c *tally) add(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kinds == nil {
		c.kinds = map[string]int{}
	}
	c.kinds[o.kind]++
	if o.err != nil && len(c.wrong) < 20 {
		c.wrong = append(c.wrong, o.err)
	}
}

// take returns what was counted and begins anew, but forgets nothing that was
// wrong.
func (c *tally) take() outcomes {
	c.mu.Lock()
	defer c.mu.Unlock()
	kinds := c.kinds
	c.kinds = nil
	return kinds
}

func (c *tally) judge(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, err := range c.wrong {
		t.Error(err)
	}
}

// outcomes are numbers of outcomes by kind.
type outcomes map[string]int

func (o outcomes) add(more outcomes) {
	for kind, n := range more {
		o[kind] += n
	}
}

func (o outcomes) String() string {
	all := 0
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(o)) {
		if all += o[kind]; kind != "wrong" {
			fmt.Fprintf(&b, ", %d %s", o[kind], kind)
		}
	}
	return fmt.Sprintf("%d requests%s, %d lost or mixed up", all, b.String(), o["wrong"])
}
