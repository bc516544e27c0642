package goserver

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// ruleReader reads one rule of x-validate.
type ruleReader struct {
	*prep
	fields map[string]*fieldDecl
	field  *fieldDecl
	rule   string
	pos    config.Pos
}

func (r *ruleReader) refuse(hint, format string, args ...any) {
	r.prep.refuse(r.pos, hint, "%s: %s", r.field.json, fmt.Sprintf(format, args...))
}

// read adds the rule to out, unless something is wrong with it.
func (r *ruleReader) read(kind crossRule, words []string, out *fieldRules) {
	var params []string
	ok := true
	add := func(word string, fine bool) { params, ok = append(params, word), ok && fine }
	switch kind {
	case equality, order:
		if len(words) != 1 {
			r.refuse("", "%s names one property, and not %d", r.rule, len(words))
			return
		}
		other, found := r.other(words[0])
		add(words[0], found && r.comparable(kind, other))
		if ok {
			out.value = append(out.value, r.rule+"="+other.name)
		}
		return
	case presence:
		for _, word := range words {
			other, found := r.other(word)
			if found && !other.canBeAbsent() {
				r.refuse("", "%s asks whether %s is there, which it always is", r.rule, word)
				found = false
			}
			if found {
				word = other.name
			}
			add(word, found)
		}
	case condition:
		if len(words)%2 != 0 {
			r.refuse("write "+r.rule+"=kind company, with single quotes around a value with spaces", "%s takes properties and their values in turn", r.rule)
			return
		}
		seen := map[string]bool{}
		for i := 0; i < len(words); i += 2 {
			other, found := r.other(words[i])
			if found && seen[words[i]] && strings.HasSuffix(r.rule, "_if") {
				r.refuse("", "%s asks for two values of %s at once", r.rule, words[i])
				found = false
			}
			seen[words[i]] = true
			if !found {
				ok = false
				continue
			}
			add(other.name, true)
			add(r.value(other, words[i+1]))
		}
	}
	if !r.field.canBeAbsent() {
		what := "can never be left out, as the rule demands"
		if strings.HasPrefix(r.rule, "required") {
			what = "is always required"
		}
		r.refuse("", "%s says when it must be there, but the property %s", r.rule, what)
		return
	}
	if ok {
		out.presence = append(out.presence, r.rule+"="+strings.Join(params, " "))
	}
}

// other finds the property that a rule names.
func (r *ruleReader) other(name string) (*fieldDecl, bool) {
	other := r.fields[name]
	switch {
	case other == nil:
		var known []string
		for _, k := range sortedKeys(r.fields) {
			if k != r.field.json {
				known = append(known, k)
			}
		}
		r.refuse(config.Suggest(name, known), "%s names %q, which is no property beside it", r.rule, name)
	case other == r.field:
		r.refuse("", "%s names the property itself", r.rule)
	default:
		return other, true
	}
	return nil, false
}

// class says what values are to comparisons.
func (r *ruleReader) class(f *fieldDecl) string {
	sh := r.told(f.ref)
	if sh == nil || sh.lossy != "" || len(sh.variants) > 0 {
		return ""
	}
	switch sh.typ {
	case "integer":
		return "a number"
	case "number":
		if numberType(sh.format) == "float64" {
			return "a number"
		}
	case "boolean":
		return "true or false"
	case "string":
		switch stringType(sh.format) {
		case "time.Time":
			return "a time"
		case "openapi_types.Date":
			return "a date"
		case "string":
			return "text"
		}
	}
	return ""
}

func (r *ruleReader) comparable(kind crossRule, other *fieldDecl) bool {
	mine, its := r.class(r.field), r.class(other)
	switch {
	case mine == "":
		r.refuse("", "%s compares text, numbers, booleans, dates and times, and the property is none of them", r.rule)
	case its == "":
		r.refuse("", "%s compares text, numbers, booleans, dates and times, and %s is none of them", r.rule, other.json)
	case mine != its:
		r.refuse("", "%s compares %s with %s, which is %s", r.rule, mine, other.json, its)
	case kind == order && (mine == "text" || mine == "true or false"):
		r.refuse("", "%s compares numbers, dates and times, and the property is %s", r.rule, mine)
	default:
		return true
	}
	return false
}

// value checks a value that a rule compares a property with, and writes it as a
// word of the tag.
func (r *ruleReader) value(other *fieldDecl, text string) (string, bool) {
	sh := r.told(other.ref)
	written, fits := text, false
	switch class := r.class(other); {
	case class == "text":
		var known []string
		for _, v := range sh.enum {
			known = append(known, fmt.Sprint(v))
			fits = fits || v == text
		}
		if known != nil && !fits {
			r.refuse(config.Suggest(text, known), "%s compares %s with %q, which it can never be", r.rule, other.json, text)
			return "", false
		}
		word, plain := tagWord(text)
		if !plain || text == "nil" { // which validator takes for absent
			r.refuse("", "%s cannot compare with the value %q: a tag cannot hold it", r.rule, text)
			return "", false
		}
		return word, true
	case class == "true or false":
		fits = text == "true" || text == "false"
	case class == "a number" && sh.typ == "number":
		f, err := strconv.ParseFloat(text, 64)
		text, fits = strconv.FormatFloat(f, 'g', -1, 64), err == nil && f-f == 0
	case class == "a number" && strings.HasPrefix(integerType(sh.format), "uint"):
		n, err := strconv.ParseUint(text, 10, 64)
		text, fits = strconv.FormatUint(n, 10), err == nil
	case class == "a number":
		n, err := strconv.ParseInt(text, 10, 64)
		text, fits = strconv.FormatInt(n, 10), err == nil
	default:
		r.refuse("", "%s compares values of text, numbers and booleans, and %s is none of them", r.rule, other.json)
		return "", false
	}
	if !fits {
		r.refuse("", "%s compares %s with %q, which it can never be", r.rule, other.json, written)
	}
	return text, fits
}
