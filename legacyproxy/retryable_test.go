package legacyproxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
)

// TestRetryableRules: a rule with retryable: true is a reason for another
// attempt, whatever it recognises an error by, and permits none that the write
// class does not.
func TestRetryableRules(t *testing.T) {
	t.Parallel()
	const (
		envelope = "envelope: {code: /code, message: /msg, data: /data, success: [0]}\n"
		byCode   = envelope + "errors: [{code: 7, problem: quota-exceeded, retryable: true}]\n"
		byStatus = "errors: [{status: 409, problem: out-of-stock, retryable: true}]\n"
		byHeader = "errors: [{header: {name: X-Error, value: busy}, problem: quota-exceeded, retryable: true}]\n"
		byBody   = "errors: [{status: 200, body: 'deadlock', problem: out-of-stock, retryable: true}]\n"
		good     = "200 \n" + `{"code":0,"data":{"id":1}}`
		locked   = "200 \n" + `{"code":7,"msg":"locked"}`
	)
	for _, tt := range []struct {
		name     string
		class    catalog.Class
		yaml     string
		key      string
		answers  []string // status, header, body; the last for ever
		want     string   // status and body
		requests int
	}{
		{"by the envelope's code", "R", byCode, "", []string{locked, good}, `200 {"id":1}`, 2},
		{"until it is enough", "R", byCode, "", []string{locked}, "429 quota-exceeded", 3},
		{"by status", "R", byStatus, "", []string{"409 \nno", "200 \nyes"}, "200 yes", 2},
		{"by header", "R", byHeader, "", []string{"200 X-Error: busy\n{}", "200 \nyes"}, "200 yes", 2},
		{"by body", "R", byBody, "", []string{"200 \n<b>deadlock</b>", "200 \nyes"}, "200 yes", 2},
		{"by body, that of the last attempt is whole", "R", byBody, "", []string{"200 \ndeadlock", "200 \n" + strings.Repeat("y", 100_000)}, "200 " + strings.Repeat("y", 100_000), 2},
		{"an error of another rule", "R", byCode + "status: {200: 201}\n", "", []string{"200 \n" + `{"code":8}`, good}, "502 legacy-error", 1},
		{"a rule that does not say so", "R", strings.Replace(byCode, "true", "false", 1), "", []string{locked, good}, "429 quota-exceeded", 1},
		{"a rule behind one that does not say so", "R", envelope + "errors: [{code: 7, problem: out-of-stock}, {status: 2xx, code: 6-8, problem: quota-exceeded, retryable: true}]\n", "",
			[]string{locked, good}, "409 out-of-stock", 1},
		{"no envelope at all", "R", byCode, "", []string{"200 \nnonsense", good}, "502 legacy-invalid-answer", 1},
		{"a key", "I", byCode, "k", []string{locked, good}, `200 {"id":1}`, 2},
		{"no key", "I", byCode, "", []string{locked, good}, "429 quota-exceeded", 1},
		{"a write", "W", byCode, "k", []string{locked, good}, "429 quota-exceeded", 1},
		{"a write, by status", "W", byStatus, "k", []string{"409 \nno", "200 \nyes"}, "409 out-of-stock", 1},
		{"an effect", "X", byCode, "k", []string{locked, good}, "429 quota-exceeded", 1},
		{"no class", "U", byCode, "k", []string{locked, good}, "429 quota-exceeded", 1},
		{"no retry is declared", "R", "retry: none\n" + byCode, "", []string{locked, good}, "429 quota-exceeded", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			php := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if body, _ := io.ReadAll(r.Body); string(body) != "x" {
					t.Errorf("attempt %d has the body %q", n.Load()+1, body)
				}
				head, body, _ := strings.Cut(tt.answers[min(int(n.Add(1)), len(tt.answers))-1], "\n")
				if name, value, ok := strings.Cut(head[4:], ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(map[string]int{"200": 200, "409": 409}[head[:3]])
				io.WriteString(w, body)
			}))
			t.Cleanup(php.Close)
			yaml := tt.yaml
			if !strings.Contains(yaml, "retry:") {
				yaml = "retry: {attempts: 3, backoff: 1ms, budget: 100%}\n" + yaml
			}
			a, op := loadSending(t, tt.class, "POST", "version: 1\ntimeout: 5s\nupstream: "+php.URL+"\n"+yaml, io.Discard)
			front := serve(t, a, op)
			r, err := http.NewRequest("POST", front.URL+"/a", strings.NewReader("x"))
			if err != nil {
				t.Fatal(err)
			}
			if tt.key != "" {
				r.Header.Set("Idempotency-Key", tt.key)
			}
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			status, content, _ := strings.Cut(tt.want, " ")
			if res.Header.Get("Content-Type") == "application/problem+json" {
				content = `"code":"` + content + `"`
			} else if len(body) != len(content) {
				t.Errorf("%d bytes, want %d", len(body), len(content))
			}
			if !strings.HasPrefix(res.Status, status) || !strings.Contains(string(body), content) || int(n.Load()) != tt.requests {
				t.Errorf("%s %.300s after %d requests, want %.300s after %d", res.Status, body, n.Load(), tt.want, tt.requests)
			}
			for _, s := range a.Sending().Senders {
				for _, c := range s.Retries {
					if c.Count > 0 && (c.Cause != "rule" || c.Count != uint64(tt.requests-1)) {
						t.Errorf("%+v", s.Retries)
					}
				}
			}
		})
	}
}

// TestRetryableRulesTellTheBreaker: what is asked again counts like what is
// not.
func TestRetryableRulesTellTheBreaker(t *testing.T) {
	t.Parallel()
	for class, opens := range map[string]bool{"business": false, "overload": true} {
		var n atomic.Int32
		php := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n.Add(1)
			io.WriteString(w, `{"code":7}`)
		}))
		t.Cleanup(php.Close)
		a, op := loadSending(t, "R", "GET", "version: 1\nupstream: "+php.URL+"\ntimeout: 5s\nenvelope: {code: /code, success: [0]}\n"+
			"errors: [{code: 7, problem: quota-exceeded, retryable: true, class: "+class+"}]\n"+
			"retry: {attempts: 2, backoff: 1ms, budget: 100%}\nbreaker: {requests: 2, failures: 100%, open: 1m}\n", io.Discard)
		front := serve(t, a, op)
		for range 3 {
			res, err := http.Get(front.URL + "/a")
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
		}
		want := int32(6)
		if opens {
			want = 2
		}
		if state := a.Sending().Senders[0].Breakers[0].State; (state == resilience.Open) != opens || n.Load() != want {
			t.Errorf("%s: the breaker is %s after %d requests, want %d", class, state, n.Load(), want)
		}
	}
}
