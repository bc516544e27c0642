package peers

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestEqualWork: a race means nothing unless all do the same.
func TestEqualWork(t *testing.T) {
	for name, server := range servers() {
		for _, r := range requests {
			w := httptest.NewRecorder()
			server.ServeHTTP(w, newRequest(r))
			switch {
			case r.status != 0 && w.Code != r.status, r.status == 0 && w.Code/100 != 4:
				t.Errorf("%s, %s: status %d: %s", name, r.name, w.Code, w.Body)
			case r.want != "" && !sameJSON(t, w.Body.Bytes(), []byte(r.want)):
				t.Errorf("%s, %s: %s", name, r.name, w.Body)
			}
		}
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

func newRequest(r request) *http.Request {
	req := httptest.NewRequest(r.method, "http://bench.test"+r.target, strings.NewReader(r.body))
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// BenchmarkServer serves each request in process, the contestants taking
// turns, and reports the best time of each, and ours over theirs.
func BenchmarkServer(b *testing.B) {
	all := servers()
	for _, r := range requests {
		b.Run(r.name, func(b *testing.B) {
			best := map[string]float64{}
			for b.Loop() {
				for name, server := range all {
					n := max(1, 400_000/max(2000, 20*len(r.body)))
					each := drive(server, r, n)
					if t, ok := best[name]; !ok || each < t {
						best[name] = each
					}
				}
			}
			b.ReportMetric(0, "ns/op")
			for name, t := range best {
				b.ReportMetric(math.Round(t), "ns-"+name)
			}
			b.ReportMetric(best["banyan"]/best["ogen"], "x-ogen")
			b.ReportMetric(best["banyan"]/best["oapi-kin"], "x-oapi-kin")
		})
	}
}

// drive serves one request n times and returns the nanoseconds of each. The
// request and the writer are made once, so that they cost nobody anything.
func drive(server http.Handler, r request, n int) float64 {
	req := newRequest(r)
	body := strings.NewReader(r.body)
	req.Body = io.NopCloser(body)
	url := *req.URL
	w := &writer{header: http.Header{}}
	start := time.Now()
	for range n {
		body.Reset(r.body)
		*req.URL = url
		w.body.Reset()
		clear(w.header)
		server.ServeHTTP(w, req)
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

type writer struct {
	header http.Header
	body   bytes.Buffer
}

func (w *writer) Header() http.Header         { return w.header }
func (w *writer) WriteHeader(int)             {}
func (w *writer) Write(p []byte) (int, error) { return w.body.Write(p) }
