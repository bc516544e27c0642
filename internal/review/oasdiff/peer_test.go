package oasdiff_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/e2e/corpus/large"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/render"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// BenchmarkPeer reviews four edits of a document of 13 MB, in turns with
// oasdiff's library: with everything included, and the comparison alone on
// documents that are loaded. It prints medians of time, and of the most memory
// that was held at once.
func BenchmarkPeer(b *testing.B) {
	base, head, err := large.Edited(os.DirFS(filepath.Join("..", "testdata", "pairs")))
	if err != nil {
		b.Fatal(err)
	}
	var whole, theirWhole, alone, theirAlone measures
	for b.Loop() {
		whole.add(func() { reviewed(b, base, head) })
		theirWhole.add(func() { theirs(b, theirDocument(b, base), theirDocument(b, head)) })

		was, is := ours(b, base), ours(b, head)
		alone.add(func() {
			if list := review.Compare(was, is, review.Options{Service: "large"}); len(list) < 4 {
				b.Fatalf("%d changes", len(list))
			}
		})
		x, y := theirDocument(b, base), theirDocument(b, head)
		theirAlone.add(func() { theirs(b, x, y) })
		runtime.KeepAlive([]any{was, is, x, y})
	}
	for _, m := range []struct {
		name string
		of   measures
	}{{"whole", whole}, {"their-whole", theirWhole}, {"alone", alone}, {"their-alone", theirAlone}} {
		b.ReportMetric(median(m.of.seconds)*1000, m.name+"-ms")
		b.ReportMetric(median(m.of.peaks), m.name+"-MB")
	}
	b.ReportMetric(float64(len(base))/1e6, "document-MB")
}

type measures struct{ seconds, peaks []float64 }

// add measures one run: its time, and how much it held at most beyond what was
// there before.
func (m *measures) add(run func()) {
	runtime.GC()
	before := held()
	var peak atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			peak.Store(max(peak.Load(), held()))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	start := time.Now()
	run()
	m.seconds = append(m.seconds, time.Since(start).Seconds())
	close(stop)
	<-stopped
	m.peaks = append(m.peaks, float64(max(peak.Load(), before)-before)/1e6)
}

func held() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

func workspace(data []byte) fstest.MapFS {
	return fstest.MapFS{
		"banyan.yaml": {Data: []byte("version: 1\nservices:\n  large: {contract: large.json}\n")},
		"large.json":  {Data: data},
	}
}

// reviewed is the whole of a review: reading both sides, comparing them, asking
// oasdiff for its opinion, printing.
func reviewed(b *testing.B, base, head []byte) {
	report, err := review.Workspaces(review.Side{Name: "base", FS: workspace(base)}, review.Side{Name: "head", FS: workspace(head)}, review.Settings{Now: time.Unix(0, 0)})
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	if err := render.Print(&out, render.Markdown, report, render.Options{Parties: review.Parties()}); err != nil {
		b.Fatal(err)
	}
	if breaks, _, _ := report.Counts(); breaks < 3 {
		b.Fatalf("too little was found:\n%s", out.String())
	}
}

func ours(b *testing.B, data []byte) *openapi.Document {
	ws, list := contract.LoadFS(workspace(data), "")
	if list.Errors() > 0 {
		b.Fatal(list)
	}
	doc, err := ws.Services[0].Spec()
	if err != nil {
		b.Fatal(err)
	}
	return doc
}

func theirDocument(b *testing.B, data []byte) *load.SpecInfo {
	doc, err := load.NewSpecInfoFromData(openapi3.NewLoader(), data, "large.json")
	if err != nil {
		b.Fatal(err)
	}
	return doc
}

func theirs(b *testing.B, base, head *load.SpecInfo) {
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), base, head)
	if err != nil {
		b.Fatal(err)
	}
	list := checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), report, sources, checker.INFO)
	localizer := checker.NewDefaultLocalizer()
	for _, c := range list {
		_ = c.GetUncolorizedText(localizer)
	}
	if len(list) < 4 {
		b.Fatalf("%d findings", len(list))
	}
}
