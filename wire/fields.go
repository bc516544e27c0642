package wire

import (
	"reflect"
	"strings"
	"sync"

	"github.com/banyan-go/banyan/schema/bracket"
)

// structFields is what a generated struct looks like from outside.
type structFields struct {
	index    map[string]int    // by JSON name
	stems    map[string]string // JSON names of lists that have brackets in them, by what stands before these
	names    []string          // by field, empty for those without one
	required []bool            // by field: only what may be absent is left out when it is empty
	only     []string          // by field, of booleans: true or false, where only that is possible
	rest     int               // the AdditionalProperties map, or -1
	union    bool              // holds one of several types as raw JSON
}

var unionType = reflect.TypeFor[Union]()

var fieldCache sync.Map // reflect.Type -> *structFields

func fieldsOf(t reflect.Type) *structFields {
	if known, ok := fieldCache.Load(t); ok {
		return known.(*structFields)
	}
	f := &structFields{index: map[string]int{}, stems: map[string]string{}, rest: -1, names: make([]string, t.NumField()), required: make([]bool, t.NumField()), only: make([]string, t.NumField())}
	for i := range t.NumField() {
		field := t.Field(i)
		switch {
		case field.Type == unionType && !field.IsExported():
			f.union = true
		case field.Name == "AdditionalProperties" && field.Tag.Get("json") == "-":
			f.rest = i
		case field.IsExported() && field.Tag.Get("json") != "-":
			name := jsonName(field)
			f.names[i], f.index[name] = name, i
			_, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			f.required[i] = options == ""
			for option := range strings.SplitSeq(field.Tag.Get("wire"), ",") {
				if only, ok := strings.CutPrefix(option, "only="); ok {
					f.only[i] = only
				}
			}
			if stem, ok := bracket.Stem(name); ok && isList(field.Type) {
				f.stems[stem] = name
			}
		}
	}
	for name := range f.index {
		delete(f.stems, name)
	}
	known, _ := fieldCache.LoadOrStore(t, f)
	return known.(*structFields)
}

// isList reports whether values of a type, which may be null, are lists in forms.
func isList(t reflect.Type) bool {
	if item := nullableItem(t); item != nil {
		t = item
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return wants(t) == list
}

func jsonName(field reflect.StructField) string {
	if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
		return name
	}
	return field.Name
}
