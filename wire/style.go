package wire

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

var errEmpty = errors.New("must not be empty: the path would be another one")

// simple writes a value in the simple style (RFC 6570, section 3.2.2).
func (n node) simple(explode bool, escape func(string) string) (string, error) {
	return n.joined(",", ",", explode, escape)
}

// joined writes lists with one separator and objects with another.
func (n node) joined(sep, memberSep string, explode bool, escape func(string) string) (string, error) {
	if n.kind == scalar {
		return escape(n.text), nil
	}
	items, err := n.flat()
	if err != nil {
		return "", err
	}
	used := sep
	if n.kind == object {
		used = memberSep
	}
	parts := make([]string, 0, 2*len(items))
	for i, item := range items {
		value := escape(item)
		if strings.Contains(value, used) {
			return "", fmt.Errorf("the value %q holds the separator of this style", item)
		}
		switch {
		case n.kind == list:
			parts = append(parts, value)
		case explode:
			parts = append(parts, escape(n.names[i])+"="+value)
		default:
			parts = append(parts, escape(n.names[i]), value)
		}
	}
	return strings.Join(parts, used), nil
}

// pathText writes a path parameter, escaped.
func (n node) pathText(p *Param) (string, error) {
	escape := escapeSegment
	var out string
	var err error
	switch p.Style {
	case Label:
		sep := ","
		if p.Explode {
			sep = "."
			escape = func(s string) string { return strings.ReplaceAll(escapeSegment(s), ".", "%2E") }
		}
		out, err = n.joined(sep, sep, p.Explode, escape)
		return "." + out, err
	case Matrix:
		name := escape(p.Name)
		switch {
		case n.kind == scalar || !p.Explode:
			out, err = n.joined(",", ",", false, escape)
			return ";" + name + "=" + out, err
		case n.kind == list:
			items, err := n.flat()
			for _, item := range items {
				out += ";" + name + "=" + escape(item)
			}
			return out, err
		}
		out, err = n.joined(";", ";", true, escape)
		return ";" + out, err
	}
	out, err = n.simple(p.Explode, escape)
	if err == nil && out == "" {
		err = errEmpty
	}
	return out, err
}

// escapeSegment also escapes what the path styles use as separators, and a
// segment of dots alone, which a client or proxy would resolve.
func escapeSegment(s string) string {
	if s == "." || s == ".." {
		return strings.ReplaceAll(s, ".", "%2E")
	}
	return strings.NewReplacer("=", "%3D", "+", "%2B").Replace(url.PathEscape(s))
}

// queryPairs writes a query parameter as escaped "name=value" pairs.
func (n node) queryPairs(p *Param) ([]string, error) {
	escape := url.QueryEscape
	if p.AllowReserved {
		escape = escapeReserved
	}
	name := url.QueryEscape(p.Name)
	var out []string
	switch {
	case p.Style == DeepObject:
		// What may be an object or one value, such as a time or a range of
		// them, is written without brackets when it is one value.
		n.spelled(p.Name, func(name, value string) {
			out = append(out, url.QueryEscape(name)+"="+escape(value))
		})
		return out, nil
	case n.kind == scalar:
		return []string{name + "=" + escape(n.text)}, nil
	case p.Explode && n.kind == list:
		items, err := n.flat()
		if err != nil && p.Style == Form {
			// OpenAPI has no form for it; this is PHP's, which is read as well.
			n.spelled(p.Name, func(name, value string) {
				out = append(out, url.QueryEscape(name)+"="+escape(value))
			})
			return out, nil
		}
		for _, item := range items {
			out = append(out, name+"="+escape(item))
		}
		return out, err
	case p.Explode && p.Style == Form:
		for i, item := range n.items {
			if flat, err := item.flat(); item.kind == list && err == nil {
				for _, s := range flat {
					out = append(out, url.QueryEscape(n.names[i])+"="+escape(s))
				}
				continue
			}
			item.spelled(n.names[i], func(name, value string) {
				out = append(out, url.QueryEscape(name)+"="+escape(value))
			})
		}
		return out, nil
	}
	sep := ","
	switch p.Style {
	case SpaceDelimited:
		sep = "%20"
	case PipeDelimited:
		sep = "%7C"
	}
	value, err := n.joined(sep, sep, false, url.QueryEscape)
	return []string{name + "=" + value}, err
}

// escapeReserved escapes what may not stand in a query value at all, and what
// would end it.
func escapeReserved(s string) string {
	const keep = `:/?@!$'()*,;[]-._~`
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(keep, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
