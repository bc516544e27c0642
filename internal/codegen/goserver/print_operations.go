package goserver

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// operationFiles prints what belongs to each operation: its shape, its request,
// its answers. What operations have in common stands for itself.
func operationFiles(v *serviceView) map[string][]byte {
	e := &emitter{}
	for _, op := range slices.Concat(v.Ops, v.Exchanges) {
		e.operation(op)
	}
	for _, key := range sortedKeys(v.SharedHeaders) {
		h := v.SharedHeaders[key]
		e.headers(h, "answers that are "+key)
		e.end(h.Type)
	}
	for _, a := range v.Shared {
		e.answer(a, fmt.Sprintf("is an answer of several operations%s", as(a.Media)))
		e.end(a.Type)
	}
	return e.files("server", v)
}

// files closes the emitter's chunks into files.
func (e *emitter) files(base string, v *serviceView) map[string][]byte {
	known := goImports(v.Imports)
	out := map[string][]byte{}
	for name, chunks := range files(base, sortedChunks(e.chunks)) {
		out[name] = source(v.Header, v.Package, known, chunks)
	}
	return out
}

func (e *emitter) operation(op *opView) {
	e.request(op)
	e.printf("\n// %s is an answer to %s%s.\n", op.Response, op.ID, listed(op.Answers))
	e.printf("type %s interface {\n\t%s(w %s.ResponseWriter) error\n}\n", op.Response, op.Visit, e.use("http"))
	for _, h := range op.Headers {
		e.WriteString("\n")
		e.headers(h, "an answer to "+op.ID)
	}
	shared := false
	for _, a := range op.Answers {
		if a.Shared == nil {
			e.WriteString("\n")
			e.answer(a, fmt.Sprintf("is the %s%s", statusName(a), as(a.Media)))
			continue
		}
		shared = true
	}
	if shared {
		e.printf("\n// Answers of %s that other operations have, too.\n", op.ID)
	}
	for _, a := range op.Answers {
		if a.Shared != nil {
			e.printf("type %s = %s\n", a.Type, a.Shared.Type)
		}
	}
	if len(op.Answers) > 0 {
		e.WriteString("\n")
	}
	visits := make([]function, len(op.Answers))
	for i, a := range op.Answers {
		visits[i] = e.visit(op, a)
	}
	e.functions(visits...)
	e.shape(op)
	e.end(op.Go)
}

// listed links to the answers in a sentence.
func listed(answers []*answerView) string {
	if len(answers) == 0 {
		return ""
	}
	names := make([]string, len(answers))
	for i, a := range answers {
		names[i] = "[" + a.Type + "]"
	}
	last := len(names) - 1
	if last == 0 {
		return ": " + names[0]
	}
	return ": " + strings.Join(names[:last], ", ") + " or " + names[last]
}

func statusName(a *answerView) string {
	if a.Status == "default" {
		return "default answer"
	}
	return a.Status + " answer"
}

func as(media string) string {
	if media == "" {
		return ""
	}
	return " as " + media
}

// request prints the request object and what it consists of.
func (e *emitter) request(op *opView) {
	doc := []string{fmt.Sprintf("%s is a request to %s: %s %s", op.Request, op.ID, op.Method, op.Path)}
	if len(op.Doc) > 0 {
		doc = append(append(doc, ""), op.Doc...)
	}
	e.comment(strings.Join(doc, "\n"))
	var rows []row
	for _, f := range op.PathFields {
		rows = append(rows, row{comment: f.Doc, name: f.Name, typ: f.Type})
	}
	if len(op.ParamFields) > 0 {
		rows = append(rows, row{name: "Params", typ: op.ParamsType})
	}
	if op.chosen() {
		rows = append(rows, row{comment: []string{"ContentType is the media type of the body."}, name: "ContentType", typ: "string"})
	}
	if op.negotiated() {
		rows = append(rows, row{comment: []string{"Accept is the media type that the client would like best of those declared."}, name: "Accept", typ: "string"})
	}
	for _, b := range op.Bodies {
		rows = append(rows, row{name: b.Field, typ: b.goType()})
	}
	e.rowsOf(op.Request, rows)
	if len(op.ParamFields) > 0 {
		e.printf("\n// %s are the query, header and cookie parameters of %s.\n", op.ParamsType, op.ID)
		rows = rows[:0]
		for _, f := range op.ParamFields {
			rows = append(rows, row{comment: f.Doc, name: f.Name, typ: f.Type})
		}
		e.rowsOf(op.ParamsType, rows)
	}
	for _, b := range op.Bodies {
		if b.typed() && b.Type != "" {
			e.printf("\ntype %s = %s\n", b.Alias, e.expr(b.Type))
		}
	}
}

