package bundle_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/conform/bundle"
)

const contract = `{"paths":{
 "/a/{id}":{"parameters":[{"name":"id","in":"path"},{"$ref":"#/components/parameters/P%2fQ"},{"$ref":"#/components/parameters/gone"},{"name":"X-H","in":"header"}],
  "get":{"operationId":"a","parameters":[{"name":"id","in":"query"},{"name":"p","in":"query","own":1},{"name":"x-h","in":"header"}]},"x-y":{"operationId":"none"}},
 "/b":{"$ref":"#/paths/~1a~1%7Bid%7D"},"/c":7,"/d":{"post":{}}},
 "components":{"parameters":{"P":{"Q":{"name":"p","in":"query"}}},"schemas":{"A":{"$ref":"#/components/schemas/B"},"B":{"$ref":"#/components/schemas/A"},"C":{"$ref":"other.json"},"D":[{},{"n":9007199254740993}]}}}`

func TestDocument(t *testing.T) {
	t.Parallel()
	d, err := bundle.Read([]byte(contract))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "/paths/~1a~1{id}/get"}, d.Operations()); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	var found []string
	for at, p := range d.Parameters("/paths/~1a~1{id}/get") {
		found = append(found, fmt.Sprint(at, " ", p["in"], " ", p["name"]))
	}
	want := []string{"/paths/~1a~1{id}/get/parameters/0 query id", "/paths/~1a~1{id}/get/parameters/1 query p", "/paths/~1a~1{id}/get/parameters/2 header x-h", "/paths/~1a~1{id}/parameters/0 path id"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	for _, pointer := range []string{"/components/schemas/A", "/components/schemas/C", "/components/schemas/D/2", "/components/schemas/D/-1", "/components/schemas/D/x", "/paths/~1c", "/paths/~1c/x", "components", "/gone"} {
		if _, object := d.Follow(pointer); object != nil {
			t.Errorf("%s leads to %v", pointer, object)
		}
	}
	if n := fmt.Sprint(d.At("/components/schemas/D/1/n")); n != "9007199254740993" {
		t.Errorf("a number became %s", n)
	}
	if pointer, ok := bundle.Target(bundle.Ref("/paths/~1a~1{id}/ü %")); !ok || pointer != "/paths/~1a~1{id}/ü %" {
		t.Errorf("a reference leads to %q", pointer)
	}
	if names := bundle.Names(d.At("/components/schemas")); !slices.Equal(names, []string{"A", "B", "C", "D"}) {
		t.Errorf("names: %v", names)
	}
	if none := (bundle.Document{}); len(none.Operations()) > 0 || none.At("/a") != nil {
		t.Error("the empty document has something in it")
	}
	for _, text := range []string{"", "null", "[]", "{"} {
		if _, err := bundle.Read([]byte(text)); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
