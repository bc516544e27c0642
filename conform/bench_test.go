package conform_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform/testdata/items/gen/items"
	"github.com/banyan-go/banyan/dispatch"
)

// The whole server in process, on the contract, the requests and the harness
// of the comparison of HTTP servers: ServeHTTP alone, no socket, a request and
// a writer that are used again.

const (
	itemID    = "6f1c2a52-0d5e-4c43-9a55-2f2c3b8f9e10"
	itemInput = `{"availableAt":"2026-12-01T09:30:00Z","contact":"orders@warehouse.example.com",` +
		`"description":"Countersunk wood screws, zinc plated, sold by the box of two hundred. Keep dry; recycle the box.",` +
		`"name":"Wood screw 4x40 mm","ownerId":"0b8a7d7c-4f4b-4f0e-8d3a-7f1de5a0c2b4",` +
		`"parts":[{"code":"screw-4x40","count":200,"note":"zinc plated, partially threaded"},` +
		`{"code":"box-small","count":1,"note":"recycled board, printed on one side"},` +
		`{"code":"label","count":2}],"priority":3,"quantity":1250,"sku":"SCR-40040","status":"active"}`
)

var (
	item = strings.NewReplacer(`"name":`, `"id":"`+itemID+`","name":`,
		`"status":"active"`, `"status":"active","updatedAt":"2026-11-22T08:00:00Z"`).Replace(itemInput)
	batch = `{"items":[` + strings.TrimSuffix(strings.Repeat(itemInput+",", 40), ",") + `]}`
)

var itemRequests = []struct{ name, method, target, body, want string }{
	{"get", "GET", "/items/" + itemID + "?expand=owner&depth=2&fields=name,sku,status", "", item},
	{"list", "GET", "/items?limit=10&offset=20&tags=steel&tags=zinc", "", `{"items":[` + strings.TrimSuffix(strings.Repeat(item+",", 10), ",") + `],"total":40}`},
	{"put", "PUT", "/items/" + itemID, itemInput, item},
	{"batch", "POST", "/items", batch, `{"stored":40}`},
	{"put-bad", "PUT", "/items/" + itemID, strings.Replace(itemInput, "SCR-40040", "SCR40040", 1), ""},
}

type store struct{ stored items.Item }

func (s *store) GetItem(_ context.Context, r items.GetItemRequestObject) (items.GetItemResponseObject, error) {
	one := s.stored
	one.Id = r.Id
	return items.GetItem200JSONResponse(one), nil
}

func (s *store) ListItems(_ context.Context, r items.ListItemsRequestObject) (items.ListItemsResponseObject, error) {
	page := items.ListItems200JSONResponse{Total: 40}
	for range *r.Params.Limit {
		page.Items = append(page.Items, s.stored)
	}
	return page, nil
}

func (s *store) PutItem(_ context.Context, r items.PutItemRequestObject) (items.PutItemResponseObject, error) {
	in := r.Body
	return items.PutItem200JSONResponse{
		AvailableAt: in.AvailableAt, Contact: in.Contact, Description: in.Description, Id: r.Id, Name: in.Name,
		OwnerId: in.OwnerId, Parts: in.Parts, Priority: in.Priority, Quantity: in.Quantity, Sku: in.Sku, Status: in.Status,
		UpdatedAt: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC),
	}, nil
}

func (s *store) CreateItems(_ context.Context, r items.CreateItemsRequestObject) (items.CreateItemsResponseObject, error) {
	return items.CreateItems200JSONResponse{Stored: int32(len(r.Body.Items))}, nil
}

func itemServer(t testing.TB, v catalog.Validation) http.Handler {
	t.Helper()
	e := echo.New()
	d := dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{Services: []*catalog.Service{items.Service}, Validation: v},
		Log:       slog.New(slog.DiscardHandler), Observe: func(*dispatch.Event) {}, Checked: func(*dispatch.Check) {},
	})
	s := &store{}
	if err := items.Register(e, d, items.All(s)); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(e); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	put := httptest.NewRequest("PUT", "/items/"+itemID, strings.NewReader(itemInput))
	e.ServeHTTP(w, put)
	if err := json.Unmarshal(w.Body.Bytes(), &s.stored); err != nil {
		t.Fatal(err, w.Body)
	}
	return e
}

func TestItems(t *testing.T) {
	t.Parallel()
	h := itemServer(t, catalog.Validation{})
	for _, r := range itemRequests {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(r.method, r.target, strings.NewReader(r.body)))
		switch {
		case r.want == "" && w.Code != 422:
			t.Errorf("%s: %d %s", r.name, w.Code, w.Body)
		case r.want != "" && strings.TrimSpace(w.Body.String()) != r.want:
			t.Errorf("%s: %d\n%s\nwant\n%s", r.name, w.Code, w.Body, r.want)
		}
	}
}

// discarded is a writer that costs nothing.
type discarded struct{ header http.Header }

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d *discarded) WriteHeader(int)             {}

type replayed struct{ bytes.Reader }

func (*replayed) Close() error { return nil }

func BenchmarkServe(b *testing.B) {
	answers := catalog.AnswerChecks{Go: catalog.None, Legacy: catalog.None}
	for _, mode := range []struct {
		name       string
		validation catalog.Validation
	}{
		{"checked", catalog.Validation{Answers: answers}},
		{"sampled", catalog.Validation{}},
		{"all", catalog.Validation{Answers: catalog.AnswerChecks{Go: catalog.All}}},
		{"off", catalog.Validation{Answers: answers, Requests: catalog.RequestChecks{Go: catalog.Off}}},
	} {
		h := itemServer(b, mode.validation)
		for _, r := range itemRequests {
			b.Run(r.name+"/"+mode.name, func(b *testing.B) {
				req := httptest.NewRequest(r.method, r.target, http.NoBody)
				content := []byte(r.body)
				var from replayed
				if len(content) > 0 {
					req.Header.Set("Content-Type", "application/json")
				}
				w := &discarded{http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					if len(content) > 0 {
						from.Reset(content)
						req.Body, req.ContentLength = &from, int64(len(content))
					} else {
						req.Body = http.NoBody
					}
					clear(w.header)
					h.ServeHTTP(w, req)
				}
			})
		}
	}
}
