//go:build unix

package shop

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestHead(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]string{"PHP": allLegacy, "Go": allGo} {
		t.Run(name, func(t *testing.T) {
			s := start(t, setup{plan: plan})
			for _, path := range []string{"/v1/users/1", "/v1/users?limit=1", "/v1/orders/1", "/v1/feed"} {
				a := s.send("HEAD "+path, "")
				wantStatus(t, a, 200)
				if len(a.body) != 0 || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
					t.Errorf("HEAD %s: %q, %d bytes", path, a.header.Get("Content-Type"), len(a.body))
				}
			}
			a := s.send("HEAD /v1/users/99", "")
			wantStatus(t, a, 404)
			if len(a.body) != 0 {
				t.Errorf("HEAD of an error has the body %q", a.body)
			}
		})
	}
}

// TestSession signs in and looks at the session with the cookie that PHP set.
func TestSession(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allGo})
	a := s.send("POST /v1/session", `{"email":"ada@example.com","postcode":"11455"}`)
	wantStatus(t, a, 200)
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 1 || cookies[0].Name != "PHPSESSID" || !cookies[0].HttpOnly || cookies[0].Path != "/" {
		t.Fatalf("cookies %v", cookies)
	}
	for views := 1; views <= 2; views++ {
		a := s.send("GET /v1/session", "", "Cookie: first=1; PHPSESSID="+cookies[0].Value+"; last=a=b")
		wantStatus(t, a, 200)
		var session struct {
			Name  string
			Views json.Number
		}
		if err := json.Unmarshal(a.body, &session); err != nil {
			t.Fatal(err)
		}
		if session.Name != "Ada Lindqvist" || session.Views != json.Number('0'+rune(views)) {
			t.Errorf("view %d: %s", views, a.body)
		}
	}
}

// TestStream follows the feed while an order is placed: the event must arrive
// while the stream is open, and the end of the stream must arrive as well.
func TestStream(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allGo})
	const wait = 3 * time.Second
	begin := time.Now()
	res, err := http.Get(s.url + "/v1/feed/stream?after=7&wait=3")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if ct := res.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/event-stream") {
		t.Fatalf("content type %q", ct)
	}
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return data
			}
		}
		return ""
	}
	if data := next(); !strings.Contains(data, "Order 5 placed") {
		t.Fatalf("the first event is %q", data)
	}
	wantStatus(t, s.send("POST /v1/orders", `{"user_id":2,"items":[{"sku":"POT-L","quantity":1}],"country":"DE"}`), 201)
	if data := next(); !strings.Contains(data, "Order 6 placed") {
		t.Fatalf("the event of the new order is %q", data)
	}
	if d := time.Since(begin); d >= wait {
		t.Errorf("the event came after %s, when the stream was over", d)
	}
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Errorf("the stream breaks off: %v", err)
	}
	if d := time.Since(begin); d < wait-500*time.Millisecond {
		t.Errorf("the stream ended after %s", d)
	}
}

// TestClientGoesAway opens more streams than PHP has workers and drops them:
// each must free its worker, or the shop hangs.
func TestClientGoesAway(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allLegacy})
	for range 8 {
		ctx, cancel := context.WithCancel(context.Background())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/feed/stream?wait=60", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, answer{status: res.StatusCode}, 200)
		if _, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		cancel()
		res.Body.Close()
		time.Sleep(300 * time.Millisecond) // PHP notices at its next write
	}
	wantStatus(t, s.send("GET /v1/orders", ""), 200)
}
