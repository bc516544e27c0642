package goserver

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// prep decides every Go name and type of one contract before any code is
// printed. The document it reads is a private copy.
type prep struct {
	doc   *openapi.Document
	list  *diag.List
	names scope // of the package

	shapes map[schemaKey]*shape
	joints *joints
	types  map[schemaKey][]*openapi.SchemaRef // one each of several types
	// components are the Go names of components/schemas; hoisted those of
	// schemas that stand elsewhere.
	components map[string]string
	hoisted    map[schemaKey]string
	within     map[string]config.Pos // the types that stand in others, by name
	busy       map[schemaKey]bool
	raw        map[schemaKey]bool // those that were warned about
	decls      []*decl
	settling   int // see settle
	own        *overrides
	rawBodies  map[string][]rawBody
	bracketed  map[string][]config.Pos
	operations []*operation
	exchanges  []*operation
	branch     bool             // a branch of a choice is declared, which its parent completes
	structs    map[string]*decl // when all are declared
	// ruled and ruledRefs have an x-validate that became rules.
	ruled     map[schemaKey]bool
	ruledRefs map[*openapi.SchemaRef]bool
	// sharedAnswers and sharedHeaders are what operations have in common, by
	// component.
	sharedAnswers map[answerKey]*answerView
	sharedHeaders map[string]*headersView
	shared        sharedNames
	// waiting are types that are filled when a circle is named, nil beside circles; see
	// declareCircle.
	waiting *[]func()
	merging *cycles[schemaKey]
	settings
}

// settings are what banyan.yaml says that decides names and types.
type settings struct {
	// strictFormats says that values which are not of their format are refused.
	strictFormats bool
	// receivers is what the workspace says about requests to Go, and observed
	// that the service only wants to be told about them.
	receivers catalog.Validation
	observed  bool
	words     initialisms
}

func settingsOf(ws *contract.Workspace, cfg contract.TargetConfig, c *contract.Contract) settings {
	formats := cmp.Or(c.Validation.Formats, ws.Validation.Formats, catalog.FormatsStrict)
	return settings{
		strictFormats: formats == catalog.FormatsStrict, words: initialismsOf(cfg),
		receivers: catalog.Validation{
			Status: ws.Validation.Status, Formats: ws.Validation.Formats,
			Requests: catalog.RequestChecks{Go: ws.Validation.Requests.Go}, Answers: catalog.AnswerChecks{Go: ws.Validation.Answers.Go},
		},
		observed: cmp.Or(c.Validation.Requests.Go, ws.Validation.Requests.Go) == catalog.Observe,
	}
}

func newPrep(doc *openapi.Document, list *diag.List, reserved ...string) *prep {
	return &prep{
		merging: newCycles(mergedBy),
		doc:     doc, list: list, names: newScope(reserved...),
		shapes: map[schemaKey]*shape{}, joints: newJoints(len(doc.Paths) + len(doc.Components.Schemas)), types: map[schemaKey][]*openapi.SchemaRef{},
		components: map[string]string{}, hoisted: map[schemaKey]string{}, within: map[string]config.Pos{}, busy: map[schemaKey]bool{}, raw: map[schemaKey]bool{},
		sharedAnswers: map[answerKey]*answerView{}, sharedHeaders: map[string]*headersView{},
		rawBodies: map[string][]rawBody{}, bracketed: map[string][]config.Pos{}, own: newOverrides(), ruled: map[schemaKey]bool{}, ruledRefs: map[*openapi.SchemaRef]bool{},
	}
}

const schemaPrefix = "#/components/schemas/"

// schemas returns the component schemas, or none.
func (p *prep) schemas() map[string]*openapi.SchemaRef {
	return p.doc.Components.Schemas
}

// nameComponents gives every component schema its Go name.
func (p *prep) nameComponents() {
	keys := sortedKeys(p.schemas())
	wishes := make([]wish, len(keys))
	for i, key := range keys {
		ref := p.schemas()[key]
		wishes[i] = wish{text: key, kind: "Schema", what: "the schema " + key}
		if ref != nil {
			wishes[i].pos = ref.Pos
		}
		if name, pos, ok := p.askedName(ref); ok {
			wishes[i].asked, wishes[i].pos = p.checkedName(name, pos), pos
		}
	}
	for i, name := range p.nameAll(p.names, wishes) {
		p.components[keys[i]] = name
	}
}