// goType is the type of the body's field.
func (b *bodyView) goType() string {
	switch {
	case b.typed():
		return "*" + b.Alias
	case b.Kind == rawParts:
		return "*multipart.Reader"
	case b.Kind == linesBody:
		return b.Type
	}
	return "io.Reader"
}

// rowsOf prints a struct type.
func (e *emitter) rowsOf(name string, rows []row) {
	if len(rows) == 0 {
		e.printf("type %s struct{}\n", name)
		return
	}
	e.printf("type %s struct {\n", name)
	e.rows(rows)
	e.WriteString("}\n")
}

func (e *emitter) headers(h *headersView, of string) {
	if h.Shared != nil {
		e.printf("// %s are the declared headers of %s.\ntype %s = %s\n", h.Type, of, h.Type, h.Shared.Type)
		return
	}
	e.printf("// %s are the declared headers of %s.\n", h.Type, of)
	var rows []row
	for _, f := range h.Fields {
		rows = append(rows, row{comment: f.Doc, name: f.Field, typ: f.Type})
	}
	e.rowsOf(h.Type, rows)
	if len(h.Fields) == 0 {
		return
	}
	e.printf("\nvar %s = []%s.Header{\n", h.table(), e.use("wire"))
	for _, f := range h.Fields {
		e.printf("\t{Name: %s%s%s%s},\n", strconv.Quote(f.Name), flag(f.Explode, "Explode"), flag(f.Required, "Required"), flag(f.JSON, "JSON"))
	}
	e.WriteString("}\n")
}

// table is the variable that describes the headers.
func (h *headersView) table() string {
	if h.Shared != nil {
		return h.Shared.table()
	}
	return "table" + h.Type
}

func flag(set bool, name string) string {
	if set {
		return ", " + name + ": true"
	}
	return ""
}

// answer prints the type of an answer.
func (e *emitter) answer(a *answerView, what string) {
	switch doc := a.Type + " " + what; len(a.Doc) {
	case 0:
		e.comment(doc + ".")
	case 1:
		e.comment(doc + ": " + a.Doc[0])
	default:
		e.comment(doc + ".\n\n" + strings.Join(a.Doc, "\n"))
	}
	switch {
	case a.Plain:
		e.printf("type %s %s\n", a.Type, e.expr(a.Body))
		return
	case a.bare():
		e.printf("type %s struct{}\n", a.Type)
		return
	}
	if a.statusOnly() {
		e.printf("type %s %s.Ranged[%s]\n", a.Type, e.use("wire"), e.expr(a.Body))
		return
	}
	var rows []row
	if a.Body != "" {
		rows = append(rows, row{name: "Body", typ: a.Body})
	}
	if a.Headers != nil {
		rows = append(rows, row{name: "Headers", typ: a.Headers.Type})
	}
	if a.ranged() {
		within := ""
		if a.Status != "default" {
			within = " within " + a.Status
		}
		rows = append(rows, row{comment: []string{"StatusCode must be set" + within + "."}, name: "StatusCode", typ: "int"})
	}
	if a.Chosen {
		rows = append(rows, row{name: "ContentType", typ: "string"})
	}
	if a.Kind == streamBody {
		rows = append(rows, row{comment: []string{"ContentLength is 0 when it is not known."}, name: "ContentLength", typ: "int64"})
	}
	e.rowsOf(a.Type, rows)
}

