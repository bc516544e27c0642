package conform_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
)

// spoken is a contract whose webhooks have bodies of all kinds, and answers.
var spoken = []byte(`{"openapi":"3.1.0","webhooks":{
 "paid":{"post":{"parameters":[{"name":"X-Sender","in":"header","required":true,"schema":{"type":"string","minLength":2}}],
  "requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}}}},
  "responses":{"200":{"description":"","headers":{"X-Left":{"required":true,"schema":{"type":"integer"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Order"}}}},"204":{"description":""}}}},
 "lines":{"put":{"requestBody":{"content":{"application/x-ndjson":{"schema":{"$ref":"#/components/schemas/Order"}}}},"responses":{"204":{"description":""}}}},
 "parts":{"post":{"requestBody":{"content":{"multipart/form-data":{"schema":{"$ref":"#/components/schemas/Order"}}}},"responses":{"200":{"description":"","content":{"text/plain":{"schema":{"type":7}}}}}}}},
 "components":{"schemas":{"Order":{"type":"object","required":["n"],"properties":{
  "n":{"type":"integer","maximum":5},"id":{"type":"integer","readOnly":true},"secret":{"type":"string","writeOnly":true},"c":{"type":"string","default":"EUR"}}}}}}`)

// Nothing is sent of what is not as the contract says, and all else as it was.
func TestSenders(t *testing.T) {
	t.Parallel()
	got := ""
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		got = fmt.Sprint(string(body), err)
	}))
	t.Cleanup(server.Close)
	service := &catalog.Service{Name: "svc", Contract: spoken}
	const part = "--b\r\nContent-Disposition: form-data; name=n\r\n\r\n%s\r\n--b--\r\n"
	for _, c := range []struct {
		v                  catalog.Validation
		name, method, body string
		header             string
		want               string // the body that arrives, or else the error
	}{
		{catalog.Validation{}, "paid", "POST", `{"n":1,"id":3}`, "application/json", `{"n":1,"id":3}<nil>`},
		{catalog.Validation{}, "paid", "POST", `{"n":6,"secret":"x"}`, "application/json", `svc.paid: the request is not as the contract says: /n must be at most 5, not 6; /secret`},
		{catalog.Validation{}, "paid", "POST", `n=1`, "application/x-www-form-urlencoded", `/header/Content-Type must be application/json`},
		{catalog.Validation{}, "paid", "POST", ``, "application/json", `is required: the request has no body`},
		{catalog.Validation{}, "lines", "PUT", "{\"n\":1}\n{\"n\":2}\n", "application/x-ndjson", "{\"n\":1}\n{\"n\":2}\n<nil>"},
		{catalog.Validation{}, "lines", "PUT", "{\"n\":1}\n{\"n\":6}\n", "application/x-ndjson", "does not match the contract"},
		{catalog.Validation{}, "parts", "POST", fmt.Sprintf(part, "5"), "multipart/form-data; boundary=b", fmt.Sprintf(part, "5") + "<nil>"},
		{catalog.Validation{}, "parts", "POST", fmt.Sprintf(part, "6"), "multipart/form-data; boundary=b", "/n must be at most 5, not 6"},
		{catalog.Validation{}, "gone", "POST", `{}`, "application/json", "the contract has no webhook gone (POST)"},
		{catalog.Validation{Requests: catalog.RequestChecks{Go: catalog.Off}}, "paid", "POST", `{"n":6}`, "application/json", `{"n":6}<nil>`},
	} {
		for _, length := range []int64{-1, int64(len(c.body))} {
			got = ""
			body := &closing{Reader: strings.NewReader(c.body)}
			r, err := http.NewRequest(c.method, server.URL+"/any?own=1", body)
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = length
			r.Header.Set("Content-Type", c.header)
			r.Header.Set("X-Sender", "shop")
			client := &http.Client{Transport: conform.Senders(service, c.v)(conform.Exchange{Name: c.name, Method: c.method}, http.DefaultTransport)}
			resp, err := client.Do(r)
			if err != nil {
				got = err.Error()
			} else {
				resp.Body.Close()
			}
			if !strings.Contains(got, c.want) || !body.closed {
				t.Errorf("%s %s: %s, closed %v\nwant %s", c.name, c.body, got, body.closed, c.want)
			}
		}
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

// What a receiver answers is told in the default logger where it is not as the
// contract says; it reaches the sender all the same.
func TestAnswersOfReceivers(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	service := &catalog.Service{Name: "svc", Contract: spoken}
	for _, c := range []struct {
		share  catalog.Share
		status int
		body   string
		want   string // in the log
	}{
		{catalog.All, 200, `{"n":1}`, ""},
		{catalog.All, 204, ``, ""},
		{catalog.All, 200, `{"n":6,"id":1}`, `exchange=svc.paid status=200 violations="[/n must be at most 5, not 6`},
		{catalog.All, 200, `{"n":6,"id":1}`, "/id "},
		{catalog.All, 202, ``, "has the status 202"},
		{catalog.None, 202, ``, ""},
	} {
		log.Reset()
		v := catalog.Validation{Answers: catalog.AnswerChecks{Go: c.share}}
		h := conform.Receivers(service, v)(conform.Exchange{Name: "paid", Method: "POST"}, func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("X-Left", "1")
			w.WriteHeader(c.status)
			if c.body == "" {
				return nil
			}
			_, err := io.WriteString(w, c.body)
			return err
		})
		r := httptest.NewRequest("POST", "/", strings.NewReader(`{"n":1}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Sender", "shop")
		w := httptest.NewRecorder()
		if err := h(w, r); err != nil || w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%d %s: %v", w.Code, w.Body, err)
		}
		if !strings.Contains(log.String(), c.want) || c.want == "" && log.Len() > 0 {
			t.Errorf("%d %s: logged %s, want %s", c.status, c.body, log.String(), c.want)
		}
	}
}
