package orders

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	api "github.com/banyan-go/banyan/gen/orders"
	"github.com/banyan-go/banyan/problem"
)

// OrderCalculator says what a basket costs. The interface is ours; PHP
// satisfies it today through the generated port, and on the day the
// calculation is written in Go nothing in this package changes.
//
// What the contract declares as a problem comes back as a *problem.Error.
type OrderCalculator interface {
	CalculateOrder(context.Context, api.CalculateOrderRequestObject) (api.CalculateOrderResponseObject, error)
}

var _ OrderCalculator = (*api.Port)(nil)

// price asks the calculator and turns its problems into those that createOrder
// declares.
func (s *service) price(ctx context.Context, basket api.Basket) (api.Calculation, error) {
	answer, err := s.calculator.CalculateOrder(ctx, api.CalculateOrderRequestObject{Body: &basket})
	var p *problem.Error
	switch {
	case errors.As(err, &p):
		switch p.Code {
		case api.ProblemOrderInvalid.Code, api.ProblemCalculationUnavailable.Code:
			return api.Calculation{}, p // declared by createOrder as well
		case problem.LegacyTimeout.Code, problem.LegacyUnavailable.Code, problem.LegacyReset.Code:
			// A calculation changes nothing, so trying again is always safe.
			busy := api.ProblemCalculationUnavailable.Wrap(err, "the order was not placed; please try again")
			busy.Header = http.Header{"Retry-After": {"5"}}
			return api.Calculation{}, busy
		}
		return api.Calculation{}, fmt.Errorf("calculate order: %w", err)
	case err != nil:
		return api.Calculation{}, fmt.Errorf("calculate order: %w", err)
	}
	price, ok := answer.(api.CalculateOrder200JSONResponse)
	if !ok {
		return api.Calculation{}, fmt.Errorf("calculate order: unexpected answer %T", answer)
	}
	return api.Calculation(price), nil
}
