package orders_test

import (
	"context"
	"errors"
	"testing"

	api "github.com/banyan-go/banyan/gen/orders"
	"github.com/banyan-go/banyan/handlers/internal/shoptest"
	"github.com/banyan-go/banyan/handlers/orders"
	"github.com/banyan-go/banyan/problem"
)

// calculator stands in for PHP.
type calculator func(api.Basket) (api.CalculateOrderResponseObject, error)

func (c calculator) CalculateOrder(_ context.Context, r api.CalculateOrderRequestObject) (api.CalculateOrderResponseObject, error) {
	return c(*r.Body)
}

// atOneEuro calculates a price of 1 EUR apiece, without tax.
func atOneEuro(b api.Basket) (api.CalculateOrderResponseObject, error) {
	var price api.CalculateOrder200JSONResponse
	for _, i := range b.Items {
		price.Items = append(price.Items, api.OrderItem{Sku: i.Sku, Quantity: i.Quantity, UnitPrice: 100})
		price.Total += int64(i.Quantity) * 100
	}
	price.Subtotal = price.Total
	return price, nil
}

func order(sku string, quantity int) api.CreateOrderRequestObject {
	return api.CreateOrderRequestObject{Body: &api.NewOrder{UserId: 2, Country: "DE", Items: []api.BasketItem{{Sku: sku, Quantity: quantity}}}}
}

func TestCreateOrder(t *testing.T) {
	t.Parallel()
	h := orders.New(shoptest.DB(t), calculator(atOneEuro))
	answer, err := h.CreateOrder(t.Context(), order("POT-L", 3))
	if err != nil {
		t.Fatal(err)
	}
	created := answer.(api.CreateOrder201JSONResponse)
	if created.Headers.Location != "/v1/orders/6" || created.Body.Total != 300 || created.Body.Status != api.OrderStatusOpen {
		t.Errorf("%+v", created)
	}
	read, err := h.GetOrder(t.Context(), api.GetOrderRequestObject{OrderId: created.Body.Id})
	if err != nil {
		t.Fatal(err)
	}
	if items := read.(api.GetOrder200JSONResponse).Items; len(items) != 1 || items[0].Name != "Clay pot, large" || items[0].Quantity != 3 {
		t.Errorf("%+v", items)
	}
}

// TestCreateOrderProblems: whatever goes wrong is a problem that createOrder
// declares, and nothing is written.
func TestCreateOrderProblems(t *testing.T) {
	t.Parallel()
	fails := func(err error) calculator {
		return func(api.Basket) (api.CalculateOrderResponseObject, error) { return nil, err }
	}
	stranger := order("POT-L", 1)
	stranger.Body.UserId = 99
	for _, c := range []struct {
		name       string
		calculator calculator
		request    api.CreateOrderRequestObject
		want       error
	}{
		{"unknown user", atOneEuro, stranger, api.ProblemOrderInvalid},
		{"out of stock", atOneEuro, order("SHEARS", 1), api.ProblemOutOfStock},
		{"the calculator refuses", fails(api.ProblemOrderInvalid.New("unknown coupon")), order("POT-L", 1), api.ProblemOrderInvalid},
		{"the calculator is busy", fails(api.ProblemCalculationUnavailable.New("")), order("POT-L", 1), api.ProblemCalculationUnavailable},
		{"PHP is down", fails(problem.LegacyUnavailable.New("")), order("POT-L", 1), api.ProblemCalculationUnavailable},
		{"PHP is slow", fails(problem.LegacyTimeout.New("")), order("POT-L", 1), api.ProblemCalculationUnavailable},
		{"PHP dies", fails(problem.LegacyError.New("")), order("POT-L", 1), problem.LegacyError},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := shoptest.DB(t)
			_, err := orders.New(db, c.calculator).CreateOrder(t.Context(), c.request)
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			var n int
			if err := db.QueryRow(`SELECT (SELECT COUNT(*) FROM orders) + (SELECT COUNT(*) FROM events) + (SELECT SUM(stock) FROM products)`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			const untouched = 5 + 8 + 960 // orders, events, articles in stock
			if n != untouched {
				t.Errorf("something was written: %d, want %d", n, untouched)
			}
		})
	}
}

func TestGetOrder(t *testing.T) {
	t.Parallel()
	h := orders.New(shoptest.DB(t), nil)
	answer, err := h.GetOrder(t.Context(), api.GetOrderRequestObject{OrderId: 3})
	if err != nil {
		t.Fatal(err)
	}
	o := answer.(api.GetOrder200JSONResponse)
	if o.Total != 5378 || o.Note != nil || o.Attributes == nil || len(o.Attributes) != 0 || len(o.Items) != 1 {
		t.Errorf("%+v", o)
	}
	if _, err := h.GetOrder(t.Context(), api.GetOrderRequestObject{OrderId: 33}); !errors.Is(err, api.ProblemOrderNotFound) {
		t.Errorf("unknown order: %v", err)
	}
}
