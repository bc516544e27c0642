package peers

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform/testdata/items/gen/items"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/rollout"
	"github.com/labstack/echo/v4"
)

// newBanyan is a Banyan server with every operation in Go and its defaults on:
// requests are validated, one event is made of each, and one answer in a hundred
// is checked.
func newBanyan() http.Handler {
	var stored items.Item
	if err := json.Unmarshal([]byte(item), &stored); err != nil {
		panic(err)
	}
	plan, faults := rollout.Parse("rollout.yaml", []byte("version: 1\ndefault: go\n"))
	if err := faults.Err(); err != nil {
		panic(err)
	}
	d := dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{Services: []*catalog.Service{items.Service}},
		Rollout:   rollout.Fixed(plan),
		Observe:   func(*dispatch.Event) {}, // the peers log nothing either
		Log:       slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	e := echo.New()
	if err := items.Register(e, d, items.All(&server{stored})); err != nil {
		panic(err)
	}
	if err := d.Start(e); err != nil {
		panic(err)
	}
	return e
}

type server struct{ stored items.Item }

func (s *server) GetItem(_ context.Context, r items.GetItemRequestObject) (items.GetItemResponseObject, error) {
	item := s.stored
	item.Id = r.Id
	return items.GetItem200JSONResponse(item), nil
}

func (s *server) ListItems(_ context.Context, r items.ListItemsRequestObject) (items.ListItemsResponseObject, error) {
	limit := int32(20)
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	list := make([]items.Item, limit)
	for i := range list {
		list[i] = s.stored
	}
	return items.ListItems200JSONResponse{Items: list, Total: 40}, nil
}

func (s *server) PutItem(_ context.Context, r items.PutItemRequestObject) (items.PutItemResponseObject, error) {
	in := r.Body
	return items.PutItem200JSONResponse{
		AvailableAt: in.AvailableAt, Contact: in.Contact, Description: in.Description, Id: r.Id, Name: in.Name, OwnerId: in.OwnerId,
		Parts: in.Parts, Priority: in.Priority, Quantity: in.Quantity, Sku: in.Sku, Status: in.Status, UpdatedAt: updatedAt,
	}, nil
}

func (s *server) CreateItems(_ context.Context, r items.CreateItemsRequestObject) (items.CreateItemsResponseObject, error) {
	return items.CreateItems200JSONResponse{Stored: int32(len(r.Body.Items))}, nil
}
