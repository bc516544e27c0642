// Package oapi serves the contract with oapi-codegen's strict Echo server
// behind kin-openapi's request filter, as most teams put the two together.
package oapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/banyan-go/banyan/e2e/bench/peers/oapi/api"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

const contract = "../../../conform/testdata/items/api/items/openapi.yaml"

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
	e := echo.New()
	e.Use(filter())
	api.RegisterHandlers(e, api.NewStrictHandler(h, nil))
	return e
}

func filter() echo.MiddlewareFunc {
	// kin-openapi checks neither format unless told how.
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewCallbackValidator(uuid.Validate))
	openapi3.DefineStringFormatValidator("email", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForEmail))
	doc, err := openapi3.NewLoader().LoadFromFile(contract)
	if err != nil {
		panic(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		panic(err)
	}
	options := &openapi3filter.Options{KeepValidatedValue: true}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			route, params, err := router.FindRoute(c.Request())
			if err != nil {
				return echo.NewHTTPError(http.StatusNotFound, err.Error())
			}
			input := &openapi3filter.RequestValidationInput{Request: c.Request(), PathParams: params, Route: route, Options: options}
			if err := openapi3filter.ValidateRequest(c.Request().Context(), input); err != nil {
				return echo.NewHTTPError(http.StatusBadRequest, err.Error())
			}
			return next(c)
		}
	}
}

func (h *handler) GetItem(_ context.Context, r api.GetItemRequestObject) (api.GetItemResponseObject, error) {
	item := h.stored
	item.Id = r.Id
	return api.GetItem200JSONResponse(item), nil
}

func (h *handler) ListItems(_ context.Context, r api.ListItemsRequestObject) (api.ListItemsResponseObject, error) {
	limit := int32(20)
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	items := make([]api.Item, limit)
	for i := range items {
		items[i] = h.stored
	}
	return api.ListItems200JSONResponse{Items: items, Total: 40}, nil
}

func (h *handler) PutItem(_ context.Context, r api.PutItemRequestObject) (api.PutItemResponseObject, error) {
	in := r.Body
	return api.PutItem200JSONResponse{
		AvailableAt: in.AvailableAt, Contact: in.Contact, Description: in.Description, Id: r.Id, Name: in.Name, OwnerId: in.OwnerId,
		Parts: in.Parts, Priority: in.Priority, Quantity: in.Quantity, Sku: in.Sku, Status: in.Status, UpdatedAt: h.updatedAt,
	}, nil
}

func (h *handler) CreateItems(_ context.Context, r api.CreateItemsRequestObject) (api.CreateItemsResponseObject, error) {
	return api.CreateItems200JSONResponse{Stored: int32(len(r.Body.Items))}, nil
}
