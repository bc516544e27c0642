package schema

import (
	"fmt"
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Version is the dialect that a document's schemas are written in.
type Version uint8

// The dialects. The zero Version takes what the document says: its "openapi"
// member, or else OpenAPI31.
const (
	VersionOfDocument Version = iota
	OpenAPI30                 // nullable, boolean exclusiveMinimum, nothing beside $ref
	OpenAPI31                 // JSON Schema 2020-12
)

// Policy says what to do about something that can be taken either way.
type Policy uint8

// The policies. What the zero Policy means is said where it is used.
const (
	Default Policy = iota
	Ignore
	Warn
	Refuse
)

// Options are settings of a whole document. The zero Options are good.
type Options struct {
	Version Version
	// Formats: Refuse (default) makes a wrong format a violation, Warn hands
	// it to OnWarning, Ignore does not check formats.
	Formats Policy
	// Backtracking is about patterns with look-around or back references that
	// no linear-time engine can do. Default runs them under PatternTime,
	// Refuse makes them a fault at compile time.
	Backtracking Policy
	// PatternTime bounds one match of such a pattern; 100 ms by default. A
	// match that takes longer is a violation.
	PatternTime time.Duration
	// UnknownQuery: Ignore (default), Warn or Refuse query parameters that an
	// operation does not have.
	UnknownQuery Policy
	// MaxDepth bounds the nesting of bodies; 512 by default.
	MaxDepth int
	// MaxViolations is where validation stops; 50 by default.
	MaxViolations int
	// OnWarning receives what Warn policies find. It may be called from many
	// goroutines at once.
	OnWarning func(Violation)
	// Locate says where in the author's files a JSON pointer of the document
	// is, for Fault.Position.
	Locate func(pointer string) string
}

// Document is a contract whose schemas can be compiled: an OpenAPI document in
// JSON with all external references bundled, or a bare JSON Schema. It is safe
// for concurrent use.
type Document struct {
	options  Options
	root     *element
	legacy   bool              // OpenAPI 3.0
	anchors  map[string]string // $id and $id#anchor -> pointer
	mu       sync.Mutex
	compiler *compiler
}

// Load reads a document. Every error is of type Faults.
func Load(data []byte, o Options) (*Document, error) {
	if o.MaxDepth <= 0 {
		o.MaxDepth = 512
	}
	if o.MaxViolations <= 0 {
		o.MaxViolations = 50
	}
	d := &Document{options: o}
	root, err := parseElement(data, maxDocumentDepth)
	if err != nil {
		return nil, Faults{d.fault("", "%v", err)}
	}
	d.root = root
	version := o.Version
	if version == VersionOfDocument {
		version = OpenAPI31
		switch v := root.get("openapi"); {
		case v.is(kindString) && strings.HasPrefix(v.text, "3.0."):
			version = OpenAPI30
		case v.is(kindString) && !strings.HasPrefix(v.text, "3.1.") && !strings.HasPrefix(v.text, "3.2."):
			return nil, Faults{d.fault("/openapi", "OpenAPI %s is not supported; 3.0, 3.1 and 3.2, read as 3.1, are", v.text)}
		case root.get("swagger") != nil:
			return nil, Faults{d.fault("/swagger", "Swagger 2.0 is not supported; convert the document to OpenAPI 3")}
		}
	}
	d.legacy = version == OpenAPI30
	d.compiler = newCompiler(d)
	if !d.legacy {
		d.anchors = map[string]string{}
		d.findAnchors(root, "", "")
	}
	return d, nil
}

func (d *Document) fault(pointer, format string, args ...any) Fault {
	f := Fault{Pointer: pointer, Message: fmt.Sprintf(format, args...)}
	if d.options.Locate != nil {
		f.Position = d.options.Locate(pointer)
	}
	return f
}

// Compile compiles the Schema Object at a JSON pointer, "/components/schemas/User".
// The error is of type Faults and has everything that is wrong with the schema
// and with those it refers to.
func (d *Document) Compile(pointer string) (*Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.compiler.schema(pointer)
	if err != nil {
		return nil, err
	}
	return &Schema{doc: d, root: n}, nil
}

// Warnings lists what is legal in the schemas compiled so far and yet without
// the effect that its author may expect, such as a default that its own schema
// refuses. It is sorted by pointer.
func (d *Document) Warnings() []Fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.compiler.warningsOf()
}

// findAnchors notes $id and $anchor of all schemas. base is the $id that
// applies.
func (d *Document) findAnchors(e *element, pointer, base string) {
	if id := e.get("$id"); id.is(kindString) {
		base = resolveURI(base, id.text)
		d.anchors[base] = pointer
	}
	for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
		if a := e.get(keyword); a.is(kindString) {
			d.anchors[base+"#"+a.text] = pointer
		}
	}
	for i, child := range e.members {
		token := fmt.Sprint(i)
		if e.kind == kindObject {
			switch token = e.names[i]; token {
			case "enum", "const", "default", "example", "examples":
				continue
			}
		}
		if len(child.members) > 0 {
			d.findAnchors(child, pointer+"/"+jsonpointer.Escape(token), base)
		}
	}
}

func resolveURI(base, ref string) string {
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	r, err := url.Parse(ref)
	if err != nil {
		return ref
	}
	return strings.TrimSuffix(b.ResolveReference(r).String(), "#")
}

// resolve turns a $ref that stands at a pointer into the pointer it means.
func (d *Document) resolve(from, ref string) (string, error) {
	base, root := d.baseOf(from)
	uri, fragment, _ := strings.Cut(ref, "#")
	if uri != "" {
		base = resolveURI(base, uri)
		at, ok := d.anchors[base]
		if !ok {
			return "", fmt.Errorf("the reference %q leads out of the document: bundle it first", ref)
		}
		root = at
	}
	fragment, err := url.PathUnescape(fragment)
	if err != nil {
		return "", fmt.Errorf("the reference %q is not a valid URI: %w", ref, err)
	}
	if fragment != "" && fragment[0] != '/' {
		at, ok := d.anchors[base+"#"+fragment]
		if !ok {
			return "", fmt.Errorf("the reference %q leads nowhere: there is no such $anchor", ref)
		}
		return at, nil
	}
	if d.root.at(root+fragment) == nil {
		return "", fmt.Errorf("the reference %q leads nowhere", ref)
	}
	return root + fragment, nil
}

// baseOf returns the $id that applies at a pointer, and where it is declared.
func (d *Document) baseOf(pointer string) (base, root string) {
	if len(d.anchors) == 0 {
		return "", ""
	}
	e := d.root
	for at := 0; ; {
		if id := e.get("$id"); id.is(kindString) {
			resolved := resolveURI(base, id.text)
			if d.anchors[resolved] == pointer[:at] {
				base, root = resolved, pointer[:at]
			}
		}
		if at == len(pointer) {
			return base, root
		}
		end := strings.IndexByte(pointer[at+1:], '/') + at + 1
		if end == at {
			end = len(pointer)
		}
		if e = e.at(pointer[at:end]); e == nil {
			return base, root
		}
		at = end
	}
}
