//go:build unix

package shop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/gen"
	"github.com/banyan-go/banyan/problem"
)

// understand reads an answer as the operation's contract means it, so that the
// answers of PHP and of Go can be compared: numbers that PHP writes as strings
// become numbers, its [] for an empty object becomes {}, points in time lose
// their zone and, when they are those of this test, their value. What the
// contract does not allow even then is an error.
func understand(key string, a answer) (any, error) {
	op, doc, err := operation(key)
	if err != nil {
		return nil, err
	}
	responses := doc.at("paths", strings.TrimPrefix(op.Path, "/v1"), strings.ToLower(op.Method), "responses")
	response := responses.at(strconv.Itoa(a.status))
	if response.value == nil {
		if response = responses.at("default"); a.status < 400 || response.value == nil {
			return nil, fmt.Errorf("the contract of %s declares no status %d", key, a.status)
		}
	}
	media, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		return nil, fmt.Errorf("content type %q: %w", a.header.Get("Content-Type"), err)
	}
	content := response.at("content", media)
	if content.value == nil {
		return nil, fmt.Errorf("the contract of %s declares no %s for status %d", key, media, a.status)
	}
	if !strings.HasSuffix(media, "json") {
		return timestamps.ReplaceAllStringFunc(string(a.body), func(s string) string {
			if t, err := readTime(s); err == nil {
				return fmt.Sprint(t)
			}
			return s
		}), nil
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if v, err = content.at("schema").read(v, ""); err != nil {
		return nil, err
	}
	if a.status >= 400 {
		return comparableProblem(v, media, a.status)
	}
	return v, nil
}

// comparableProblem keeps what both sides must agree on. Details are Go's own
// or PHP's, and traces differ with every request.
func comparableProblem(v any, media string, status int) (any, error) {
	p, ok := v.(map[string]any)
	if !ok || media != problem.ContentType {
		return nil, fmt.Errorf("status %d without a problem document: %s %v", status, media, v)
	}
	if p["status"] != json.Number(strconv.Itoa(status)) {
		return nil, fmt.Errorf("the problem says status %v, the answer %d", p["status"], status)
	}
	if p["code"] == problem.InvalidRequest.Code || p["code"] == problem.Malformed.Code {
		// What breaks the contract is refused before Go sees it. PHP finds out by
		// itself, and says 400 for all of it.
		return "refused", nil
	}
	return map[string]any{"code": p["code"], "title": p["title"], "status": p["status"]}, nil
}

func operation(key string) (*catalog.Operation, node, error) {
	service, id, _ := strings.Cut(key, ".")
	for _, s := range gen.Workspace.Services {
		if s.Name != service {
			continue
		}
		if op := s.Operation(id); op != nil {
			var doc any
			if err := json.Unmarshal(s.Contract, &doc); err != nil {
				return nil, node{}, err
			}
			return op, node{doc, doc}, nil
		}
	}
	return nil, node{}, fmt.Errorf("there is no operation %s", key)
}

// node is a place in an OpenAPI document.
type node struct{ doc, value any }

// at follows names down, through references.
func (n node) at(names ...string) node {
	for _, name := range names {
		object, _ := n.resolve().value.(map[string]any)
		n.value = object[name]
	}
	return n.resolve()
}

func (n node) resolve() node {
	if object, ok := n.value.(map[string]any); ok {
		if ref, ok := object["$ref"].(string); ok {
			return node{n.doc, n.doc}.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
	}
	return n
}

// read converts a value to what its schema says.
func (n node) read(v any, at string) (any, error) {
	kind, _ := n.at("type").value.(string)
	if v == nil {
		if n.at("nullable").value == true {
			return nil, nil
		}
		return nil, fmt.Errorf("%s: null, expected %s", at, kind)
	}
	switch kind {
	case "object":
		return n.readObject(v, at)
	case "array":
		list, ok := v.([]any)
		if !ok {
			break
		}
		out := make([]any, len(list))
		for i, item := range list {
			var err error
			if out[i], err = n.at("items").read(item, fmt.Sprintf("%s/%d", at, i)); err != nil {
				return nil, err
			}
		}
		return out, nil
	case "integer", "number":
		text := fmt.Sprint(v) // json.Number or PHP's string
		if _, err := strconv.ParseFloat(text, 64); err == nil {
			return json.Number(text), nil
		}
	case "boolean":
		switch v {
		case true, "1":
			return true, nil
		case false, "0", "":
			return false, nil
		}
	case "string":
		if s, ok := v.(string); ok {
			if n.at("format").value == "date-time" {
				return readTime(s)
			}
			return s, nil
		}
	case "":
		return v, nil // any value
	}
	return nil, fmt.Errorf("%s: %#v, expected %s", at, v, kind)
}

func (n node) readObject(v any, at string) (any, error) {
	if list, ok := v.([]any); ok && len(list) == 0 {
		v = map[string]any{}
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: %#v, expected an object", at, v)
	}
	out := map[string]any{}
	for name, value := range object {
		schema := n.at("properties", name)
		if schema.value == nil {
			schema = n.at("additionalProperties")
		}
		if schema.value == nil {
			return nil, fmt.Errorf("%s: the contract has no property %q", at, name)
		}
		var err error
		if out[name], err = schema.read(value, at+"/"+name); err != nil {
			return nil, err
		}
	}
	required, _ := n.at("required").value.([]any)
	for _, name := range required {
		if _, ok := out[name.(string)]; !ok {
			return nil, fmt.Errorf("%s: the required property %q is missing", at, name)
		}
	}
	return out, nil
}

// timestamps finds points in time in what is not JSON, such as a stream.
var timestamps = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:]{8}(?:Z|[+-]\d\d:\d\d)`)

func readTime(s string) (any, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return nil, err
	}
	if time.Since(t) < time.Hour {
		return "now", nil
	}
	return t.UTC().Format(time.RFC3339), nil
}

// wantProblem fails the test unless the answer is that problem, and returns it.
func wantProblem(t *testing.T, a answer, status int, code string) problem.Error {
	t.Helper()
	var p problem.Error
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("status %d, not a problem: %v\n%s", a.status, err, a.body)
	}
	if a.status != status || p.Status != status || p.Code != code {
		t.Errorf("status %d, problem %d %s; want %d %s\n%s", a.status, p.Status, p.Code, status, code, a.body)
	}
	if ct := a.header.Get("Content-Type"); ct != problem.ContentType {
		t.Errorf("content type %q", ct)
	}
	return p
}

func wantStatus(t *testing.T, a answer, status int) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d %s, want %d\n%s", a.status, http.StatusText(a.status), status, a.body)
	}
}

// every returns the keys of all operations, sorted.
func every() []string {
	var keys []string
	for _, s := range gen.Workspace.Services {
		for _, op := range s.Operations {
			keys = append(keys, op.Key)
		}
	}
	sort.Strings(keys)
	return keys
}