// visit is the method that makes a type an answer of the operation. There are more of
// them than of anything else.
func (e *emitter) visit(op *opView, a *answerView) function {
	value := "&r"
	if a.Plain {
		value = "(*" + e.expr(a.Body) + ")(&r)"
	}
	return function{
		fmt.Sprintf("func (r %s) %s(w http.ResponseWriter) error", a.own().Type, op.Visit),
		[]string{fmt.Sprintf("return %s.Answer(%d).Write(w, %s)", op.Shape, a.Index, value)},
	}
}

// shape prints the table of the operation's messages.
func (e *emitter) shape(op *opView) {
	wire := e.use("wire")
	e.printf("\nvar %s = %s.Shape{Key: %s, Path: %s", op.Shape, wire, strconv.Quote(op.Key), strconv.Quote(op.route()))
	if params := wrapped(op.Params, "\t"); strings.Contains(params, "\n") {
		e.printf(", Params: []%s.Param{\n\t%s,\n}", wire, params)
	} else if params != "" {
		e.printf(", Params: []%s.Param{%s}", wire, params)
	}
	bodies := make([]string, len(op.Bodies))
	for i, b := range op.Bodies {
		bodies[i] = bodyLiteral(b)
	}
	e.list("Bodies", wire+".Body", bodies)
	e.WriteString(flag(len(op.Bodies) > 0 && op.BodyNeeded, "BodyNeeded"))
	answers := make([]string, len(op.Answers))
	for i, a := range op.Answers {
		answers[i] = e.answerLiteral(a)
	}
	e.list("Answers", wire+".Answer", answers)
	if len(op.Security) > 0 {
		e.printf(", Security: []%s.Requirement{%s}", wire, strings.Join(op.Security, ", "))
	}
	e.WriteString(flag(op.Outgoing, "Outgoing") + "}\n")
}

// list prints an element of a composite literal that is a list: a line for each
// item, but none for a single one.
func (e *emitter) list(name, typ string, items []string) {
	switch len(items) {
	case 0:
	case 1:
		e.printf(", %s: []%s{%s}", name, typ, items[0])
	default:
		e.printf(", %s: []%s{\n\t%s,\n}", name, typ, strings.Join(items, ",\n\t"))
	}
}

func bodyLiteral(b *bodyView) string {
	out := fmt.Sprintf("{Media: %s, Kind: wire.%s%s%s", strconv.Quote(b.Media), b.Kind, flag(b.Nullable, "Nullable"), flag(b.Ruled, "Ruled"))
	if b.RuleTag != "" {
		out += ", Rules: " + strconv.Quote(b.RuleTag)
	}
	if len(b.Encoding) > 0 {
		out += ", Encoding: []wire.Encoding{" + strings.Join(b.Encoding, ", ") + "}"
	}
	return out + "}"
}

func (e *emitter) answerLiteral(a *answerView) string {
	var b strings.Builder
	fmt.Fprintf(&b, "{Status: %s", strconv.Quote(a.Status))
	if a.Media != "" {
		fmt.Fprintf(&b, ", Media: %s", strconv.Quote(a.Media))
	}
	if a.Kind != noBody {
		fmt.Fprintf(&b, ", Kind: wire.%s", a.Kind)
	}
	fmt.Fprintf(&b, ", Type: (*%s)(nil)", a.own().Type)
	if a.Plain {
		fmt.Fprintf(&b, ", Body: (*%s)(nil)", e.expr(a.Body))
	}
	if h := a.Headers; h != nil && len(h.fields()) > 0 {
		fmt.Fprintf(&b, ", Headers: %s", h.table())
	}
	return b.String() + "}"
}

func (h *headersView) fields() []headerView {
	if h.Shared != nil {
		return h.Shared.Fields
	}
	return h.Fields
}

// route is the path of the shape: those of webhooks and callbacks are URLs that
// nobody knows before.
func (o *opView) route() string {
	if strings.HasPrefix(o.Path, "/") {
		return o.Path
	}
	return "/"
}
