package goserver

import (
	"fmt"
	"strconv"
	"strings"
)

// portFile prints the typed port.
func portFile(v *serviceView) map[string][]byte {
	e := &emitter{}
	e.printf(`// Port calls the operations of the service, whoever serves them today. Answers
// that the contract declares come back typed; problems, and everything else
// that went wrong, come back as a *problem.Error. Answers that are streams must
// be closed. It is safe for concurrent use. Each method calls the operation that
// it is named after.
type Port struct {
	caller %s.Caller
}

var _ StrictServerInterface = (*Port)(nil)

// NewPort returns a port that sends its requests through c.
func NewPort(c catalog.Caller) *Port { return &Port{caller: c} }

//go:noinline
func (p *Port) call(ctx %s.Context, operation int, shape *%s.Shape, request, answer any) error {
	return shape.Call(ctx, p.caller, &Service.Operations[operation], request, answer)
}
`, e.use("catalog"), e.use("context"), e.use("wire"))
	for i, op := range v.Ops {
		if i == 0 {
			e.WriteString("\n")
		}
		e.printf("func (p *Port) %s(ctx context.Context, request %s) (answer %s, err error) {\n", op.Go, op.Request, op.Response)
		e.printf("\terr = p.call(ctx, %d, &%s, &request, &answer)\n\treturn answer, err\n}\n", op.Index, op.Shape)
	}
	e.end("Port")
	return e.files("port", v)
}

// serviceFile prints what the service is to those who run it.
func serviceFile(v *serviceView) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\n\n%s\npackage %s\n", v.Header, commentText(v.Doc), v.Package)
	if len(v.Ops) > 0 {
		b.WriteString("\nimport (\n\t\"context\"\n\t_ \"embed\"\n")
	} else {
		b.WriteString("\nimport (\n\t_ \"embed\"\n")
	}
	b.WriteString("\n\t\"github.com/banyan-go/banyan/catalog\"\n")
	if len(v.Problems) > 0 {
		b.WriteString("\t\"github.com/banyan-go/banyan/problem\"\n")
	}
	b.WriteString(`	"github.com/banyan-go/banyan/wire"
)

// This code and its run time must be of one generation. When the line does not
// compile, the compiler says what to do.
const _ = wire.` + generation + `

// StrictServerInterface has a method for every operation of the contract. What
// the contract says about one stands at its request.
type StrictServerInterface interface {
`)
	for _, op := range v.Ops {
		b.WriteString(op.line("\t"))
		fmt.Fprintf(&b, "\t%s(ctx context.Context, request %s) (%s, error)\n", op.Go, op.Request, op.Response)
	}
	b.WriteString(`}

// Handlers holds the operations that Go serves. A nil one is served by the
// legacy backend.
type Handlers struct {
`)
	var rows []row
	if len(v.Schemes) > 0 {
		rows = append(rows, row{comment: []string{"Security is needed as soon as Go serves an operation that is protected."}, name: "Security", typ: "Security"})
	}
	for _, op := range v.Ops {
		rows = append(rows, row{name: op.Go, typ: fmt.Sprintf("func(context.Context, %s) (%s, error)", op.Request, op.Response)})
	}
	e := &emitter{}
	e.rows(rows)
	b.WriteString(e.String())
	b.WriteString(`}

// All returns the methods of s as handlers. That it compiles proves that every
// operation of the service has a Go handler.
func All(s StrictServerInterface) Handlers {
	return Handlers{
`)
	width := 0
	for _, op := range v.Ops {
		width = max(width, len([]rune(op.Go)))
	}
	for _, op := range v.Ops {
		fmt.Fprintf(&b, "\t\t%s s.%s,\n", pad(op.Go+":", width+1), op.Go)
	}
	b.WriteString(`	}
}

// Register adds the service to the router: the operations that h has to Go, all
// others to the legacy backend. The router is an *echo.Echo for a
// *dispatch.Dispatcher.
func Register[Router any](e Router, d wire.Dispatcher[Router], h Handlers) error {
`)
	schemes, checks := "nil", "nil"
	if len(v.Schemes) > 0 {
		schemes, checks = "securitySchemes", "h.checks()"
	}
	if len(v.Ops) == 0 {
		fmt.Fprintf(&b, "\treturn wire.Register(e, d, Service, wire.Handlers{Of: h}, %s, %s)\n}\n", schemes, checks)
	} else {
		fmt.Fprintf(&b, "\treturn wire.Register(e, d, Service, wire.Handlers{Of: h, Shapes: shapes, Serve: h.serve}, %s, %s)\n}\n", schemes, checks)
		serving(&b, v)
	}
	securityInterface(&b, v)
	for _, p := range v.Problems {
		fmt.Fprintf(&b, "\n// %s is the problem %s of the contract.\nvar %s = problem.Kind{Code: %s, Status: %d, Title: %s", p.Var, strconv.Quote(p.Kind.Code), p.Var,
			strconv.Quote(p.Kind.Code), p.Kind.Status, strconv.Quote(p.Kind.Title))
		if p.Kind.Type != "" {
			fmt.Fprintf(&b, ", Type: %s", strconv.Quote(p.Kind.Type))
		}
		b.WriteString("}\n")
	}
	b.WriteString("\n//go:embed openapi.json\nvar contractJSON []byte\n")
	serviceTable(&b, v)
	return []byte(b.String())
}

