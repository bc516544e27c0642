package wordpress

import (
	"bufio"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/google/go-cmp/cmp"
)

// finding is a line of testdata/normalise.tsv.
type finding struct {
	mended   string // what is mended in the answer: place and rule
	breaks   string // what no rule mends: place and keyword
	reason   string // why none does
	answered bool
}

// readFindings reads what is expected of the answers that are not what
// WordPress's own schema says.
func readFindings(t *testing.T) map[string]*finding {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "normalise.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all := map[string]*finding{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		cells := strings.Split(lines.Text(), "\t")
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		if len(cells) != 4 {
			t.Fatalf("normalise.tsv: %d columns, want 4: %s", len(cells), lines.Text())
		}
		for i, cell := range cells {
			cells[i] = strings.TrimPrefix(cell, "-")
		}
		if (cells[2] == "") != (cells[3] == "") {
			t.Fatalf("normalise.tsv: %s: what is not mended has a reason, and nothing else has", cells[0])
		}
		all[cells[0]] = &finding{mended: cells[1], breaks: cells[2], reason: cells[3]}
	}
	return all
}

// counts is what a server has seen, by place.
func counts(t *testing.T, admin string) map[string]uint64 {
	t.Helper()
	res, err := http.Get("http://" + admin + "/-/legacy/observations")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	seen, err := legacyproxy.ReadObservations(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]uint64{}
	for _, op := range seen.Operations {
		if op.Conformance == nil {
			continue
		}
		for _, c := range op.Conformance.Coercions {
			out["mended\t"+c.Pointer+" "+c.Rule] += c.Answers
		}
		for _, v := range op.Conformance.Violations {
			out["breaks\t"+v.Pointer+" "+v.Keyword] += v.Answers
		}
	}
	return out
}

// since lists what was counted of a kind between two counts.
func since(before, after map[string]uint64, kind string) string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if what, ok := strings.CutPrefix(key, kind+"\t"); ok && after[key] > before[key] {
			list = append(list, what)
		}
	}
	return strings.Join(list, ", ")
}

// mapping is a workspace with that legacy.yaml and everything at PHP.
func mapping(t *testing.T, legacy string) string {
	t.Helper()
	workspace := t.TempDir()
	for name, text := range map[string]string{"api/rollout.yaml": "version: 1\n", "api/wordpress/legacy.yaml": legacy} {
		name = filepath.Join(workspace, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return workspace
}

// TestNormalisedAnswers sends every request through a server that normalises
// all answers. Those that are what WordPress's own schema says stay byte for
// byte what they are; the others are mended, but for what testdata/normalise.tsv
// lists with the reason.
func TestNormalisedAnswers(t *testing.T) {
	s := wordpress(t)
	workspace := mapping(t, "version: 1\nnormalise: true\n")
	addr, admin := banyanWith(t, s, workspace, "http://"+s.addr)
	list, expected := readRequests(t), readFindings(t)
	all := map[string]request{}
	for _, r := range list {
		all[r.name] = r
	}
	violating, left := 0, 0
	for _, r := range list {
		t.Run(r.name, func(t *testing.T) {
			direct := askOnly(t, s, s.addr, r, all)
			prepareFor(t, s, s.addr, r, all)
			before := counts(t, admin)
			got := sendTo(t, addr, r)
			after := counts(t, admin)
			want := expected[r.name]
			if want == nil {
				want = &finding{}
			}
			want.answered = true
			mended, breaks := since(before, after, "mended"), since(before, after, "breaks")
			if diff := cmp.Diff(want.mended, mended); diff != "" {
				t.Errorf("mended (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(want.breaks, breaks); diff != "" {
				t.Errorf("what no rule mends (-want +got)\n%s", diff)
			}
			if mended != "" || breaks != "" {
				violating++
			}
			if breaks != "" {
				left++
			}
			if mended == "" {
				for _, f := range compare(direct, got, mayDiffer) {
					t.Errorf("nothing was mended: %s", f)
				}
			}
		})
	}
	for name, f := range expected {
		if !f.answered && !t.Failed() {
			t.Errorf("normalise.tsv has %s, which no request is called", name)
		}
	}
	t.Logf("%d of %d answers were not what the contract says; of %d no rule mends everything", violating, len(list), left)
	t.Log(summaryOf(list, expected))
}

// recorded is how many of the requests are kinds that were recorded from a
// WordPress; the others stand behind them.
const recorded = 46

// summary is what normalise.tsv says of the kinds that were recorded.
type summary struct{ mended, left []string }

func summaryOf(list []request, expected map[string]*finding) (s summary) {
	for _, r := range list[:recorded] {
		switch f := expected[r.name]; {
		case f == nil:
		case f.breaks == "":
			s.mended = append(s.mended, r.name)
		default:
			s.left = append(s.left, r.name)
		}
	}
	return s
}

func (s summary) String() string {
	return fmt.Sprintf("of the answers to the %d recorded kinds of request %d break the contract: %d are mended (%s), %d stay (%s)", recorded,
		len(s.mended)+len(s.left), len(s.mended), strings.Join(s.mended, ", "), len(s.left), strings.Join(s.left, ", "))
}

// TestDocumentedCounts: docs/legacy.md counts as normalise.tsv does. It needs no
// WordPress.
func TestDocumentedCounts(t *testing.T) {
	docs, err := os.ReadFile("../../docs/legacy.md")
	if err != nil {
		t.Fatal(err)
	}
	list, expected := readRequests(t), readFindings(t)
	left := 0
	for _, f := range expected {
		if f.breaks != "" {
			left++
		}
	}
	text := strings.Join(strings.Fields(string(docs)), " ")
	s := summaryOf(list, expected)
	for _, want := range []string{
		fmt.Sprintf("Of the %d answers %d break it and %d stay so", len(list), len(expected), left),
		fmt.Sprintf("of the first %d, the kinds that were recorded, it is %d and %d", recorded, len(s.mended)+len(s.left), len(s.left)),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("docs/legacy.md does not say %q", want)
		}
	}
	t.Log(s)
}

// TestParametersOutsideTheContract: an answer that is another document because
// the client asked for that by a parameter which the contract does not have is
// no matter for normalisation. Without the parameter it is what the contract says.
func TestParametersOutsideTheContract(t *testing.T) {
	s := wordpress(t)
	workspace := mapping(t, "version: 1\nnormalise: true\noperations:\n  getWpV2PostsId: {query: {drop: [_envelope, _jsonp]}}\n")
	addr, admin := banyanWith(t, s, workspace, "http://"+s.addr)
	if err := s.state.restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"25-envelope-200-with-404": "404 Not Found", "35-jsonp": "200 OK"}
	for _, r := range readRequests(t) {
		status, ok := want[r.name]
		if !ok {
			continue
		}
		delete(want, r.name)
		before := counts(t, admin)
		got := sendTo(t, addr, r)
		if breaks := since(before, counts(t, admin), "breaks"); got.status != status || breaks != "" {
			t.Errorf("%s: %s, which breaks the contract at %q\n%s", r.name, got.status, breaks, got.body)
		}
	}
	if len(want) > 0 {
		t.Errorf("there are no requests %v", want)
	}
}
