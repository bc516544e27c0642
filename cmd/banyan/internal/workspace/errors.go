package workspace

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/conform/bundle"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"github.com/banyan-go/banyan/schema/media"
)

// readErrors holds what a server answers by itself against the answers that the
// contracts declare for such: bodies that are JSON and no problem documents. sound
// are the contracts that can be held against messages.
func (l *Loaded) readErrors(sound map[string]*conform.Service) (list diag.List) {
	for i, s := range l.Catalog.Services {
		c, compiled := l.Services[i], sound[s.Name]
		if compiled == nil {
			continue
		}
		form, err := conform.ReadProblems(s.Contract)
		if err != nil {
			list.Add(ruleErrorBody, c.ProblemBody, err.Error(), `write what is in braces like {message: "{message}", errors: {"{field}": ["{reason}"]}}`)
			continue
		}
		e := &errorBodies{l: l, s: s, c: c, form: form, compiled: compiled}
		e.look()
		e.report(&list)
	}
	return list
}

// usualForms are those of frameworks, and of many an API. The first that fits a
// contract is suggested to it.
var usualForms = []struct{ yaml, json string }{
	{`{message: "{message}", errors: {"{field}": ["{reason}"]}}`, `{"message":"{message}","errors":{"{field}":["{reason}"]}}`},                     // Laravel
	{`{code: "{code}", message: "{message}", data: {status: "{status}"}}`, `{"code":"{code}","message":"{message}","data":{"status":"{status}"}}`}, // WordPress
	{`{code: "{status}", message: "{message}"}`, `{"code":"{status}","message":"{message}"}`},
	{`{error: {code: "{code}", message: "{message}"}}`, `{"error":{"code":"{code}","message":"{message}"}}`},
	{`{error: {code: "{status}", message: "{message}"}}`, `{"error":{"code":"{status}","message":"{message}"}}`},
	{`{error: "{message}"}`, `{"error":"{message}"}`},
	{`{title: "{title}", detail: "{message}", violations: [{propertyPath: "{field}", message: "{reason}"}]}`,
		`{"title":"{title}","detail":"{message}","violations":[{"propertyPath":"{field}","message":"{reason}"}]}`}, // Symfony
	{`{"@context": /contexts/Error, "@type": "hydra:Error", "hydra:title": "{title}", "hydra:description": "{message}"}`,
		`{"@context":"/contexts/Error","@type":"hydra:Error","hydra:title":"{title}","hydra:description":"{message}"}`}, // API Platform
}

// suggested is a form with which nothing is found, or nothing.
func (e *errorBodies) suggested() string {
	e.read()
	declared := conform.NewProblems(e.doc, nil)
	for _, usual := range usualForms {
		form, err := problem.ParseBody([]byte(usual.json))
		if err != nil {
			continue // a test reads them all
		}
		other := *e
		if other.form = declared.As(form); len(other.look()) == 0 {
			return usual.yaml
		}
	}
	return ""
}

// errorBodies looks at the errors of one service.
type errorBodies struct {
	l        *Loaded
	s        *catalog.Service
	c        *contract.Contract
	form     *conform.Problems
	compiled *conform.Service

	doc        bundle.Document // read when it is asked for
	operations map[string]string

	found map[string]*misfit // by what is wrong
	order []*misfit
}

// look returns what is found at all operations.
func (e *errorBodies) look() []*misfit {
	e.found, e.order = map[string]*misfit{}, nil
	for _, op := range e.c.Operations {
		e.operation(op)
	}
	return e.order
}

func (e *errorBodies) operation(op *contract.Operation) {
	compiled := e.compiled.Operation(op.ID)
	if compiled == nil || op.Behind != "" {
		return
	}
	own := e.answers(op)
	for _, r := range op.Responses {
		name, ok := plainJSON(r)
		if !ok {
			continue
		}
		i := slices.IndexFunc(own, func(k problem.Kind) bool { return answers(op, r.Status, k.Status) })
		if i < 0 {
			continue
		}
		if wrong := e.wrong(compiled, op, r, own[i], name); wrong != "" {
			key := name + " " + wrong
			if e.found[key] == nil {
				e.found[key] = &misfit{pos: r.Pos, message: fmt.Sprintf("%s declares %s as %s, and what Banyan answers there is another document (%s): it %s", op.ID, r.Status, name, own[i].Code, wrong)}
				e.order = append(e.order, e.found[key])
			}
			e.found[key].count++
		}
	}
}

// misfit is one way in which what Banyan answers is not what is declared, where
// that was seen first, and at how many answers.
type misfit struct {
	pos     config.Pos
	message string
	count   int
}

// report warns of what was found, once of each: the mend is one, too.
func (e *errorBodies) report(list *diag.List) {
	if len(e.order) == 0 {
		return
	}
	hint := "say under x-problem-body at the top of the contract how errors are written, or declare application/problem+json beside it"
	if e.form != nil {
		hint = "change x-problem-body, or declare application/problem+json beside it"
	} else if form := e.suggested(); form != "" {
		hint = "write x-problem-body: " + form + " at the top of the contract, or declare application/problem+json beside it"
	}
	for _, m := range e.order {
		if m.count > 1 {
			m.message += fmt.Sprintf("; so are %d others", m.count-1)
		}
		list.Warn(ruleErrorBody, m.pos, m.message, hint)
	}
}

