package schema_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/schema"
)

// phpBatch is a body of 16 KB as PHP writes it: 31 items, each with numbers as
// text, an empty list for an object and null for what is not there.
var (
	phpItem = `{"availableAt":"2026-12-01 09:30:00","contact":"orders@warehouse.example.com",` +
		`"description":"Countersunk wood screws, zinc plated, sold by the box of two hundred. Keep dry; recycle the box.",` +
		`"name":"Wood screw 4x40 mm","ownerId":"0b8a7d7c-4f4b-4f0e-8d3a-7f1de5a0c2b4",` +
		`"parts":[{"code":"screw-4x40","count":"200","note":"zinc plated, partially threaded"},` +
		`{"code":"box-small","count":"1","note":"recycled board, printed on one side"},` +
		`{"code":"label","count":"2"}],"priority":"3","quantity":"1250","sku":"SCR-40040","status":"active"}`
	phpBatch  = `{"items":[` + strings.TrimSuffix(strings.Repeat(phpItem+",", 31), ",") + `]}`
	goodBatch = `{"items":[` + strings.TrimSuffix(strings.Repeat(benchItem+",", 31), ",") + `]}`
)

// BenchmarkNormalise takes turns with reading the tokens alone, the floor, and
// reports the best time of each, so that a busy machine hurts both alike.
func BenchmarkNormalise(b *testing.B) {
	for _, body := range []struct{ name, text string }{{"conforming", goodBatch}, {"like-php", phpBatch}} {
		b.Run(body.name, func(b *testing.B) {
			s, n, raw := benchSchema(b, "ItemBatch"), allRules(b), []byte(body.text)
			buf := make([]byte, 0, 2*len(raw))
			got := s.Normalise(buf, raw, schema.Answer, n)
			if got.Violations != nil {
				b.Fatal(got.Violations)
			}
			floor := readTokens()
			ours, tokens := math.Inf(1), math.Inf(1)
			timed := func(f func()) float64 {
				start := time.Now()
				for range 5 {
					f()
				}
				return float64(time.Since(start).Nanoseconds()) / 5
			}
			b.ReportAllocs()
			for b.Loop() {
				ours = min(ours, timed(func() { s.Normalise(buf, raw, schema.Answer, n) }))
				tokens = min(tokens, timed(func() {
					if err := floor(raw); err != nil {
						b.Fatal(err)
					}
				}))
			}
			b.ReportMetric(math.Round(ours), "ns/body")
			b.ReportMetric(ours/tokens, "x-floor")
			b.ReportMetric(testing.AllocsPerRun(20, func() { s.Normalise(buf, raw, schema.Answer, n) }), "allocs/body")
			b.ReportMetric(float64(len(raw)), "bytes/body")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// TestConformingBodiesAreNotCopied: what needs no mending costs no memory.
func TestConformingBodiesAreNotCopied(t *testing.T) {
	s, n, raw := benchSchema(t, "ItemBatch"), allRules(t), []byte(goodBatch)
	if got := s.Normalise(nil, raw, schema.Answer, n); !same(got.Body, raw) || got.Violations != nil {
		t.Fatalf("%v", got.Violations)
	}
	if a := testing.AllocsPerRun(100, func() { s.Normalise(nil, raw, schema.Answer, n) }); a > 0 && !raced {
		t.Errorf("%v allocations", a)
	}
}
