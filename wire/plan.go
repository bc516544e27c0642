package wire

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/banyan-go/banyan/wire/internal/codec"
)

// planner works out once what a shape's types mean: where the parts of its
// messages are in Go. A server finds them at their addresses: to go through
// reflect for every request costs as much as to read a small one.
type planner struct {
	ofRequest, ofAnswers, ofPath, ofParams sync.Once

	path    *Path
	params  []Param
	request requestPlan
	answers []answerPlan
}

// lazily is where a shape has its planner. It says nothing of the planner's type:
// whoever compiles a package with shapes would read all types that are reached
// from there, of package reflect and others, and compile methods of some.
type lazily struct {
	once    sync.Once
	planner any
}

func planOf(s *Shape) *planner {
	s.planned.once.Do(func() { s.planned.planner = new(planner) })
	return s.planned.planner.(*planner)
}

// requestPlan says where a request object of a type keeps things.
type requestPlan struct {
	typ            reflect.Type
	params, bodies []place
	chosen, accept place // ContentType and Accept
}

// place is where a part of a request object stands: the field's offset and type,
// which is nil where there is none.
type place struct {
	offset uintptr
	typ    reflect.Type
	// codec is of a parameter, or of what the field of a body points to.
	codec *codec.Type
}

// in returns the address of the part in the object at p.
func (at *place) in(p unsafe.Pointer) unsafe.Pointer { return unsafe.Add(p, at.offset) }

// field returns the part of the object at p.
func (at *place) field(p unsafe.Pointer) reflect.Value {
	return reflect.NewAt(at.typ, at.in(p)).Elem()
}

// text returns the part, which is text, of the object at p.
func (at *place) text(p unsafe.Pointer) *string { return (*string)(at.in(p)) }

// requestPlanOf returns the plan of requests, which are of type t: a struct that
// fits the shape.
func requestPlanOf(s *Shape, t reflect.Type) *requestPlan {
	planOf(s).ofRequest.Do(func() { planOf(s).request = planRequest(s, t) })
	if planOf(s).request.typ != t { // generated code has one type for a shape
		p := planRequest(s, t)
		return &p
	}
	return &planOf(s).request
}

func planRequest(s *Shape, t reflect.Type) requestPlan {
	p := requestPlan{typ: t, params: make([]place, len(s.Params)), bodies: make([]place, len(s.Bodies))}
	nested := 0 // Params[nested:] are in Params, those before in the request itself
	for ; nested < len(s.Params) && s.Params[nested].In == InPath; nested++ {
		p.params[nested] = placeOf(t.Field(nested), 0)
	}
	first := t.NumField() - len(s.Bodies)
	for i := nested; i < first; i++ {
		switch f := t.Field(i); f.Name {
		case "Params":
			for k := nested; k < len(s.Params); k++ {
				p.params[k] = placeOf(f.Type.Field(k-nested), f.Offset)
			}
		case "ContentType":
			p.chosen = place{offset: f.Offset, typ: reflect.TypeFor[string]()}
		case "Accept":
			p.accept = place{offset: f.Offset, typ: reflect.TypeFor[string]()}
		}
	}
	for i := range s.Bodies {
		f := t.Field(first + i)
		p.bodies[i] = place{offset: f.Offset, typ: f.Type}
		if f.Type.Kind() == reflect.Pointer {
			p.bodies[i].codec = codec.Compile(f.Type.Elem())
		}
	}
	return p
}

func placeOf(f reflect.StructField, base uintptr) place {
	return place{offset: base + f.Offset, typ: f.Type, codec: codec.Compile(f.Type)}
}

// pathOf returns the shape's path.
func pathOf(s *Shape) *Path {
	planOf(s).ofPath.Do(func() { planOf(s).path = NewPath(s.Path) })
	return planOf(s).path
}

// paramsOf returns the shape's parameters with all that is meant and not said.
func paramsOf(s *Shape) []Param {
	plan := planOf(s)
	plan.ofParams.Do(func() {
		plan.params = slices.Clone(s.Params)
		for i := range plan.params {
			switch p := &plan.params[i]; {
			case p.In == InPath:
				p.Required = true
			case p.Style == Simple && p.In != InHeader:
				p.Style, p.Explode = Form, true
			}
		}
	})
	return plan.params
}

// answerPlan says where an answer object keeps things; nil: nowhere.
type answerPlan struct {
	typ  reflect.Type // of the answer
	body reflect.Type // of its body, or nil
	// codec is of a body of JSON.
	codec *codec.Type
	// direction is what such a message leaves out; strips says that the body can
	// have some of it.
	direction direction
	strips    bool
	// plain says that the answer is defined from its body's type, unboxed that an
	// interface with one is the answer and not its address.
	plain, unboxed                                         bool
	field, headers, statusCode, contentType, contentLength []int
	ranged                                                 bool
	status                                                 int
}

func answerPlansOf(s *Shape) []answerPlan {
	planOf(s).ofAnswers.Do(func() {
		planOf(s).answers = make([]answerPlan, len(s.Answers))
		for i := range s.Answers {
			planOf(s).answers[i] = planAnswer(&s.Answers[i], answersAs(s))
		}
	})
	return planOf(s).answers
}

func planAnswer(a *Answer, d direction) answerPlan {
	p := answerPlan{direction: d, ranged: !exactStatus(a.Status)}
	if !p.ranged {
		p.status = int(a.Status[0]-'0')*100 + int(a.Status[1]-'0')*10 + int(a.Status[2]-'0')
	}
	if a.Type == nil {
		return p
	}
	p.typ = reflect.TypeOf(a.Type).Elem()
	p.unboxed = isUnboxed(p.typ)
	if a.Body != nil {
		p.plain, p.body = true, reflect.TypeOf(a.Body).Elem()
	} else {
		at := func(name string) []int {
			if f, ok := p.typ.FieldByName(name); ok {
				return f.Index
			}
			return nil
		}
		p.field, p.headers = at("Body"), at("Headers")
		p.statusCode, p.contentType, p.contentLength = at("StatusCode"), at("ContentType"), at("ContentLength")
		if p.field != nil {
			p.body = p.typ.FieldByIndex(p.field).Type
		}
	}
	if a.Kind == JSONBody && p.body != nil {
		p.codec, p.strips = codec.Compile(p.body), d.holds(p.body)
	}
	return p
}

func exactStatus(status string) bool {
	return len(status) == 3 && strings.Trim(status, "0123456789") == ""
}

// bodiless reports the answers that have no body whatever a contract says (RFC
// 9110, sections 9.3.2 and 15).
func bodiless(method string, status int) bool {
	switch status {
	case http.StatusNoContent, http.StatusResetContent, http.StatusNotModified:
		return true
	}
	return method == http.MethodHead || status < 200
}
