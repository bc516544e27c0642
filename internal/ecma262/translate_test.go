package ecma262

import (
	"strings"
	"testing"

	"github.com/banyan-go/banyan/schema"
	"github.com/google/go-cmp/cmp"
)

func TestTranslate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, text string
		foreign      string // joined by a space
	}{
		{`^[a-z]+$`, `^[a-z]+$`, ``},
		{`^(?=.*[A-Z])\p{Lu}\p{Script=Greek}\/[\w.-]+?\u{1F409}$`, `^(?=.*[A-Z])\p{Lu}\p{Script=Greek}\/[\w.-]+?\u{1F409}$`, ``},
		{`(?i)^a$`, `(?i)^a$`, ``},
		{`\A[a-z]+\z`, `^[a-z]+$`, `\A \z`},
		{`\A\S[\p{Print}]*\Z`, `^\S[ -~]*$`, `\A \p{Print} \Z`},
		{`[[:alpha:]_][[:^digit:]]`, `[A-Za-z_][\D]`, `[:alpha:] [:^digit:]`},
		{`^[a-z]++[a-z]*+\d{2}+x?+$`, `^[a-z]+[a-z]*\d{2}x?$`, `possessive quantifiers`},
		{`^a}+\++$`, `^a}+\++$`, ``},
		{`^a+?b*?$`, `^a+?b*?$`, ``},
		{`^(?>a|b)(?#why)(?P<n>c)(?'m'd)(?P=n)\k{m}\g1\g{2}$`, `^(?:a|b)(?<n>c)(?<m>d)\k<n>\k<m>(?:\1)(?:\2)$`,
			`(?> (?#...) (?P<n> (?'m' (?P=n) \k{m} \g1 \g{2}`},
		{`/^[a-z]+$/i`, `(?i:^[a-z]+$)`, `the delimiters /.../i`},
		{`/^[a-z\/]+$/u`, `^[a-z\/]+$`, `the delimiters /.../u`},
		{`/^[\w-]+\W\d[[:upper:]]$/u`, `^[\p{L}\p{N}_-]+[^\p{L}\p{N}_][\p{Nd}][\p{Lu}]$`, `the delimiters /.../u \w \W \d [:upper:]`},
		{`/^\w$/gu`, `^\w$`, `the delimiters /.../gu`},
		{`#\A\d+\z#D`, `^\d+$`, `the delimiters #...#D \A \z`},
		{`{^\d{2}$}`, `^\d{2}$`, `the delimiters {...}`},
		{`(^a$)i`, `(?i:^a$)`, `the delimiters (...)i`},
		{`(^a|b$)`, `(^a|b$)`, ``},
		{`regex:/^[a-z]+$/`, `^[a-z]+$`, `regex: and the delimiters /.../`},
		{`/a|b$/`, `a|b$`, `the delimiters /.../`},
		{`/users/`, `/users/`, ``},
		{`/^a/b$/`, `/^a/b$/`, ``},
		{`/a\$/`, `/a\$/`, ``},
		{`^\x{41}\U0001F600\e\a\h[\h_]\R\N$`, `^\u{41}\u{1F600}\x1b\x07[\t\p{Zs}][\t\p{Zs}_](?:\r\n|[\n-\r\x85\u2028\u2029])[^\n]$`,
			`\x{41} \U0001F600 \e \a \h \R \N`},
		{`([^/:|\000-\037])\0\012[\7]\1`, `([^/:|\x00-\x1f])\0\x0a[\x07]\1`, `\000 \037 \012 \7`},
		{`^\Qa.b\E[\Q^]\E]$`, `^a\.b[\^\]]$`, `\Q...\E`},
		{`\pL\PN\p{^Lu}\p{L&}`, `\p{L}\P{N}\P{Lu}\p{LC}`, `\pL \PN \p{^Lu} \p{L&}`},
		{`\p{IsLatin}\P{Greek}[\p{Han}]\p{IsAlphabetic}\p{LD}\P{LD}`, `\p{Script=Latin}\P{Script=Greek}[\p{Script=Han}]\p{Alphabetic}[\p{L}\p{Nd}][^\p{L}\p{Nd}]`,
			`\p{IsLatin} \P{Greek} \p{Han} \p{IsAlphabetic} \p{LD} \P{LD}`},
		{`\p{XDigit}\P{Graph}`, `[0-9A-Fa-f][\x00- \x7f-\u{10ffff}]`, `\p{XDigit} \P{Graph}`},
		{`\p{Alpha}\p{ASCII}`, `\p{Alpha}\p{ASCII}`, ``},
		{`^[\p{Print}&&[^|:/]]+$`, `^(?:(?=[^|:/])[ -~])+$`, `\p{Print} &&[...]`},
		{`[a&&b]`, `[a&&b]`, ``},
		{`[a&&[b]`, `[a&&[b]`, ``},
		{`^[]a]+[^]]$`, `^[\]a]+[^\]]$`, `a ] that comes first in a class`},
		{`^[]$|^[^]$`, `^[]$|^[^]$`, ``},
		{`^\d{,3}$`, `^\d{0,3}$`, `{,3}`},
		{`a{`, `a{`, ``},
		{`\`, `\`, ``},
		{``, ``, ``},
	} {
		text, foreign, err := Translate(c.source)
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
		}
		if diff := cmp.Diff([]string{c.text, c.foreign}, []string{text, strings.Join(foreign, " ")}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.source, diff)
		}
		if len(c.foreign) > 0 {
			if err := schema.ValidPattern(text); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

func TestNoEqual(t *testing.T) {
	t.Parallel()
	for _, source := range []string{`/^a$/x`, `/^a b$/im`, `#^a#U`} {
		if text, _, err := Translate(source); err == nil {
			t.Errorf("%s is read as %s", source, text)
		}
	}
}

// What is an expression of ECMA-262 stays so, and what was translated needs no
// more of it.
func FuzzTranslate(f *testing.F) {
	for _, s := range []string{`\A[[:alpha:]&&[^a]]\z`, `/^a$/i`, `\Q(\E{,3}+`, `(?>\p{Print})`, `[]a]`, `\p{IsLatin}[\P{L1}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		text, foreign, err := Translate(source)
		if len(foreign) == 0 && text != source {
			t.Fatalf("%q became %q without a reason", source, text)
		}
		if err != nil || len(foreign) == 0 || schema.ValidPattern(text) != nil {
			return
		}
		if again, more, _ := Translate(text); len(more) > 0 {
			t.Fatalf("%q became %q, and that %q for %q", source, text, again, more)
		}
	})
}
