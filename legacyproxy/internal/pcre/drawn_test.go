package pcre

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestDrawnPatterns puts patterns together of what they are made of, and asks PHP
// about those that are read. Some of them PHP refuses, such as a quantifier
// behind \b.
func TestDrawnPatterns(t *testing.T) {
	t.Parallel()
	pieces := strings.Fields(`a b c A 0 1 . , - & && * + ? *? +? {2} {1,} {0,2} { } {, | ( ) (?: (? (?i) (?-i) (?i: (?m) (?m: (?s) (?U) (?<n> (?P<n> (?#x)
		^ $ [ ] [^ [a-c] [\s] [^\n] [:alpha:] [[:space:]] \d \w \s \S \h \H \v \V \N \b \B \A \z \Z \n \t \e \. \/ \Q \E \Qa.\E \x41 \x{41} \012`)
	texts := []string{"", "a", "b", "ab", "abc", "a\n", "a\nb", "\n", "A", "a b", "aa", "aab", "c\n\n", "a.", "-", "]", "[", "a-c", " ", "\t", "\v", "1", "{2}", "a{", "}", ":", "A1b", "a\r\nb", "0,1", "&&", "(", "/", "AB\n"}
	type question struct{ Pattern, Text string }
	var asked []question
	var ours []bool
	r := rand.New(rand.NewPCG(1, 2))
	for read := 0; read < 600; {
		var b strings.Builder
		for range 1 + r.IntN(6) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		pattern, flags := b.String(), []string{"", "i", "m", "s", "D", "A", "U", "im"}[r.IntN(8)]
		delimited := "~" + pattern + "~" + flags
		source := delimited
		if flags == "" {
			source = pattern
		}
		re, err := Compile(source)
		if err != nil {
			continue
		}
		read++
		for _, text := range texts {
			asked = append(asked, question{delimited, text})
			ours = append(ours, re.MatchString(text))
		}
	}
	refused := 0
	for i, theirs := range php(t, asked) {
		switch {
		case theirs < 0:
			refused++
		case (theirs == 1) != ours[i]:
			t.Errorf("%q on %q: PHP says %d, here %t", asked[i].Pattern, asked[i].Text, theirs, ours[i])
		}
	}
	if refused > len(asked)/5 {
		t.Errorf("PHP refused %d of %d: the test tests little", refused, len(asked))
	}
}
