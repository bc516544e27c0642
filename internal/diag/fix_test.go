package diag

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/banyan-go/banyan/config"
	"github.com/google/go-cmp/cmp"
)

func TestRepair(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"a": "one two three", "b": "x"}
	read := func(file string) ([]byte, error) {
		if text, ok := texts[file]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("no " + file)
	}
	fix := func(message string, edits ...Edit) Diagnostic {
		return Diagnostic{Message: message, Fix: &Fix{Edits: edits}}
	}
	list := List{
		fix("two files", Edit{"a", 4, 3, "2"}, Edit{"b", 0, 1, "y"}),
		fix("inside the first", Edit{"a", 5, 1, "!"}),
		fix("over the first", Edit{"a", 0, 5, "!"}),
		fix("the same again", Edit{"a", 4, 3, "2"}),
		fix("just after", Edit{"a", 7, 0, ","}),
		fix("another there", Edit{"a", 7, 0, ";"}),
		{Message: "no fix"},
		fix("all or nothing", Edit{"b", 1, 0, "z"}, Edit{"a", 4, 1, "t"}),
		fix("at the end", Edit{"a", 13, 0, "."}),
	}
	got, err := list.Repair(read)
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	for _, d := range got.Done {
		done = append(done, d.Message)
	}
	if diff := cmp.Diff([]string{"two files", "the same again", "just after", "at the end"}, done); diff != "" || len(got.Left) != 4 {
		t.Errorf("done (-want +got):\n%s, %d left", diff, len(got.Left))
	}
	if diff := cmp.Diff(map[string][]byte{"a": []byte("one 2, three."), "b": []byte("y")}, got.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for _, bad := range []Edit{{"a", 13, 1, ""}, {"a", -1, 0, ""}, {"a", 0, 14, ""}, {"c", 0, 0, ""}} {
		if _, err := (List{fix("bad", bad)}).Repair(read); err == nil {
			t.Errorf("%+v is applied", bad)
		}
	}
}

func TestSARIFHasFixes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	list := List{{Rule: "r", Message: "m", Pos: config.Pos{File: "a", Line: 1, Col: 1}, Fix: &Fix{Summary: "mend it", Edits: []Edit{{"a", 4, 3, "2"}, {"b c", 0, 1, ""}, {"a", 9, 0, "x"}}}}}
	if err := Print(&out, SARIF, list, Style{Base: "shop"}); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	want := []sarifFix{{Description: sarifText{Text: "mend it"}, Changes: []sarifChange{
		{sarifArtifact{"shop/a"}, []sarifReplacement{{sarifBytes{4, 3}, &sarifBinary{[]byte("2")}}, {sarifBytes{9, 0}, &sarifBinary{[]byte("x")}}}},
		{sarifArtifact{"shop/b%20c"}, []sarifReplacement{{sarifBytes{0, 1}, nil}}},
	}}}
	if diff := cmp.Diff(want, log.Runs[0].Results[0].Fixes); diff != "" {
		t.Error(diff)
	}
}
