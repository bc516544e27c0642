// Package orders serves the orders contract in Go, as far as it is migrated.
package orders

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	api "github.com/banyan-go/banyan/gen/orders"
)

// New returns the operations that Go serves; every other one stays with PHP.
// db is the shop's database, which PHP writes as well.
func New(db *sql.DB, calculator OrderCalculator) api.Handlers {
	s := &service{store: store{db}, calculator: calculator}
	return api.Handlers{
		CreateOrder: s.createOrder,
		GetOrder:    s.getOrder,
	}
}

type service struct {
	store      store
	calculator OrderCalculator
}

func (s *service) getOrder(ctx context.Context, r api.GetOrderRequestObject) (api.GetOrderResponseObject, error) {
	order, err := s.store.order(ctx, r.OrderId)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, api.ProblemOrderNotFound.New(fmt.Sprintf("there is no order %d", r.OrderId))
	}
	if err != nil {
		return nil, fmt.Errorf("read order %d: %w", r.OrderId, err)
	}
	return api.GetOrder200JSONResponse(order), nil
}

// createOrder asks what the basket costs and places the order at that price.
// Until the last step nothing is written, so a client may try again after any
// error.
func (s *service) createOrder(ctx context.Context, r api.CreateOrderRequestObject) (api.CreateOrderResponseObject, error) {
	known, err := s.store.userExists(ctx, r.Body.UserId)
	if err != nil {
		return nil, fmt.Errorf("look up user %d: %w", r.Body.UserId, err)
	}
	if !known {
		return nil, api.ProblemOrderInvalid.New(fmt.Sprintf("there is no user %d", r.Body.UserId))
	}
	price, err := s.price(ctx, api.Basket{Items: r.Body.Items, Country: r.Body.Country, Coupon: r.Body.Coupon})
	if err != nil {
		return nil, err
	}
	id, err := s.store.place(ctx, *r.Body, price)
	if short := (*outOfStock)(nil); errors.As(err, &short) {
		return nil, api.ProblemOutOfStock.New(short.Error())
	}
	if err != nil {
		return nil, fmt.Errorf("place order: %w", err)
	}
	order, err := s.store.order(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the new order %d: %w", id, err)
	}
	return api.CreateOrder201JSONResponse{
		Body:    order,
		Headers: api.CreateOrder201ResponseHeaders{Location: fmt.Sprintf("/v1/orders/%d", id)},
	}, nil
}
