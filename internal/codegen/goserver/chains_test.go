package goserver_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestChains holds that a schema which thousands of others lead to, one after the
// other, takes a time that grows with them, or a bound that is said once where it is met.
func TestChains(t *testing.T) {
	t.Parallel()
	const long = 4000
	for name, chain := range map[string]struct {
		links int
		link  string // to the schema before
		want  string
		times int
	}{
		"other names":                  {links: 900, link: `%[1]s`},
		"more other names":             {links: long, link: `%[1]s`, want: "leads through more than 1000 references", times: 1},
		"allOf of one":                 {links: 60, link: `{"allOf":[%[1]s]}`},
		"more allOf of one":            {links: long, link: `{"allOf":[%[1]s]}`, want: "any value in Go: it leads through more than 64 schemas", times: long - 64},
		"allOf with another property":  {links: 300, link: `{"allOf":[%[1]s,{"type":"object","properties":{"p%[2]d":{"type":"string"}}}]}`},
		"more of those":                {links: long, link: `{"allOf":[%[1]s,{"type":"object","properties":{"p%[2]d":{"type":"string"}}}]}`, want: "of more than 200000 parts", times: 1},
		"properties of the one before": {links: long, link: `{"type":"object","properties":{"p":%[1]s}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parts := []string{`"S0":{"type":"object","properties":{"id":{"type":"string"}}}`}
			for i := 1; i <= chain.links; i++ {
				before := fmt.Sprintf(`{"$ref":"#/components/schemas/S%d"}`, i-1)
				link := chain.link
				if strings.Contains(link, "%[2]d") {
					link = fmt.Sprintf(link, before, i)
				} else {
					link = fmt.Sprintf(link, before)
				}
				parts = append(parts, fmt.Sprintf(`"S%d":%s`, i, link))
			}
			_, found := throughAll(t, []byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{`+strings.Join(parts, ",\n")+`}}}`))
			said := 0
			for _, d := range found.WithoutNotes() {
				if chain.want == "" || !strings.Contains(d.Message, chain.want) || d.Pos.Line == 0 {
					t.Fatal(d)
				}
				said++
			}
			if said != chain.times {
				t.Errorf("%q is said %d times, not %d", chain.want, said, chain.times)
			}
		})
	}
}
