package contract

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// otherwise compares two documents, which are graphs: what is reached twice is
// looked at once. Places play no part. It returns the first difference, or "".
func otherwise(a, b *openapi.Document) string {
	c := comparison{seen: map[[2]any]bool{}}
	c.values(reflect.ValueOf(a), reflect.ValueOf(b), "document")
	return c.found
}

type comparison struct {
	seen  map[[2]any]bool
	found string
}

var (
	posType    = reflect.TypeFor[config.Pos]()
	placesType = reflect.TypeFor[map[string]config.Pos]()
	sourceType = reflect.TypeFor[openapi.Source]()
)

func (c *comparison) values(a, b reflect.Value, path string) {
	differ := func() { c.found = fmt.Sprintf("%s: %v and %v", path, a, b) }
	switch {
	case c.found != "" || a.Type() == posType || a.Type() == placesType || a.Type() == sourceType:
		return
	case a.Kind() == reflect.Pointer || a.Kind() == reflect.Interface:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				differ()
			}
			return
		}
		if a.Kind() == reflect.Pointer {
			pair := [2]any{a.Interface(), b.Interface()}
			if c.seen[pair] {
				return
			}
			c.seen[pair] = true
		} else if a.Elem().Type() != b.Elem().Type() {
			differ()
			return
		}
		c.values(a.Elem(), b.Elem(), path)
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			c.values(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name)
		}
	case a.Kind() == reflect.Slice:
		if a.Len() != b.Len() {
			differ()
			return
		}
		for i := range a.Len() {
			c.values(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case a.Kind() == reflect.Map:
		if a.Len() != b.Len() {
			differ()
			return
		}
		for _, key := range a.MapKeys() {
			other := b.MapIndex(key)
			if !other.IsValid() {
				c.found = fmt.Sprintf("%s: there is no %v", path, key)
				return
			}
			c.values(a.MapIndex(key), other, strings.TrimSuffix(fmt.Sprintf("%s[%v]", path, key), " "))
		}
	case a.Interface() != b.Interface():
		differ()
	}
}