// plainJSON is the media type of an error that is JSON and no problem document.
func plainJSON(r contract.Response) (name string, ok bool) {
	if r.Status != "default" && r.Status[0] != '4' && r.Status[0] != '5' {
		return "", false
	}
	for _, m := range r.MediaTypes {
		switch t := media.Parse(m); {
		case t.Name == problem.ContentType:
			return "", false
		case media.IsJSON(t.Name) && name == "":
			name = t.Name
		}
	}
	return name, name != ""
}

// answers reports whether a response is that of an operation's status.
func answers(op *contract.Operation, declared string, status int) bool {
	exact := strconv.Itoa(status)
	has := func(s string) bool {
		return slices.ContainsFunc(op.Responses, func(r contract.Response) bool { return strings.EqualFold(r.Status, s) })
	}
	class := exact[:1] + "XX"
	switch {
	case declared == exact:
		return true
	case strings.EqualFold(declared, class):
		return !has(exact)
	}
	return declared == "default" && !has(exact) && !has(class)
}

// answers are the problems that a server may answer an operation with, by itself
// or in the place of PHP's errors, the likely ones first.
func (e *errorBodies) answers(op *contract.Operation) []problem.Kind {
	v := e.l.Catalog.ValidationOf(e.s)
	var kinds []problem.Kind
	if len(e.l.Targets) > 0 && v.Requests.Go == catalog.Enforce || e.s.LegacyFile != "" && v.Requests.Legacy == catalog.Enforce {
		invalid := problem.InvalidRequest
		invalid.Status = cmp.Or(v.Status, invalid.Status)
		kinds = append(kinds, invalid, problem.Malformed, problem.UnsupportedMedia, problem.NotAcceptable)
	}
	if len(e.l.Targets) > 0 { // of guards
		kinds = append(kinds, problem.Unauthorized, problem.Forbidden)
	}
	if m := e.l.mappings[e.s.Name]; m != nil && m.MapsErrors(op.ID) {
		kinds = append(kinds, e.s.Problems...)
		for _, r := range op.Responses {
			if status, err := strconv.Atoi(r.Status); err == nil && status >= 400 && status < 500 { // what no rule names keeps its status
				kind := problem.LegacyError
				kind.Status = status
				kinds = append(kinds, kind)
			}
		}
	} else if len(e.l.Targets) > 0 {
		kinds = append(kinds, e.s.Problems...)
	}
	if op.BodyLimit > 0 && slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, op.Method) {
		kinds = append(kinds, problem.BodyTooLarge)
	}
	if e.s.LegacyFile != "" {
		kinds = append(kinds, problem.LegacyTimeout, problem.LegacyUnavailable)
	}
	return append(kinds, problem.Internal, problem.Unavailable)
}

// wrong says what is not as the contract says of what a server answers in the
// place of a declared error, or nothing.
func (e *errorBodies) wrong(compiled *conform.Operation, op *contract.Operation, r contract.Response, kind problem.Kind, name string) string {
	sample := kind.New("")
	if kind.Code == problem.InvalidRequest.Code {
		sample.Errors = []problem.Fault{{Pointer: "/name", Message: "must not be empty", Code: "minLength"}}
	}
	sample.TraceID = strings.Repeat("0", 32)
	w := &written{header: http.Header{}}
	e.form.Write(w, &http.Request{Method: op.Method}, op.ID, sample)
	w.header.Set("Content-Type", name)
	expected := compiled.Answer(op.Method, kind.Status, w.header)
	for _, v := range expected.Check(w.body) {
		if !strings.HasPrefix(v.Pointer, "/header/") {
			switch {
			case v.Keyword == "required":
				return "lacks " + v.Pointer
			case v.Pointer != "":
				return "has at " + v.Pointer + " what " + v.Message
			}
			return v.Message
		}
	}
	var has map[string]json.RawMessage
	_ = json.Unmarshal(w.body, &has) // it may be no object
	if names := e.members(op, r, name); len(names) > 0 && !slices.ContainsFunc(names, func(n string) bool { return has[n] != nil }) {
		return "has none of the members " + strings.Join(names[:min(len(names), 5)], ", ")
	}
	return ""
}

// read reads the contract when it is first asked for.
func (e *errorBodies) read() {
	if e.operations == nil {
		e.doc, _ = bundle.Read(e.s.Contract) // which is compiled already
		e.operations = e.doc.Operations()
	}
}

// members are the properties of a declared error, as far as its schema says so by
// itself.
func (e *errorBodies) members(op *contract.Operation, r contract.Response, name string) []string {
	e.read()
	at, answer := e.doc.Follow(e.operations[op.ID] + "/responses/" + r.Status)
	for media := range bundle.Member[map[string]any](answer, "content") {
		if strings.HasPrefix(strings.ToLower(media), name) {
			_, schema := e.doc.Follow(at + "/content/" + jsonpointer.Escape(media) + "/schema")
			return bundle.Names(schema["properties"])
		}
	}
	return nil
}

// written is an answer that is looked at.
type written struct {
	header http.Header
	body   []byte
}

func (w *written) Header() http.Header { return w.header }
func (w *written) WriteHeader(int)     {}
func (w *written) Write(p []byte) (int, error) {
	w.body = append(w.body, p...)
	return len(p), nil
}
