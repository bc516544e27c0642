package sample

import (
	"encoding/json"
	"math/big"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// formats are values of what is more than text.
var formats = map[string][]string{
	"date-time": {"2026-01-02T03:04:05Z", "1999-12-31T23:59:59.123456789+02:00"},
	"date":      {"2026-01-02", "2024-02-29"},
	"time":      {"03:04:05Z", "23:59:59.5+01:00"},
	"duration":  {"P1DT2H"},
	"byte":      {"YWJj", ""},
	"uuid":      {"0b6e2f6c-6c0b-4c8e-9d5c-5d0c3f1c9a11"},
	"email":     {"a@example.com"},
	"uri":       {"https://example.com/a?b=c#d"},
	"hostname":  {"example.com"},
	"ipv4":      {"127.0.0.1"},
	"ipv6":      {"::1"},
	"decimal":   {"0.10"},
}

func texts(s *openapi.Schema) []any {
	var out []any
	for _, text := range formats[s.Format] {
		out = append(out, text)
	}
	if out != nil {
		return out
	}
	if s.ContentEncoding == "base64" {
		return []any{"YWJj"}
	}
	low, high := 0, 4
	if s.MinLength != nil {
		low = int(min(*s.MinLength, longest))
		high = low + 1
	}
	if s.MaxLength != nil {
		high = int(min(*s.MaxLength, longest/2))
	}
	if low <= 4 && high >= 4 {
		out = append(out, "text")
	}
	for _, n := range []int{low, max(high, low)} {
		out = append(out, strings.Repeat("text", n/4+1)[:n])
	}
	if low < 2 && high > 0 {
		out = append(out, "1")
	}
	return out
}

// edges are the ends of what integers of some width hold, and a step further.
var edges = []string{"0", "1", "-1", "128", "256", "32768", "65536", "2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807"}

func numbers(s *openapi.Schema, typ string) []any {
	var out []any
	add := func(n openapi.Number, offset int64) {
		if r := openapi.Rational(n); r != nil && len(n.String()) < 40 {
			r.Add(r, new(big.Rat).SetInt64(offset))
			switch {
			case r.IsInt():
				out = append(out, json.Number(r.Num().String()))
			case typ == "number":
				out = append(out, json.Number(n.String()))
			}
		}
	}
	add(s.Minimum, 0)
	add(s.Maximum, 0)
	add(s.ExclusiveMinimum, 1)
	add(s.ExclusiveMaximum, -1)
	add(s.MultipleOf, 0)
	if typ == "number" {
		out = append(out, json.Number("1.5"), json.Number("-0.25"), json.Number("0.1"), json.Number("1e20"))
	}
	for _, edge := range edges {
		out = append(out, json.Number(edge))
	}
	if s.Format == "uint64" {
		out = append(out, json.Number("18446744073709551615"))
	}
	return out
}
