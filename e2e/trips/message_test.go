//go:build unix

package trips

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
)

// message is a request as a client that reads the contract makes it.
type message struct {
	op          *contract.Operation
	params      map[string]any // by "query limit"
	body        any
	media       string // of the body, or empty where there is none
	credentials []credential
	model       map[string]*openapi.Parameter
	content     *openapi.MediaType
}

func (m *message) String() string {
	text, _ := json.Marshal(map[string]any{"params": m.params, "body": m.body})
	return fmt.Sprintf("%s %s (%s) %s", m.op.Method, m.op.Path, m.media, text[:min(len(text), 600)])
}

// with is the message with another value of a parameter.
func (m *message) with(key string, v any) *message {
	out := *m
	out.params = maps.Clone(m.params)
	out.params[key] = v
	return &out
}

func (m *message) without(key string) *message {
	out := *m
	out.params = maps.Clone(m.params)
	delete(out.params, key)
	return &out
}

func (m *message) sending(media string, content *openapi.MediaType, body any) *message {
	out := *m
	out.media, out.content, out.body = media, content, body
	return &out
}

// request writes the message.
func (m *message) request(base string) (*http.Request, error) {
	path := m.op.Path
	var query, cookies []string
	header := http.Header{"User-Agent": {""}} // none, unless it is a parameter
	for _, key := range slices.Sorted(maps.Keys(m.params)) {
		p := m.model[key]
		pieces, ok := written(p, m.params[key])
		if !ok {
			return nil, fmt.Errorf("%s cannot be written", key)
		}
		switch p.In {
		case "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", pieces[0])
		case "query":
			query = append(query, pieces...)
		case "header":
			header.Set(p.Name, pieces[0])
		case "cookie":
			cookies = append(cookies, pieces...)
		}
	}
	for _, c := range m.credentials {
		switch c.In {
		case "header":
			header.Set(c.Name, c.Value)
		case "cookie":
			cookies = append(cookies, c.Name+"="+c.Value)
		case "query":
			query = append(query, url.QueryEscape(c.Name)+"="+url.QueryEscape(c.Value))
		}
	}
	var body io.Reader
	if m.media != "" {
		media, text, err := m.encoded()
		if err != nil {
			return nil, err
		}
		header.Set("Content-Type", media)
		body = bytes.NewReader(text)
	}
	target := base + path
	if len(query) > 0 {
		target += "?" + strings.Join(query, "&")
	}
	r, err := http.NewRequest(m.op.Method, target, body)
	if err != nil {
		return nil, err
	}
	if len(cookies) > 0 {
		header.Set("Cookie", strings.Join(cookies, "; "))
	}
	r.Header = header
	return r, nil
}

// encoded writes the body.
func (m *message) encoded() (media string, text []byte, err error) {
	switch kindOf(m.media) {
	case jsonBody:
		text, err = json.Marshal(m.body)
		return m.media, text, err
	case formBody:
		pairs, ok := formPairs(m.body)
		if !ok {
			return "", nil, fmt.Errorf("the form cannot be written")
		}
		return m.media, []byte(strings.Join(pairs, "&")), nil
	case partsBody:
		return parts(m.content, m.body.(map[string]any))
	}
	return strings.ReplaceAll(m.media, "*", "x"), []byte(m.body.(string)), nil
}

// bodyKind is how a body is written.
type bodyKind int

const (
	jsonBody bodyKind = iota
	formBody
	partsBody
	textBody
	otherBody
)

func kindOf(media string) bodyKind {
	base, _, _ := strings.Cut(strings.ToLower(media), ";")
	base = strings.TrimSpace(base)
	switch {
	case base == "application/json" || base == "text/json" || strings.HasSuffix(base, "+json"):
		return jsonBody
	case base == "application/x-www-form-urlencoded":
		return formBody
	case base == "multipart/form-data":
		return partsBody
	case base == "text/plain":
		return textBody
	}
	return otherBody
}

// formPairs writes an object of values and of lists of them.
func formPairs(v any) ([]string, bool) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, false
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		values, isList := object[name].([]any)
		if !isList {
			values = []any{object[name]}
		}
		if len(values) == 0 || isList && len(values) == 1 {
			return nil, false // which cannot be told from none, or from its item
		}
		for _, one := range values {
			text, ok := scalar(one)
			if !ok {
				return nil, false
			}
			out = append(out, url.QueryEscape(name)+"="+url.QueryEscape(text))
		}
	}
	return out, true
}

// parts writes an object as multipart/form-data: what is binary as files, what
// is no text as JSON.
func parts(content *openapi.MediaType, object map[string]any) (string, []byte, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		values, isList := object[name].([]any)
		if !isList {
			values = []any{object[name]}
		}
		if len(values) == 0 {
			return "", nil, fmt.Errorf("no part is no empty list")
		}
		header := textproto.MIMEHeader{}
		disposition := fmt.Sprintf(`form-data; name=%q`, name)
		if isFile(content, name) {
			disposition += `; filename="a.bin"`
			header.Set("Content-Type", "application/octet-stream")
		}
		if e := content.Encoding[name]; e != nil && e.ContentType != "" && !strings.ContainsAny(e.ContentType, "*,") {
			header.Set("Content-Type", e.ContentType)
		}
		header.Set("Content-Disposition", disposition)
		for _, one := range values {
			text, ok := scalar(one)
			if !ok {
				data, err := json.Marshal(one)
				if err != nil {
					return "", nil, err
				}
				text = string(data)
				header.Set("Content-Type", "application/json")
			}
			part, err := w.CreatePart(header)
			if err != nil {
				return "", nil, err
			}
			if _, err := io.WriteString(part, text); err != nil {
				return "", nil, err
			}
		}
	}
	if err := w.Close(); err != nil {
		return "", nil, err
	}
	return w.FormDataContentType(), b.Bytes(), nil
}

// isFile reports whether a part of a form is a file, or a list of them.
func isFile(content *openapi.MediaType, name string) bool {
	if content.Schema == nil || content.Schema.Value == nil {
		return false
	}
	p := content.Schema.Value.Properties[name]
	if p != nil && p.Value != nil && p.Value.Items != nil {
		p = p.Value.Items
	}
	return p != nil && p.Value != nil && p.Value.Format == "binary"
}
