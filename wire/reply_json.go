package wire

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
)

// mostWhole is how many bytes of an answer are held back before the first are
// sent. Of an answer that is longer for its lists the client has seen the
// beginning when a later item fails.
const mostWhole = 256 << 10

// errHeard ends an answer of which the client hears no more: it is gone, or
// wanted the head only.
var errHeard = errors.New("nobody hears the rest")

// json ends the answer with what v points to, its body, as JSON. Long lists are
// sent while they are written, so that they are never held as a whole.
func (o *Reply) json(plan *answerPlan, v any) error {
	buf := buffers.Get().(*buffer)
	defer buf.release()
	begun := false
	items := plan.strips && plan.body.Kind() == reflect.Slice // one by one is what must be stripped
	data, err := plan.codec.AppendItems(buf.data[:0], v, func(data []byte, start int) ([]byte, error) {
		if plan.strips && !items {
			return data, nil
		}
		if items {
			item, err := plan.direction.strip(slices.Clone(data[start:]), plan.body.Elem())
			if err != nil {
				return data, err
			}
			data = append(data[:start], item...)
		}
		if len(data) < mostWhole || o.err != nil {
			return data, nil
		}
		if !begun && !o.begin(o.media, -1) {
			return data, errHeard
		}
		begun = true
		if _, err := o.w.Write(data); err != nil {
			return data, errHeard
		}
		return data[:0], nil
	})
	if err == nil && plan.strips && !items {
		data, err = plan.direction.strip(data, plan.body)
	}
	switch {
	case errors.Is(err, errHeard):
		return nil
	case err != nil && begun:
		// The head is out: only breaking the connection tells the client that the
		// answer is not whole.
		panic(http.ErrAbortHandler)
	case err != nil:
		return o.because(err)
	}
	buf.data = append(data, '\n')
	if begun {
		_, _ = o.w.Write(buf.data)
		return nil
	}
	return o.send(o.media, buf.data)
}
