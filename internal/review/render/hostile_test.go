package render_test

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/render"
)

// TestMarkdownStaysShort holds that a comment fits in what code hosts take, with
// every fold closed, however much there is to say.
func TestMarkdownStaysShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 2_000)
	for name, make := range map[string]func(i int) *review.Change{
		"breaking": func(i int) *review.Change {
			return &review.Change{Rule: "limit-tightened", Wire: review.Breaks, Message: fmt.Sprint("limit ", i), Why: []string{"because"}, Affects: operations(60)}
		},
		"compatible": func(i int) *review.Change {
			return &review.Change{Rule: "property-added", Message: fmt.Sprint("property ", i)}
		},
		"mixed": func(i int) *review.Change {
			return &review.Change{Rule: "property-added", Wire: review.Verdict(i % 3), Message: fmt.Sprint("property ", i), Refactoring: i%5 == 0, Affects: operations(i % 70)}
		},
		"long": func(i int) *review.Change {
			return &review.Change{Rule: "property-added", Wire: review.Verdict(i % 3), Message: long, Old: long, New: long, Why: []string{long, long}, Rewrite: long, Symbols: []string{long}}
		},
	} {
		for _, services := range []int{1, 900} {
			r := &review.Report{Base: "main"}
			for s := range services {
				svc := &review.Service{Name: fmt.Sprint("service", s), Status: review.Changed, Needs: map[string]review.Step{}}
				for i := range max(1, 1800/services) {
					c := make(i)
					c.ID, c.Place, c.Pointer = fmt.Sprintf("%06d%06d", s, i), fmt.Sprintf("GET /a%d/{id}", i), "/x"
					svc.Changes = append(svc.Changes, c)
				}
				r.Services = append(r.Services, svc)
			}
			text := printed(t, render.Markdown, r)
			if len(text) > 60_000 {
				t.Errorf("%s: %d bytes in %d services", name, len(text), services)
			}
			open := 0
			for _, tag := range regexp.MustCompile(`</?details>`).FindAllString(text, -1) {
				if tag == "<details>" {
					open++
				} else if open--; open < 0 {
					t.Fatalf("%s, %d services: a fold is closed that was not opened", name, services)
				}
			}
			if open != 0 {
				t.Errorf("%s, %d services: %d folds are open", name, services, open)
			}
			if name != "long" && !strings.Contains(text, "more: run `banyan review`") {
				t.Errorf("%s, %d services: the comment does not say that there is more", name, services)
			}
		}
	}
}

func operations(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("GET /operation%03d", i))
	}
	return out
}

func printed(t *testing.T, format render.Format, r *review.Report) string {
	t.Helper()
	var b bytes.Buffer
	o := render.Options{Parties: review.Parties(), Colour: true, Approve: approve, Link: func(side render.Side, file string, line int) string {
		return "https://example.org/" + url.PathEscape(file)
	}}
	if err := render.Print(&b, format, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostile is what a contract may hold to be read as something else than text.
const hostile = "a</details></summary><script>alert(1)</script><!-- --> @octocat #1 ``` `x` | *b* [l](javascript:x) ![i](https://evil.example/x.png) <b onclick=x>" +
	" \x1b[2J\x1b]0;t\a \u202e\u2066\u200f\u061c\u200b\u2028 \r\n\n# head\n- item\n```\n~~~ &lt;b&gt; www.evil.example"

// TestHostileText holds that what contracts say stays text.
func TestHostileText(t *testing.T) {
	t.Parallel()
	c := &review.Change{
		ID: "0123456789ab", Rule: "enum-value-removed", Service: hostile, Place: "GET /" + hostile, Pointer: "/" + hostile, Message: hostile, Old: hostile, New: hostile,
		Base: config.Pos{File: hostile, Line: 1, Col: 1}, Head: config.Pos{File: hostile, Line: 1, Col: 1},
		Wire: review.Breaks, Why: []string{hostile}, Symbols: []string{hostile}, Affects: []string{hostile, "GET /b"}, Rewrite: hostile,
	}
	approved := *c
	approved.ID, approved.Rule = "ba9876543210", "type-changed"
	approved.Approved = &review.Approval{Change: approved.ID, Parties: review.Parties(), By: hostile, Reason: hostile, Until: "2026-12-31"}
	r := &review.Report{Base: hostile, Head: hostile, BaseCommit: "0123456789abcdef", Services: []*review.Service{{
		Name: hostile, Status: review.Changed, File: hostile, BaseVersion: hostile, HeadVersion: hostile, NextVersion: "2.0.0", Needs: map[string]review.Step{"contract": review.Major},
		Changes: []*review.Change{c, &approved},
	}}}

	for _, format := range []render.Format{render.Text, render.Markdown, render.HTML} {
		text := printed(t, format, r)
		if format == render.Text {
			text = regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(text, "") // our own colours
		}
		for _, r := range text {
			if r != '\n' && r != '\t' && r != '\u2060' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Errorf("%s holds %U", format, r)
				break
			}
		}
	}

	page := printed(t, render.HTML, r)
	for _, tag := range []string{"<script>alert", "<b onclick", "</details></summary>"} {
		if strings.Contains(page, tag) {
			t.Errorf("the page holds %s", tag)
		}
	}

	// Code spans show everything as it is; the rest must hold no markup.
	comment := printed(t, render.Markdown, r)
	outside := regexp.MustCompile(`\]\(https://example\.org/[^)\s]*\)`).ReplaceAllString(withoutCode(t, comment), "") // our own links
	for _, markup := range []string{"<script", "<b ", "@octocat", " #1", "https://evil", "www.evil", "~~~"} {
		if strings.Contains(outside, markup) {
			t.Errorf("the comment holds %q outside of code:\n%s", markup, outside)
		}
	}
	if a, b := strings.Count(outside, "<details>"), strings.Count(outside, "</details>"); a != b {
		t.Errorf("%d folds are opened, %d closed", a, b)
	}
	for line := range strings.Lines(comment) {
		if strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "- item") {
			t.Errorf("a line begins with %q", line)
		}
	}
}

var backticks = regexp.MustCompile("\\\\`|`+")

// withoutCode is Markdown without its code spans (CommonMark, section 6.1), none
// of which may go over a line.
func withoutCode(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	for {
		open := backticks.FindStringIndex(text)
		if open == nil {
			return out.String() + text
		}
		fence := text[open[0]:open[1]]
		out.WriteString(text[:open[0]])
		text = text[open[1]:]
		if strings.HasPrefix(fence, "\\") {
			continue
		}
		end := -1
		for _, run := range regexp.MustCompile("`+").FindAllStringIndex(text, -1) {
			if run[1]-run[0] == len(fence) {
				end = run[1]
				break
			}
		}
		if end < 0 || strings.Contains(text[:end], "\n") {
			t.Fatalf("code does not end on its line: %.200q", text)
		}
		text = text[end:]
	}
}
