//go:build unix

package legacy

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hostileCase is one exchange with a backend that misbehaves.
type hostileCase struct {
	line    int
	name    string
	only    []string // backends; empty: all
	request struct {
		method, target string
		header         http.Header
		body           string
		take           int64         // leave after so many bytes of the answer; 0: at its end
		pause          time.Duration // before the next request
	}
	answers []expectation
}

// expectation is a line about the answer, for some backends or for all.
type expectation struct {
	only []string
	kind string // status, body, match, broken, none, header, absent, early
	text string
}

// readCases reads a file in which a line that begins with
//
//	==  begins a case: name, and backends in parentheses if it is not for all
//	>   is the request: first method and target, then its header
//	>>  is the request's body; "take N" leaves after N bytes of the answer, "pause 50ms" waits before the next request
//	<   is the status, with the code of the problem if it is one; or a header, "!Name" if it may not be there
//	<1  is a 1xx answer before it
//	<<  is the whole body, as Go writes a string if it begins with a quote
//	<~  is an expression that the body matches
//	<!  says that the answer breaks off: "broken" somewhere, "none" before its head is there
//
// "@cli,fpm" before a line makes it count for these backends alone, and there
// in the place of lines of its kind that are for all.
func readCases(t *testing.T, name string) (all []*hostileCase) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var c *hostileCase
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var only []string
		if rest, ok := strings.CutPrefix(line, "@"); ok {
			var names string
			names, line, _ = strings.Cut(rest, " ")
			only = strings.Split(names, ",")
		}
		mark, text, _ := strings.Cut(line, " ")
		text = strings.TrimSpace(text)
		if mark == "==" {
			c = &hostileCase{line: n, name: text}
			if name, backends, ok := strings.Cut(text, " ("); ok {
				c.name, c.only = name, strings.Fields(strings.TrimSuffix(backends, ")"))
			}
			c.request.header = http.Header{}
			all = append(all, c)
			continue
		}
		if c == nil {
			t.Fatalf("%s:%d: no case has begun", name, n)
		}
		if err := c.add(mark, text, only); err != nil {
			t.Fatalf("%s:%d: %v", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func (c *hostileCase) add(mark, text string, only []string) error {
	expect := func(kind string) { c.answers = append(c.answers, expectation{only, kind, text}) }
	switch mark {
	case ">":
		if c.request.method == "" {
			c.request.method, c.request.target, _ = strings.Cut(text, " ")
			return nil
		}
		name, value, _ := strings.Cut(text, ":")
		value, err := quoted(strings.TrimSpace(value))
		c.request.header.Add(name, value)
		return err
	case ">>":
		if n, ok := strings.CutPrefix(text, "take "); ok {
			var err error
			c.request.take, err = strconv.ParseInt(n, 10, 64)
			return err
		}
		var err error
		if d, ok := strings.CutPrefix(text, "pause "); ok {
			c.request.pause, err = time.ParseDuration(d)
			return err
		}
		c.request.body, err = quoted(text)
		return err
	case "<":
		switch _, _, header := strings.Cut(text, ":"); {
		case header && text[0] >= 'A':
			expect("header")
		case strings.HasPrefix(text, "!"):
			text = text[1:]
			expect("absent")
		default:
			expect("status")
		}
	case "<1":
		expect("early")
	case "<<":
		var err error
		if text, err = quoted(text); err != nil {
			return err
		}
		expect("body")
	case "<~":
		if _, err := regexp.Compile(text); err != nil {
			return err
		}
		expect("match")
	case "<!":
		if text != "broken" && text != "none" {
			return fmt.Errorf("%q is not broken or none", text)
		}
		expect(text)
	default:
		return fmt.Errorf("%q begins no line", mark)
	}
	return nil
}

// quoted reads text that may be written as Go writes it, and "x*100", which is
// long.
func quoted(s string) (string, error) {
	if text, count, ok := strings.Cut(s, "*"); ok && len(text) == 1 {
		n, err := strconv.Atoi(count)
		return strings.Repeat(text, max(n, 0)), err
	}
	if !strings.HasPrefix(s, `"`) {
		return s, nil
	}
	return strconv.Unquote(s)
}

// expected is what counts for a backend.
func (c *hostileCase) expected(backend string) (out []expectation) {
	group := func(kind string) string {
		switch kind {
		case "body", "match", "broken", "none":
			return "body"
		case "status":
			return kind
		}
		return "" // they add up
	}
	own := map[string]bool{}
	for _, e := range c.answers {
		if slices.Contains(e.only, backend) {
			own[group(e.kind)] = true
		}
	}
	for _, e := range c.answers {
		if slices.Contains(e.only, backend) || e.only == nil && (group(e.kind) == "" || !own[group(e.kind)]) {
			out = append(out, e)
		}
	}
	return out
}
