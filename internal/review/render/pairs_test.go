package render_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/render"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is shown into the cases")

// approve is the command that a workspace's review offers.
func approve(id string) string {
	return "banyan review approve " + id + ` --reason "..." --until DAY`
}

const pairs = "../testdata/pairs/"

// TestPairs reviews consecutive versions of real contracts.
func TestPairs(t *testing.T) {
	t.Parallel()
	bases, err := filepath.Glob(pairs + "*.base.*.gz")
	if err != nil || len(bases) == 0 {
		t.Fatal("no pairs", err)
	}
	for _, base := range bases {
		name, kind, _ := strings.Cut(strings.TrimPrefix(base, pairs), ".base.")
		kind = strings.TrimSuffix(kind, ".gz")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := pair(t, name, kind)
			var got bytes.Buffer
			if err := render.Print(&got, render.Text, r, render.Options{Parties: []review.Party{review.WireParty}, Approve: approve}); err != nil {
				t.Fatal(err)
			}
			want := pairs + name + ".want"
			if *update {
				if err := os.WriteFile(want, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			text, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(text), got.String()); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func pair(t *testing.T, name, kind string) *review.Report {
	t.Helper()
	side := func(which string) review.Side {
		f, err := os.Open(pairs + name + "." + which + "." + kind + ".gz")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		file := "openapi." + kind
		return review.Side{Name: which, FS: fstest.MapFS{
			"banyan.yaml": {Data: []byte("version: 1\nservices:\n  contract: {contract: " + file + "}\n"), Mode: 0o444},
			file:          {Data: data, Mode: 0o444},
		}}
	}
	r, err := review.Workspaces(side("base"), side("revision"), review.Settings{Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if r.Problems.Errors() > 0 {
		t.Fatal(r.Problems)
	}
	return r
}
