package session

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// TypeError says that a value does not fit where it was to go.
type TypeError struct {
	Path []string
	Have string // what the value is
	Want reflect.Type
}

// Error says what does not fit, and where.
func (e *TypeError) Error() string {
	return fmt.Sprintf("session: %s is %s, which is no %s", at(e.Path), e.Have, e.Want)
}

func decode(v any, into any, path []string) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("session: Decode needs a pointer that is not nil, not %T", into)
	}
	d := &decoder{}
	return d.value(v, target.Elem(), path, 0)
}

// decoder fills Go values. References can make a small session a large tree,
// or a circle, so what it visits is bounded.
type decoder struct{ count int }

var (
	anyType  = reflect.TypeFor[any]()
	timeType = reflect.TypeFor[time.Time]()
)

func (d *decoder) value(v any, to reflect.Value, path []string, depth int) error {
	if d.count++; d.count > maxValues || depth > maxDepth {
		return fmt.Errorf("session: %s holds itself, or too much", at(path))
	}
	mismatch := &TypeError{path, describe(v), to.Type()}
	switch {
	case to.Type() == anyType:
		if v == nil {
			to.SetZero()
		} else {
			to.Set(reflect.ValueOf(v))
		}
		return nil
	case to.Type() == timeType:
		t, ok := dateTime(v)
		if !ok {
			return mismatch
		}
		to.Set(reflect.ValueOf(t))
		return nil
	case to.Kind() == reflect.Pointer:
		if v == nil {
			to.SetZero()
			return nil
		}
		fresh := reflect.New(to.Type().Elem())
		if err := d.value(v, fresh.Elem(), path, depth+1); err != nil {
			return err
		}
		to.Set(fresh)
		return nil
	case v != nil && reflect.TypeOf(v) == to.Type(): // *Array, *Object, Enum and the plain ones
		to.Set(reflect.ValueOf(v))
		return nil
	}
	ok := true
	switch to.Kind() {
	case reflect.Slice:
		if text, isText := v.(string); isText && to.Type().Elem().Kind() == reflect.Uint8 {
			to.SetBytes([]byte(text))
			return nil
		}
		return d.list(v, to, path, depth, mismatch)
	case reflect.Map:
		return d.mapping(v, to, path, depth, mismatch)
	case reflect.Struct:
		return d.fields(v, to, path, depth, mismatch)
	default:
		ok = scalar(v, to)
	}
	if !ok {
		return mismatch
	}
	return nil
}

// scalar stores what is a scalar on both sides.
func scalar(v any, to reflect.Value) bool {
	switch to.Kind() {
	case reflect.String:
		switch v := v.(type) {
		case string:
			to.SetString(v)
			return true
		case int64:
			to.SetString(strconv.FormatInt(v, 10))
			return true
		case Enum:
			to.SetString(v.Case)
			return true
		}
	case reflect.Bool:
		switch v {
		case true, int64(1), "1":
			to.SetBool(true)
			return true
		case false, int64(0), "0", "":
			to.SetBool(false)
			return true
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := integer(v)
		if !ok || to.OverflowInt(n) {
			return false
		}
		to.SetInt(n)
		return true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, ok := integer(v)
		if !ok || n < 0 || to.OverflowUint(uint64(n)) {
			return false
		}
		to.SetUint(uint64(n))
		return true
	case reflect.Float32, reflect.Float64:
		f, ok := float(v)
		if !ok {
			return false
		}
		to.SetFloat(f)
		return true
	}
	return false
}

func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == v
	}
	return 0, false
}

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), int64(float64(v)) == v && v != math.MaxInt64
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil && strings.Trim(v, "+-.0123456789eE") == ""
	}
	return 0, false
}

func (d *decoder) list(v any, to reflect.Value, path []string, depth int, mismatch error) error {
	a, ok := v.(*Array)
	if !ok || !a.List() {
		return mismatch
	}
	out := reflect.MakeSlice(to.Type(), a.Len(), a.Len())
	for i := range a.Len() {
		if err := d.value(a.At(i), out.Index(i), below(path, strconv.Itoa(i)), depth+1); err != nil {
			return err
		}
	}
	to.Set(out)
	return nil
}

func (d *decoder) mapping(v any, to reflect.Value, path []string, depth int, mismatch error) error {
	a, ok := children(v)
	if !ok {
		return mismatch
	}
	out := reflect.MakeMapWithSize(to.Type(), a.Len())
	for i := range a.Len() {
		var raw any = a.Key(i).String()
		key, value := reflect.New(to.Type().Key()).Elem(), reflect.New(to.Type().Elem()).Elem()
		if a.Key(i).Is == IntKey {
			raw = a.Key(i).Int
		}
		at := below(path, a.Key(i).String())
		if !scalar(raw, key) {
			return &TypeError{at, "a key that is " + describe(raw), key.Type()}
		}
		if err := d.value(a.At(i), value, at, depth+1); err != nil {
			return err
		}
		out.SetMapIndex(key, value)
	}
	to.Set(out)
	return nil
}

func (d *decoder) fields(v any, to reflect.Value, path []string, depth int, mismatch error) error {
	a, ok := children(v)
	if !ok {
		return mismatch
	}
	for i := range to.NumField() {
		f := to.Type().Field(i)
		name, tagged := f.Tag.Lookup("php")
		if name == "-" || !f.IsExported() {
			continue
		}
		value, found := a.Get(name)
		if !tagged {
			for _, name = range []string{f.Name, lowerFirst(f.Name), strings.ToLower(f.Name)} {
				if value, found = a.Get(name); found {
					break
				}
			}
		}
		if !found {
			continue
		}
		if err := d.value(value, to.Field(i), below(path, name), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

func below(path []string, key string) []string { return append(path[:len(path):len(path)], key) }

// dateTime reads a DateTime, DateTimeImmutable or a class made of one.
func dateTime(v any) (time.Time, bool) {
	o, ok := v.(*Object)
	if !ok {
		return time.Time{}, false
	}
	date, _ := o.Properties.Get("date")
	kind, _ := o.Properties.Get("timezone_type")
	zone, _ := o.Properties.Get("timezone")
	text, ok1 := date.(string)
	name, ok2 := zone.(string)
	if !ok1 || !ok2 || len(name) > 64 {
		return time.Time{}, false
	}
	layout := "2006-01-02 15:04:05.999999"
	switch kind {
	case int64(1): // an offset
		t, err := time.Parse(layout+"-07:00", text+name)
		return t, err == nil
	case int64(3): // a name
		location, err := time.LoadLocation(name)
		if err != nil || name == "" || name == "Local" {
			return time.Time{}, false
		}
		t, err := time.ParseInLocation(layout, text, location)
		return t, err == nil
	}
	t, err := time.Parse(layout, text) // an abbreviation: only those of UTC are certain
	return t, err == nil && (name == "UTC" || name == "Z" || name == "GMT")
}
