package legacyproxy

import (
	"slices"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/config"
)

// What a hint says to write is written in the place of what is wrong, and then
// there is nothing wrong any more. {} are the places.
func TestHintsAboutEnvelopesWork(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, wrong, right string }{
		{"envelope: {code: {}}", "code", "/code"},
		{"envelope: {code: {}}", "error.code", "/error/code"},
		{"envelope: {code: {}}", "$.error.code", "/error/code"},
		{"envelope: {code: {}}", "'#/error/code'", "/error/code"},
		{"envelope: {code: {}}", "'errors[0].code'", "/errors/0/code"},
		{"envelope: {code: {}}", `'["error"]["code"]'`, "/error/code"},
		{"envelope: {code: {}}", "the code", "/code"},
		{"envelope: {code: {}}", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q", "/code"},
		{"envelope: {data: {}}", "result", "/result"},
		{"envelope: {data: {}}", "/a~b/~2", "/a~0b/~02"},
		{"envelope: {status: {}, data: /d}", "200", "/status"},
		{"envelope: {fields: {}}", "errors", "/errors"},
		{"envelope: {fields: {}}", "error.details", "/error/details"},
		{"envelope: {fields: {}}", "[email]", "/errors"},
		{"envelope: {fields: {at: {}}}", "errors", "/errors"},
		{"envelope: {fields: {at: /e, name: {}}}", "propertyPath", "/propertyPath"},
		{"envelope: {fields: {at: /e, message: {}}}", "text.de", "/text/de"},
		{"envelope: {fields: {at: /e, rename: {user_name: {}}}}", "userName", "/userName"},
		{"envelope: {fields: {at: /e, rename: {items.*.art: {}}}}", "items.*.sku", "/items/*/sku"},
		{"envelope: {fields: {at: /e, rename: {a: {}}}}", "''", "/query/limit"},
		{"envelope: {}", "/data", "{data: /data}"},
		{"envelope: {}", "result.data", "{data: /result/data}"},
		{"envelope: {}", "false", "none"},
		{"envelope: {}", "true", "{code: /code, data: /data}"},
		{"envelope: {}", "[code]", "{code: /code, data: /data}"},
		{"envelope: {}", "{ }", "{code: /code, message: /msg, data: /data}"},
		{"{}: /errors", "fields", "envelope: {fields: /errors}"},
		{"{}: [0]", "success", "envelope: {code: /code, success: [0]}"},
		{"operations: {getOrder: {{}: /d}}", "data", "envelope: {data: /data}"},
		{"envelope: {{}: /errors}", "errors", "fields: /errors"},
		{"envelope: {success: [0{}]}", " ", "code: /code"},
		{"envelope: {fields: {name: /f{}}}", " ", "at: /errors"},
		{"envelope: {data: /d{}}\nerrors: [{code: 7, problem: not-found}]", " ", "envelope: {code: /code}"},
		{"envelope: {data: /d{}}\nerrors: [{status: 404, problem: not-found, message: pass}]", " ", "envelope: {message: /message}"},
	} {
		_, faults := Parse("legacy.yaml", []byte("version: 1\n"+strings.Replace(c.text, "{}", c.wrong, 1)+"\n"))
		if !slices.ContainsFunc(faults, func(f config.Fault) bool {
			words := " " + f.Hint
			return strings.Contains(words, " "+c.right) && (len(words) == strings.Index(words, c.right)+len(c.right) || strings.ContainsAny(words[strings.Index(words, c.right)+len(c.right):][:1], ", "))
		}) {
			t.Errorf("%s with %s: no hint says %s: %v", c.text, c.wrong, c.right, faults.Err())
			continue
		}
		right := strings.Replace(c.text, "{}", c.right, 1)
		switch {
		case c.wrong == " " && strings.HasPrefix(c.right, "envelope: "): // a key to add
			right = strings.Replace(c.text, "{}", ", "+strings.Trim(strings.TrimPrefix(c.right, "envelope: "), "{}"), 1)
		case c.wrong == " ":
			right = strings.Replace(strings.Replace(c.text, "{}", "", 1), "}", ", "+c.right+"}", 1)
		case strings.HasPrefix(c.text, "{}: "):
			right = c.right
		case strings.Contains(c.text, "{{}: "):
			before, _, _ := strings.Cut(c.text, "{}: ")
			right = before + c.right + strings.Repeat("}", strings.Count(before, "{"))
		}
		if _, faults := Parse("legacy.yaml", []byte("version: 1\n"+right+"\n")); len(faults) > 0 {
			t.Errorf("%s with %s: then %s is wrong: %v", c.text, c.wrong, right, faults.Err())
		}
	}
}

// The messages of fields are messages, too.
func TestMessagesOfFieldsAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"envelope: {fields: /errors}\nerrors: [{status: 422, problem: invalid-request, message: pass}]",
		"operations: {getOrder: {envelope: {fields: /errors}, errors: [{status: 422, problem: invalid-request, message: redact}]}}",
	} {
		if _, faults := Parse("legacy.yaml", []byte("version: 1\n"+text+"\n")); len(faults) > 0 {
			t.Error(text, faults.Err())
		}
	}
}

// More * on the side of the contract than in PHP's name stand for nothing.
func TestStarsWithoutAName(t *testing.T) {
	t.Parallel()
	_, faults := Parse("legacy.yaml", []byte("version: 1\nenvelope: {fields: {at: /e, rename: {items.*.art: /items/*/parts/*}}}\n"))
	if len(faults) != 1 || !strings.Contains(faults[0].Message, "more *") {
		t.Error(faults.Err())
	}
}
