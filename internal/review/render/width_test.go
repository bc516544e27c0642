package render_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/internal/review/render"
)

// TestPageFitsAPhone holds the page to what keeps it from scrolling sideways at 360
// pixels: words break wherever they must, lines of files scroll in boxes of their
// own, and nothing asks for more width than there is.
func TestPageFitsAPhone(t *testing.T) {
	t.Parallel()
	page := string(shown(t, render.HTML))
	_, rest, _ := strings.Cut(page, "<style>")
	style, body, ok := strings.Cut(rest, "</style>")
	if !ok || !strings.Contains(page, `name="viewport" content="width=device-width`) {
		t.Fatal("the page has no style, or does not say that it fits the device")
	}
	rules := map[string]string{}
	for _, m := range regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`).FindAllStringSubmatch(style, -1) {
		for _, selector := range strings.Split(m[1], ",") {
			rules[strings.TrimSpace(selector)] += m[2]
		}
	}
	for selector, want := range map[string]string{"body": "overflow-wrap: anywhere", ".sides pre": "overflow-x: auto", "details pre": "overflow-x: auto", ".sides figure": "min-width: 0", "*": "box-sizing: border-box"} {
		if !strings.Contains(rules[selector], want) {
			t.Errorf("%s has %q, and no %q", selector, rules[selector], want)
		}
	}
	for _, m := range regexp.MustCompile(`(?:^|[\s;{])(?:min-)?width:\s*([0-9.]+)(px|rem|em|ch)`).FindAllStringSubmatch(style, -1) {
		n, err := strconv.ParseFloat(m[1], 64)
		if perUnit := map[string]float64{"px": 1, "rem": 16, "em": 16, "ch": 10}[m[2]]; err != nil || n*perUnit > 320 {
			t.Errorf("a phone does not have %s%s", m[1], m[2])
		}
	}
	if strings.Contains(style, "nowrap") || regexp.MustCompile(`\sstyle=|\swidth=`).MatchString(body) {
		t.Error("something keeps its width whatever there is")
	}
	for i := strings.Index(body, "<pre"); i >= 0; {
		if before := body[:i]; strings.Count(before, "<figure") == strings.Count(before, "</figure>") && strings.Count(before, "<details") == strings.Count(before, "</details>") {
			t.Errorf("lines of a file in no box that scrolls: %.80s", body[i:])
		}
		next := strings.Index(body[i+1:], "<pre")
		if next < 0 {
			break
		}
		i += 1 + next
	}
}
