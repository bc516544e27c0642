package wire

import (
	"math"
	"reflect"
	"testing"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	type word string
	for _, c := range []struct {
		a, b  any
		order int
		ok    bool
	}{
		{1, 2, -1, true},
		{int64(math.MaxInt64), int32(7), 1, true},
		{int64(math.MinInt64), uint64(math.MaxUint64), -1, true},
		{int64(1<<53 + 1), float64(1 << 53), 1, true}, // which float64 could not tell
		{0.1, 0.1, 0, true},
		{math.Inf(1), 1.0, 0, false},
		{"a", word("a"), 0, true},
		{"b", "a", unordered, true},
		{true, false, unordered, true},
		{noon, noon.In(time.FixedZone("", 3600)), 0, true},
		{noon, noon.Add(1), -1, true},
		{"1", 1, 0, false},
		{[]int{1}, []int{1}, 0, false},
		{noon, struct{ Time int }{}, 0, false},
	} {
		order, ok := compare(reflect.ValueOf(c.a), reflect.ValueOf(c.b))
		if order != c.order || ok != c.ok {
			t.Errorf("compare(%v, %v) = %d, %v; want %d, %v", c.a, c.b, order, ok, c.order, c.ok)
		}
	}
}

// The comparisons of the validator for values that handlers make: they hold
// when one side is absent, and know dates.
func TestValidatorCompares(t *testing.T) {
	t.Parallel()
	type stay struct {
		From *openapi_types.Date `json:"from"`
		To   *openapi_types.Date `json:"to" validate:"omitnil,gtfield=From"`
		Same *openapi_types.Date `json:"same-day" validate:"omitnil,eqfield=From"`
		Name string              `json:"name"`
		More *string             `json:"more" validate:"omitnil,gtfield=Name"`
	}
	day := func(n int) *openapi_types.Date {
		return &openapi_types.Date{Time: time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC)}
	}
	longer := "longer"
	for _, c := range []struct {
		value stay
		want  string
	}{
		{stay{}, ""},
		{stay{To: day(1)}, ""},
		{stay{From: day(1), To: day(2), Same: day(1)}, ""},
		{stay{From: day(1), To: day(1)}, "Key: 'stay.to' Error:Field validation for 'to' failed on the 'gtfield' tag"},
		{stay{From: day(1), Same: day(2)}, "Key: 'stay.same-day' Error:Field validation for 'same-day' failed on the 'eqfield' tag"},
		{stay{More: &longer}, "Key: 'stay.more' Error:Field validation for 'more' failed on the 'gtfield' tag"}, // text has no order
	} {
		got := ""
		if err := Validator().Struct(c.value); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.value, got, c.want)
		}
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	type leaf struct {
		X int `json:"x/y"`
	}
	type tree struct {
		Items                []*leaf `json:"items"`
		ByName               map[string]*[]leaf
		Free                 any
		AdditionalProperties map[string]leaf `json:"-"`
	}
	v := reflect.ValueOf(&tree{
		Items:                []*leaf{nil, {}},
		ByName:               map[string]*[]leaf{"a": {{}}, "a][0": {{}}, "": {{}}},
		AdditionalProperties: map[string]leaf{"~": {}, "b].X": {}},
	})
	for path, want := range map[string]string{
		"Items[1].X":                   "/items/1/x~1y",
		"ByName[a][0].X":               "/ByName/a/0/x~1y",
		"ByName[a][0][0].X":            "/ByName/a][0/0/x~1y",
		"ByName[][0].X":                "/ByName//0/x~1y",
		"AdditionalProperties[~].X":    "/~0/x~1y",
		"AdditionalProperties[b].X].X": "/b].X/x~1y",
		"Items":                        "/items",
		"Items[0].X":                   "",
		"Items[2].X":                   "",
		"Items[x].X":                   "",
		"Nothing":                      "",
		"Free.X":                       "",
		"":                             "",
	} {
		at, ok := locate(v, path)
		if ok != (want != "") || ok && at.pointer != want {
			t.Errorf("locate(%q) = %q, %v; want %q", path, at.pointer, ok, want)
		}
	}
}
