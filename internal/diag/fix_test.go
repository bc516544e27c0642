package diag

import (
	"errors"
	"testing"

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