// serving prints what calls the handlers: one function, since one for each
// operation costs the compiler more than all that is in them.
func serving(b *strings.Builder, v *serviceView) {
	shapes := make([]string, len(v.Ops))
	for i, op := range v.Ops {
		shapes[i] = "&" + op.Shape
	}
	fmt.Fprintf(b, "\n// shapes are those of the operations, in the order of Handlers.\nvar shapes = []*wire.Shape{\n\t%s,\n}\n", wrapped(shapes, "\t"))
	b.WriteString("\nfunc (h *Handlers) serve(ctx context.Context, request any) (any, error) {\n\tswitch request := request.(type) {\n")
	for _, op := range v.Ops {
		fmt.Fprintf(b, "\tcase *%s:\n\t\treturn h.%s(ctx, *request)\n", op.Request, op.Go)
	}
	b.WriteString("\t}\n\treturn nil, nil\n}\n")
}

// generation is the constant that the run time has for code like this; see
// package wire.
const generation = "Generation6_WhenUndefined_RunGoGet_GithubComBanyanGoBanyan_Latest"

// line says what an operation is, in one paragraph.
func (op *opView) line(indent string) string {
	what := op.Summary
	if what == "" {
		what = "an operation of the contract"
	}
	out := fmt.Sprintf("%s// %s: %s (%s %s)\n", indent, op.Go, what, op.Method, op.Path)
	if op.Deprecated {
		out += fmt.Sprintf("%s//\n%s// Deprecated: the contract marks %s as deprecated.\n", indent, indent, op.ID)
	}
	return out
}

// method is the scheme's method in an interface.
func (s schemeView) method() string {
	var b strings.Builder
	for i, line := range s.Doc {
		if i == 0 {
			line = s.Method + " " + line
		}
		b.WriteString(strings.TrimRight("\t// "+line, " ") + "\n")
	}
	return b.String() + "\t" + s.Method + "(ctx context.Context, credentials wire.Credentials, scopes []string) (context.Context, error)\n"
}

// securityInterface prints the interface that lets requests in, and how
// Register uses it.
func securityInterface(b *strings.Builder, v *serviceView) {
	if len(v.Schemes) == 0 {
		return
	}
	b.WriteString(`
// Security decides who may come in: each method about the credentials of one
// scheme, which it is only asked for when they are there. The context that it
// returns is the handler's. An error that is a problem.Unauthorized or a
// problem.Forbidden refuses the request; any other one is a fault of the server.
type Security interface {
`)
	for _, s := range v.Schemes {
		b.WriteString(s.method())
	}
	b.WriteString("}\n\nvar securitySchemes = []wire.Scheme{\n")
	for _, s := range v.Schemes {
		fmt.Fprintf(b, "\t%s,\n", s.Literal)
	}
	b.WriteString("}\n\nfunc (h Handlers) checks() []wire.Check {\n\tif h.Security == nil {\n\t\treturn nil\n\t}\n\treturn []wire.Check{")
	for i, s := range v.Schemes {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("h.Security." + s.Method)
	}
	b.WriteString("}\n}\n")
}

// serviceTable prints what the run time knows of the service.
func serviceTable(b *strings.Builder, v *serviceView) {
	fmt.Fprintf(b, "\n// Service describes the service %s to the run time.\nvar Service = &catalog.Service{\n\tName: %s,\n", strconv.Quote(v.Name), strconv.Quote(v.Name))
	if len(v.Operations) > 0 {
		b.WriteString("\tOperations: []catalog.Operation{\n")
		for _, op := range v.Operations {
			fmt.Fprintf(b, "\t\t{Key: %q, ID: %q, Method: %q, Path: %q", op.Key, op.ID, op.Method, op.Path)
			if op.Behind != "" {
				fmt.Fprintf(b, ", Behind: %q", op.Behind)
			}
			fmt.Fprintf(b, ", BodyLimit: %d, Class: %q", op.BodyLimit, op.Class)
			if op.IdempotencyKey != "" {
				fmt.Fprintf(b, ", IdempotencyKey: %q", op.IdempotencyKey)
			}
			fmt.Fprintf(b, ", Source: %q},\n", op.Source)
		}
		b.WriteString("\t},\n")
	}
	if len(v.Problems) > 0 {
		b.WriteString("\tProblems: []problem.Kind{\n")
		for _, p := range v.Problems {
			b.WriteString("\t\t" + p.Var + ",\n")
		}
		b.WriteString("\t},\n")
	}
	if v.Validation != "" {
		fmt.Fprintf(b, "\tValidation: %s,\n", v.Validation)
	}
	if v.LegacyFile != "" {
		fmt.Fprintf(b, "\tLegacyFile: %s,\n", strconv.Quote(v.LegacyFile))
	}
	b.WriteString("\tContract: contractJSON,\n}\n")
}

// commentText writes lines as a comment.
func commentText(lines []string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(layComment(strings.Join(lines, "\n")), "\n") {
		b.WriteString(strings.TrimRight("// "+line, " ") + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
