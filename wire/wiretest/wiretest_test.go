package wiretest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// recorder keeps what is reported.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

type inner struct {
	Deep *float64 `validate:"omitnil,oneof=1 2"`
}

// Every way in which a tag makes validator panic is found, also behind a part
// that is not met.
func TestTagsFindsWhatPanics(t *testing.T) {
	t.Parallel()
	for name, model := range map[string]any{
		"undefined": struct {
			A string `validate:"min=1,pattern=x"`
		}{},
		"fraction": struct {
			A *int `validate:"omitnil,min=9,max=1.5"`
		}{},
		"negative": struct {
			A uint8 `validate:"max=-1"`
		}{},
		"float enum": struct {
			A float64 `validate:"oneof=1 2"`
		}{},
		"bool enum": struct {
			A []bool `validate:"max=1,dive,oneof=true"`
		}{},
		"unhashable": struct {
			A [][]int `validate:"min=5,unique"`
		}{},
		"dive": struct {
			A string `validate:"dive,min=1"`
		}{},
		"below a list": struct {
			A []map[string]*uint `validate:"max=1,dive,dive,omitnil,min=-1"`
		}{},
		"inner struct": struct {
			A []inner `validate:"dive"`
		}{},
		"required_if": struct {
			A *string `validate:"required_if=B"`
			B *string
		}{},
		"value of another": struct {
			A *string `validate:"excluded_with=B,required_if=B many"`
			B *int
		}{},
		"time": struct {
			A time.Time `validate:"oneof=a"`
		}{},
	} {
		r := &recorder{TB: t}
		Tags(r, model)
		if len(r.said) == 0 {
			t.Errorf("%s: nothing was found", name)
		}
	}
	r := &recorder{TB: t}
	Tag[[][]inner](r, "min=1,dive,dive")
	if len(r.said) == 0 || !strings.Contains(r.said[0], "[][]wiretest.inner") {
		t.Errorf("in a list of lists: %q", r.said)
	}
}

// tree is a struct that contains itself in every way.
type tree struct {
	Left     *tree           `validate:"required"`
	Children []tree          `validate:"dive"`
	ByName   map[string]tree `validate:"max=1,dive"`
	Text     *string         `validate:"required_with=Left,omitnil,min=3,max=2,oneof=a"`
	Any      any
	At       *time.Time `validate:"omitnil,gtfield=Before"`
	Before   *time.Time
}

func TestTagsAcceptsWhatIsSound(t *testing.T) {
	t.Parallel()
	Tags(t, tree{}, struct{}{})
	Tag[map[string][]tree](t, "dive,min=1,dive")
}
