// Package ogen serves the contract with ogen's generated router, decoder,
// validation and encoder.
package ogen

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/banyan-go/banyan/e2e/bench/peers/ogen/api"
)

type handler struct {
	stored    api.Item
	updatedAt time.Time
}

// New returns the server; item is what it has stored.
func New(item []byte, updatedAt time.Time) http.Handler {
	h := &handler{updatedAt: updatedAt}
	if err := json.Unmarshal(item, &h.stored); err != nil {
		panic(err)
	}
	s, err := api.NewServer(h)
	if err != nil {
		panic(err)
	}
	return s
}

func (h *handler) GetItem(_ context.Context, p api.GetItemParams) (*api.Item, error) {
	item := h.stored
	item.ID = p.ID
	return &item, nil
}

func (h *handler) ListItems(_ context.Context, p api.ListItemsParams) (*api.ItemPage, error) {
	items := make([]api.Item, p.Limit.Or(20))
	for i := range items {
		items[i] = h.stored
	}
	return &api.ItemPage{Items: items, Total: 40}, nil
}

func (h *handler) PutItem(_ context.Context, in *api.ItemInput, p api.PutItemParams) (*api.Item, error) {
	return &api.Item{
		AvailableAt: in.AvailableAt, Contact: in.Contact, Description: in.Description, ID: p.ID, Name: in.Name, OwnerId: in.OwnerId,
		Parts: in.Parts, Priority: in.Priority, Quantity: in.Quantity, Sku: in.Sku, Status: in.Status, UpdatedAt: h.updatedAt,
	}, nil
}

func (h *handler) CreateItems(_ context.Context, in *api.ItemBatch) (*api.BatchResult, error) {
	return &api.BatchResult{Stored: int32(len(in.Items))}, nil
}
