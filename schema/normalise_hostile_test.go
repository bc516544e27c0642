package schema_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/schema"
)

// TestHostileNormalise bounds what bodies made to hurt may cost: each comes to
// an end within the work that schema allows itself, and either is mended or
// stays what it was.
func TestHostileNormalise(t *testing.T) {
	n := allRules(t)
	const deep = 400
	recursiveList := `{"type":"array","items":{"$ref":"#"}}`
	recursiveMap := `{"type":"object","additionalProperties":{"$ref":"#"}}`
	alternatives := func(count int) string {
		var list []string
		for i := range count {
			list = append(list, fmt.Sprintf(`{"type":"object","properties":{"next":{"$ref":"#"},"v":{"type":"integer","minimum":%d,"maximum":%d}},"required":["v"]}`, i, i))
		}
		return `{"oneOf":[` + strings.Join(list, ",") + `]}`
	}
	for _, c := range []struct {
		name, schema, body string
		mended             bool
		memory             uint64
	}{
		{"1 MB of [", recursiveMap, strings.Repeat("[", 1<<20), false, 1 << 20},
		{`1 MB of {"0":`, recursiveList, strings.Repeat(`{"0":`, 1<<20/5), false, 1 << 20},
		{"lists for maps, nested", recursiveMap, strings.Repeat("[", deep) + strings.Repeat("]", deep), true, 4 << 20},
		{"maps for lists, nested", recursiveList, strings.Repeat(`{"0":`, deep) + "[]" + strings.Repeat("}", deep), true, 4 << 20},
		{"maps for lists, nested and out of order", recursiveList, strings.Repeat(`{"1":[],"0":`, deep) + "[]" + strings.Repeat("}", deep), true, 16 << 20},
		{"alternatives within alternatives", alternatives(6), strings.Repeat(`{"next":`, 40) + `{"v":"9"}` + strings.Repeat(`,"v":"3"}`, 40), false, 256 << 20},
		{"a million numbers as text", `{"type":"array","items":{"type":"integer"}}`, `["1"` + strings.Repeat(`,"12"`, 1_000_000) + `]`, true, 512 << 20},
		{"a million names for a list", `{"type":"array","items":{"type":"integer"}}`, manyNames(200_000), true, 256 << 20},
		{"a million nulls", `{"type":"object","properties":{` + manyProperties(9_000, `{"type":"integer"}`) + `}}`, "{" + manyProperties(9_000, "null") + "}", true, 64 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := compile(t, c.schema, schema.Options{})
			body := []byte(c.body)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			got := s.Normalise(nil, body, schema.Answer, n)
			runtime.ReadMemStats(&after)
			if same(got.Body, body) == c.mended {
				t.Errorf("mended: %v, want %v", !c.mended, c.mended)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > c.memory && !raced {
				t.Errorf("%d KB were allocated, at most %d KB may be", used>>10, c.memory>>10)
			}
			if !c.mended && got.Violations == nil {
				t.Error("nothing is said to be wrong")
			}
		})
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%d":"1"`, n-i)
	}
	return "{" + b.String()[1:] + "}"
}

func manyProperties(n int, value string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"p%d":%s`, i, value)
	}
	return b.String()[1:]
}
