package wire

import (
	"net/http"
	"reflect"
	"strings"
	"sync"
)

// planner works out once what a shape's types mean: where the parts of its
// messages are in Go.
type planner struct {
	ofRequest, ofAnswers, ofPath sync.Once

	path    *Path
	request requestPlan
	answers []answerPlan
}

// requestPlan says where a request object keeps things; -1: nowhere.
type requestPlan struct {
	params int // the struct of what is not in the path
	nested int // Params[nested:] are in it, those before in the request itself
	chosen int // ContentType
	accept int // Accept
	bodies int // the first one
}

// requested returns the plan of requests, which are of type t: a struct.
func (s *Shape) requested(t reflect.Type) *requestPlan {
	s.plan.ofRequest.Do(func() {
		p := requestPlan{params: -1, chosen: -1, accept: -1, bodies: t.NumField() - len(s.Bodies)}
		for p.nested < len(s.Params) && s.Params[p.nested].In == InPath {
			p.nested++
		}
		for i := p.nested; i < p.bodies; i++ {
			switch t.Field(i).Name {
			case "Params":
				p.params = i
			case "ContentType":
				p.chosen = i
			case "Accept":
				p.accept = i
			}
		}
		s.plan.request = p
	})
	return &s.plan.request
}

// param returns the field of the i-th parameter.
func (p *requestPlan) param(request reflect.Value, i int) reflect.Value {
	if i < p.nested {
		return request.Field(i)
	}
	return request.Field(p.params).Field(i - p.nested)
}

// parsed returns the shape's path.
func (s *Shape) parsed() *Path {
	s.plan.ofPath.Do(func() { s.plan.path = NewPath(s.Path) })
	return s.plan.path
}

// answerPlan says where an answer object keeps things; nil: nowhere.
type answerPlan struct {
	typ  reflect.Type // of the answer
	body reflect.Type // of its body, or nil
	// plain says that the answer is defined from its body's type.
	plain                                                  bool
	field, headers, statusCode, contentType, contentLength []int
	// alone says that the answer's body is a list, whose items can be written
	// one after the other.
	listed bool
	ranged bool
	status int
}

func (s *Shape) answered() []answerPlan {
	s.plan.ofAnswers.Do(func() {
		s.plan.answers = make([]answerPlan, len(s.Answers))
		for i := range s.Answers {
			s.plan.answers[i] = planAnswer(&s.Answers[i])
		}
	})
	return s.plan.answers
}

func planAnswer(a *Answer) answerPlan {
	p := answerPlan{ranged: !exactStatus(a.Status)}
	if !p.ranged {
		p.status = int(a.Status[0]-'0')*100 + int(a.Status[1]-'0')*10 + int(a.Status[2]-'0')
	}
	if a.Type == nil {
		return p
	}
	p.typ = reflect.TypeOf(a.Type).Elem()
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
	p.listed = a.Kind == JSONBody && p.body != nil && p.body.Kind() == reflect.Slice && p.body.Elem().Kind() != reflect.Uint8
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
