package render

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestLongLinesShowTheirPlace holds that of a document without line breaks that part is
// shown which a finding is about.
func TestLongLinesShowTheirPlace(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("ä", 1000) + `"here":` + strings.Repeat("b", 1000)
	for col, want := range map[int]string{0: "ää", 1: "ää", 1001: `"here":`, 2000: "bb", 1_000_000: "..."} {
		got := excerpt(text, col)
		if !strings.Contains(got, want) || utf8.RuneCountInString(got) > maxWidth+8 || !utf8.ValidString(got) {
			t.Errorf("column %d: %q", col, got)
		}
	}
	if got := excerpt("\tshort \r", 1); got != "  short" {
		t.Errorf("%q", got)
	}
}
