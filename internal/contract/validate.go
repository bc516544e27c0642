package contract

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/getkin/kin-openapi/openapi3"
)

// preamble makes the library take the text for YAML, which is the only way in
// which it tells where things stand.
const preamble = "# bundle\n"

// load reads the printed bundle with kin-openapi. Lines in its origins are
// those of the printed text, shifted by the preamble.
func (t *printed) load() (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	doc, err := guarded(func() (*openapi3.T, error) { return loader.LoadFromData(append([]byte(preamble), t.text...)) })
	if err == nil {
		return doc, nil
	}
	// JSON that YAML cannot hold, such as a name of more than 1,024 characters:
	// better without places than not at all.
	return t.loadPlain()
}

// loadPlain is load without origins, several times as fast.
func (t *printed) loadPlain() (*openapi3.T, error) {
	return guarded(func() (*openapi3.T, error) { return openapi3.NewLoader().LoadFromData(t.text) })
}

// guarded turns a panic of the library into an error.
func guarded[T any](f func() (T, error)) (out T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the OpenAPI library failed: %v", p)
		}
	}()
	return f()
}

// validator turns what kin-openapi finds in a bundle into findings.
type validator struct {
	bundle *bundle
	text   *printed
	list   *diag.List
}

// validate checks the rules of OpenAPI that the reader does not know. Most
// documents are fine, so the places are only worked out when one is not.
func (v *validator) validate() {
	doc, err := v.text.loadPlain()
	if err == nil {
		if validateDocument(doc) == nil {
			return
		}
		doc, err = v.text.load()
	}
	if err != nil {
		v.list.Add(ruleInvalid, v.text.at(1), plainText(err.Error()), "")
		return
	}
	v.report(validateDocument(doc))
}

func validateDocument(doc *openapi3.T) error {
	_, err := guarded(func() (any, error) {
		return nil, doc.Validate(context.Background(), openapi3.EnableMultiError(), openapi3.DisableSchemaPatternValidation())
	})
	return err
}

func (v *validator) report(err error) {
	if err == nil {
		return
	}
	if many, ok := err.(openapi3.MultiError); ok { // only the outermost list is taken apart
		for _, e := range many {
			v.report(e)
		}
		return
	}
	var coded openapi3.CodedError
	code := ""
	if errors.As(err, &coded) {
		code = coded.Code()
	}
	if slices.Contains(ours, code) {
		return
	}
	pos := v.place(err)
	switch code {
	case "example-violates-schema":
		v.list.Warn(ruleExample, pos, "the example does not fit its schema: "+reason(err), "")
	case "default-violates-schema":
		v.list.Warn(ruleExample, pos, "the default does not fit its schema: "+reason(err), "")
	case "external-docs-url-required", "example-examples-mutually-exclusive", "duplicate-tag", "duplicate-required-field":
		v.list.Warn(ruleInvalid, pos, innermost(err), "")
	default:
		var value *openapi3.SchemaError
		if errors.As(err, &value) {
			v.list.Warn(ruleExample, pos, "the example does not fit its schema: "+reason(err), "")
			return
		}
		v.list.Add(ruleInvalid, pos, innermost(err), hints[code])
	}
}

// ours are the library's findings that the reader or the checks report
// themselves, better placed or less strict.
var ours = []string{
	"conflicting-paths", "duplicate-operation-id", "duplicate-parameter", "extra-sibling-fields", "info-title-required",
	"info-version-required", "openapi-required", "operation-responses-required", "path-must-start-with-slash", "path-parameter-required",
	"path-parameters-mismatch", "paths-required", "responses-required", "schema-pattern-regex-invalid", "unresolved-ref",
	"security-requirement-scheme-undefined", "parameter-in-invalid", "info-required", "content-or-schema-exactly-one",
	"parameter-content-single-entry", "header-content-single-entry",
}

var hints = map[string]string{
	"schema-type-unsupported": "the types are array, boolean, integer, number, object and string",
}

// place is the deepest place that the chain of an error names.
func (v *validator) place(err error) config.Pos {
	var pos, named config.Pos
	var path, section string
	for e := err; e != nil; e = errors.Unwrap(e) {
		switch c := e.(type) { // the chain is walked link by link
		case *openapi3.SectionValidationError:
			section = c.Section
			if f := v.bundle.root.field(section); f != nil {
				named = f.pos
			}
		case *openapi3.PathValidationError:
			path = c.Path
			if f := v.bundle.root.get("paths").field(path); f != nil {
				named = f.pos
			}
		case *openapi3.OperationValidationError:
			if f := v.bundle.root.get("paths").get(path).field(strings.ToLower(c.Method)); f != nil {
				named = f.pos
			}
		case *openapi3.ComponentValidationError:
			for _, o := range referable {
				if strings.TrimPrefix(strings.TrimPrefix(o.name, "a "), "an ") == c.Section {
					if p := v.bundle.position(o.section, c.Name); p.Line > 0 {
						named = p
					}
				}
			}
		}
		if o := originOf(e); o != nil && o.Key != nil && o.Key.Line > 0 {
			if p := v.text.at(o.Key.Line - strings.Count(preamble, "\n")); p.Line > 0 {
				pos = p
			}
		}
	}
	switch {
	case pos.Line > 0:
		return pos
	case named.Line > 0:
		return named
	}
	return v.text.at(1)
}

var originType = reflect.TypeFor[*openapi3.Origin]()

// originOf returns the Origin field that most of the library's errors have.
func originOf(err error) *openapi3.Origin {
	e := reflect.ValueOf(err)
	if e.Kind() == reflect.Pointer && !e.IsNil() {
		e = e.Elem()
	}
	if e.Kind() != reflect.Struct {
		return nil
	}
	f := e.FieldByName("Origin")
	if !f.IsValid() || f.Type() != originType {
		return nil
	}
	return f.Interface().(*openapi3.Origin)
}

// reason is the short form of a value's misfit.
func reason(err error) string {
	var many openapi3.MultiError
	var one *openapi3.SchemaError
	switch {
	case errors.As(err, &one):
		if at := one.JSONPointer(); len(at) > 0 {
			return plainText("at /" + joinPointer(at) + ": " + one.Reason)
		}
		return plainText(one.Reason)
	case errors.As(err, &many) && len(many) > 0:
		return plainText(many[0].Error())
	}
	return innermost(err)
}

func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return plainText(err.Error())
		}
		err = next
	}
}

var manySpaces = regexp.MustCompile(`\s+`)

// plainText is a message on one line of bearable length.
func plainText(s string) string {
	s = manySpaces.ReplaceAllString(strings.TrimSpace(s), " ")
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "..."
	}
	return s
}