// checkedName is a name that the contract asks for, or what comes closest.
func (p *prep) checkedName(name string, pos config.Pos) string {
	if validIdentifier(name) {
		return name
	}
	p.list.Add(ruleGoName, pos, fmt.Sprintf("%q is not a Go name of letters and digits that starts with an upper case letter", name), "use "+goName(name))
	return goName(name)
}

// takeType hands out a type name. One that belongs to the service itself, such
// as Handlers, is not numbered but called a schema.
func (p *prep) takeType(name string, pos config.Pos) string {
	wanted := name
	if p.names[name] && fixedNames[name] {
		name += "Schema"
	}
	got := p.names.take(name)
	if got != wanted {
		p.note(wish{what: "the type that stands here", pos: pos}, wanted, got, p.ownerOf(wanted))
	}
	p.within[got] = pos
	return got
}

// fixedNames are what every generated package declares.
var fixedNames = map[string]bool{
	"Handlers": true, "All": true, "Register": true, "Service": true, "Port": true, "NewPort": true, "StrictServerInterface": true,
}

// askedName returns the x-go-name or x-go-type-name of a schema.
func (p *prep) askedName(ref *openapi.SchemaRef) (string, config.Pos, bool) {
	if ref == nil || ref.Value == nil || ref.Ref != "" {
		return "", config.Pos{}, false
	}
	for _, key := range []string{"x-go-name", "x-go-type-name"} {
		if name, ok := ref.Value.Extensions[key].(string); ok {
			return name, ref.Value.Pos, true
		}
	}
	return "", config.Pos{}, false
}

func (p *prep) declareComponent(key string) {
	ref := p.schemas()[key]
	d := &decl{name: p.components[key], source: key}
	p.decls = append(p.decls, d)
	switch {
	case ref == nil || ref.Value == nil:
		d.alias = &goType{expr: "interface{}", kind: anyKind}
	case ref.Ref != "":
		t := p.typeOf(ref, d.name)
		d.alias, d.doc, d.pos = &t, ref.Value.Description, ref.Pos
	default:
		p.hoisted[ref.Value] = d.name
		p.fill(d, ref.Value)
	}
}

// componentOf returns the component that a reference names.
func (p *prep) componentOf(ref string) (string, bool) {
	key, ok := strings.CutPrefix(ref, schemaPrefix)
	if !ok {
		return "", false
	}
	key = jsonpointer.Unescape(key)
	_, ok = p.components[key]
	return key, ok
}

// mostAliases bounds the schemas that are looked through because they are nothing but
// another one.
const mostAliases = 64

// endless reports whether a schema is defined only in terms of itself, or of more
// others than are looked through, of which the latter is said.
func (p *prep) endless(d *decl, r *openapi.SchemaRef) bool {
	seen := map[schemaKey]bool{}
	for range mostAliases {
		if r == nil || r.Value == nil || seen[r.Value] {
			return r != nil && r.Value != nil
		}
		seen[r.Value] = true
		if r = p.shapeOf(r.Value).ref; r == nil {
			return false
		}
	}
	p.list.Warn(ruleGoType, d.pos, fmt.Sprintf("the schema %s becomes any value in Go: it leads through more than %d schemas that are nothing but the next one", named(d), mostAliases), "refer to what the last of them refers to")
	return true
}

// hoist declares a type for a schema that stands inside another one.
func (p *prep) hoist(s *openapi.Schema, hint string) string {
	if name, _, ok := p.askedName(&openapi.SchemaRef{Value: s}); ok && validIdentifier(name) {
		hint = name
	}
	return p.hoistAs(s, p.takeType(hint, s.Pos))
}

// hoistAs declares a type under a name that is already taken for it.
func (p *prep) hoistAs(s *openapi.Schema, name string) string {
	d := &decl{name: name}
	p.hoisted[s] = d.name
	p.decls = append(p.decls, d)
	p.fillOrWait(d, s)
	return d.name
}

// needsName reports whether a shape cannot be written in place.
func (p *prep) needsName(sh *shape) bool {
	if sh.lossy != "" {
		return false
	}
	return sh.tuple != nil || len(sh.variants) > 0 || len(sh.props) > 0 || goEnum(sh)
}

// goEnum reports whether a shape becomes a type with constants.
func goEnum(sh *shape) bool {
	if len(sh.enum) == 0 {
		return false
	}
	switch sh.typ {
	case "string":
		return stringType(sh.format) == "string"
	case "integer":
		return true
	case "number":
		return numberType(sh.format) == "float64"
	}
	return false
}
