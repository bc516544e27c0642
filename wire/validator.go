package wire

import (
	"cmp"
	"math/big"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/go-playground/validator/v10"
	openapi_types "github.com/oapi-codegen/runtime/types"
)

// Validator returns the validator of the models, shared by everybody: nothing
// may be registered with it. Its errors name fields as the contract does.
//
// Requests need it no more: they were held against the contract before a
// handler sees them. It is for values that handlers make themselves.
var Validator = sync.OnceValue(NewValidator)

// NewValidator returns a validator like Validator's, to register more with.
// Comparisons with other fields differ from validator's own in that they say
// nothing when one of the two is absent, know dates, and never take the length
// of a text for its value: gtfield and its like are for numbers and times.
func NewValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(field reflect.StructField) string {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			return ""
		}
		return name
	})
	v.RegisterCustomTypeFunc(func(date reflect.Value) any {
		return date.Interface().(openapi_types.Date).Time
	}, openapi_types.Date{})
	for rule, holds := range comparisons {
		// The error is about the name of a rule, of which none is reserved.
		_ = v.RegisterValidation(rule, func(field validator.FieldLevel) bool {
			other, kind, _, found := field.GetStructFieldOK2()
			if !found || kind == reflect.Pointer || kind == reflect.Interface || kind == reflect.Invalid {
				return true
			}
			order, ok := compare(field.Field(), other)
			return ok && holds(order)
		})
	}
	return v
}

var comparisons = map[string]func(order int) bool{
	"eqfield":  func(order int) bool { return order == 0 },
	"nefield":  func(order int) bool { return order != 0 },
	"gtfield":  func(order int) bool { return order > 0 && order < unordered },
	"gtefield": func(order int) bool { return order >= 0 && order < unordered },
	"ltfield":  func(order int) bool { return order < 0 },
	"ltefield": func(order int) bool { return order <= 0 },
}

// unordered is the order of two different values of which none is less.
const unordered = 2

// compare returns the order of two values. Ok is false when they have nothing
// to do with each other.
func compare(a, b reflect.Value) (order int, ok bool) {
	moment := reflect.TypeFor[time.Time]()
	switch {
	case a.Kind() == reflect.String && b.Kind() == reflect.String:
		return different(a.String() != b.String()), true
	case a.Kind() == reflect.Bool && b.Kind() == reflect.Bool:
		return different(a.Bool() != b.Bool()), true
	case a.Kind() == reflect.Struct && a.Type().ConvertibleTo(moment) && b.Kind() == reflect.Struct && b.Type().ConvertibleTo(moment):
		return a.Convert(moment).Interface().(time.Time).Compare(b.Convert(moment).Interface().(time.Time)), true
	case a.CanInt() && b.CanInt():
		return cmp.Compare(a.Int(), b.Int()), true
	}
	x, y := number(a), number(b)
	if x == nil || y == nil {
		return 0, false
	}
	return x.Cmp(y), true
}

func different(yes bool) int {
	if yes {
		return unordered
	}
	return 0
}

// number is the exact value of a number, or nil.
func number(v reflect.Value) *big.Rat {
	switch {
	case v.CanInt():
		return new(big.Rat).SetInt64(v.Int())
	case v.CanUint():
		return new(big.Rat).SetUint64(v.Uint())
	case v.CanFloat():
		return new(big.Rat).SetFloat64(v.Float()) // nil for what is no number
	}
	return nil
}
