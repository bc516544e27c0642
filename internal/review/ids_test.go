package review

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review/oasdiff"
)

var recordIDs = flag.String("record-ids", "", "write down the ids of changes, with the `version` of oasdiff that the test is built with")

// idsFile has a section for each case, named as the case is and with the sum of what
// it asks; the comment above them is the version of oasdiff.
const idsFile = "testdata/ids/recorded.txtar"

// levelsSection has the rules of oasdiff.
const levelsSection = "levels"

// movedByOasdiff are the rules of oasdiff whose level was another one in the recorded
// version, or that it has no more, and the cases in which it said something else, each
// with the reason why no approval is lost by it.
var movedByOasdiff = map[string]string{
	"api-security-component-oauth-token-url-changed":    "info became warning: it is asked about more, and nothing was approved before",
	"api-security-component-oauth-url-changed":          "info became warning: it is asked about more, and nothing was approved before",
	"api-security-component-openid-connect-url-changed": "error became warning: both are a second opinion",
}

// TestIDsSurviveUpgrades holds the ids of today against those that an older release
// of oasdiff gave: of every change in every case and pair, and of what oasdiff says
// about them, all of it taken as a second opinion, as if our comparison had said
// nothing. Approvals name these ids: one that moves leaves an approval without its
// change. The levels of oasdiff's rules are held as well, since they decide what
// becomes a change.
//
// A failure prints the lines that are gone (-) and new (+). Where our own comparison
// moved them, put that right, or tell people in CHANGELOG.md. Where oasdiff did, look
// at each, and list it in movedByOasdiff.
//
// To record anew, after an upgrade of oasdiff or when too many cases are new, build
// the test with the release before the one in go.mod. It needs no other checkout:
//
//	cp go.mod /tmp/older.mod; cp go.sum /tmp/older.sum
//	go get -modfile=/tmp/older.mod github.com/oasdiff/oasdiff@v1.34.1
//	go test -modfile=/tmp/older.mod ./internal/review -run TestIDsSurviveUpgrades -record-ids v1.34.1
func TestIDsSurviveUpgrades(t *testing.T) {
	t.Parallel()
	now := identified(t)
	if *recordIDs != "" {
		ar := &txtar.Archive{Comment: []byte("oasdiff " + *recordIDs + "\n")}
		for _, name := range slices.Sorted(maps.Keys(now)) {
			ar.Files = append(ar.Files, txtar.File{Name: name, Data: []byte(now[name])})
		}
		if err := os.WriteFile(idsFile, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	ar, err := txtar.ParseFile(idsFile)
	if err != nil {
		t.Fatal(err)
	}
	version := strings.TrimSpace(string(ar.Comment))
	if mod, err := os.ReadFile("../../go.mod"); err != nil || bytes.Contains(mod, []byte("github.com/oasdiff/"+version+"\n")) {
		t.Errorf("the ids were recorded with %s, which is in use: record them with the release before it (%v)", version, err)
	}
	moved := map[string]string{} // what moved, by case or rule
	compared := 0
	for _, section := range ar.Files {
		today, still := now[section.Name]
		switch {
		case !still: // the case is gone, or asks something else now
		case section.Name == levelsSection:
			for _, line := range lost(string(section.Data), today) {
				level, rule, _ := strings.Cut(line, " ")
				moved[rule] = "was of level " + level
			}
		default:
			compared++
			if diff := cmp.Diff(string(section.Data), today); diff != "" {
				name, _, _ := strings.Cut(section.Name, " ")
				moved[name] = "want -, got +:\n" + diff
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(moved)) {
		if movedByOasdiff[name] == "" {
			t.Errorf("%s is not as with %s: %s", name, version, moved[name])
		}
	}
	for name := range movedByOasdiff {
		if moved[name] == "" {
			t.Errorf("%s did not move: take it out of movedByOasdiff", name)
		}
	}
	if all := len(now) - 1; compared*10 < all*9 {
		t.Errorf("only %d of %d cases are in the record: record anew", compared, all)
	}
}

// lost are the lines of one text that another has not.
func lost(was, is string) (out []string) {
	still := map[string]bool{}
	for line := range strings.Lines(is) {
		still[line] = true
	}
	for line := range strings.Lines(was) {
		if !still[line] {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// identified has a text for each case and pair, and the levels of oasdiff's rules.
func identified(t *testing.T) map[string]string {
	t.Helper()
	var levels []string
	for id, level := range oasdiff.Rules() {
		levels = append(levels, fmt.Sprintf("%s %s\n", [...]string{"info", "warning", "error"}[level], id))
	}
	out := map[string]string{levelsSection: strings.Join(slices.Sorted(slices.Values(levels)), "")}

	edits, err := filepath.Glob("testdata/edits/*.txtar")
	if err != nil || len(edits) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range edits {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := map[string][]byte{}
		for _, f := range ar.Files {
			text[f.Name] = f.Data
		}
		key := fmt.Sprintf("%s %s", filepath.Base(name), sumOf(text["base.yaml"], text["head.yaml"], text["deprecation"]))
		out[key] = idsOf(t, editOptions(t, ar), loaded(t, ar, "base.yaml"), loaded(t, ar, "head.yaml"))
	}
	bases, err := filepath.Glob("testdata/pairs/*.base.*.gz")
	if err != nil || len(bases) == 0 {
		t.Fatal("no pairs", err)
	}
	for _, base := range bases {
		ar := &txtar.Archive{Files: []txtar.File{
			{Name: "base.yaml", Data: unzipped(t, base)},
			{Name: "head.yaml", Data: unzipped(t, strings.Replace(base, ".base.", ".revision.", 1))},
		}}
		name, _, _ := strings.Cut(filepath.Base(base), ".base.")
		key := fmt.Sprintf("%s %s", name, sumOf(ar.Files[0].Data, ar.Files[1].Data))
		out[key] = idsOf(t, editOptions(t, ar), loaded(t, ar, "base.yaml"), loaded(t, ar, "head.yaml"))
	}
	return out
}

func sumOf(texts ...[]byte) string {
	sum := sha256.Sum256(bytes.Join(texts, []byte{0}))
	return hex.EncodeToString(sum[:6])
}

// idsOf has a line for each change that the comparison of two contracts finds, and below
// them one for each thing that oasdiff says: a review has those of them that no change
// explains, under the same ids.
func idsOf(t *testing.T, o Options, was, is *contract.Contract) string {
	t.Helper()
	a, err := was.Spec()
	if err != nil {
		t.Fatal(err)
	}
	b, err := is.Spec()
	if err != nil {
		t.Fatal(err)
	}
	touched, err := contract.Touched(was, is)
	if err != nil {
		t.Fatal(err)
	}
	silent := &Change{Rule: "description-changed", uses: map[string][]string{}}
	for op := range touched {
		silent.uses[op] = nil
	}
	opinions, err := secondOpinion([]*Change{silent}, was, is)
	var out strings.Builder
	lines := func(what string, list []*Change) {
		var text []string
		for _, c := range list {
			text = append(text, fmt.Sprintf("%s %s %s %s%s\n", what, c.ID, c.Rule, c.Place, pointerText(c.Pointer)))
		}
		slices.Sort(text)
		out.WriteString(strings.Join(text, ""))
	}
	lines("change", Compare(a, b, o))
	lines("oasdiff", opinions)
	if err != nil {
		fmt.Fprintf(&out, "error %v\n", err)
	}
	return out.String()
}
