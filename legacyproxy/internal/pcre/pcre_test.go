package pcre

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// patterns are what people write who know PHP, and what is read of them.
var patterns = []string{
	`/^E_(\d+)$/i`, `~^e_\d+$~`, `#\bFatal error\b#i`, `%a.c%s`, `@^a@m`, `!b$!mi`, `/^ok$/D`, `/b/A`, `/a+/U`, `/a/Su`, `|^x|i`, "`y$`",
	`^E_(\d+)$`, `(?i)<b>(warning|fatal error)</b>`, `^\s*(false|null)\s*$`, `^\s*$`, `a$`, `a$|b`, `(a$)?`, `(?m)^(a|b)$`, `(?m)^\s*b`, `(?m)a$`, `(?m:a$)b?$`, `a\z`, `a\Z`, `^a\Z`,
	`\h`, `\H\H\H`, `[\h]x`, `\v`, `[\v]`, `\V{2}`, `[^\v]`, `\N+`, `\e`, `[\e]`, `a\sb`, `a\Sb`, `[\s]b`, `[^\s]b`, `[\S]b`, `[\b]`, `[-[:digit:]]x`,
	`[[:alpha:]]+[[:^digit:]]$`, `[[:space:]]b`, `[]a]+`, `[^]a]+`, `[[a]+`, `[a-z&&[^b]]`, `[[:a]`,
	`\Qa.b\E$`, `\Q(`, `[\Q^]\E]`, `\x41`, `\x{41}+`, `\x{e9}`, `\p{L}+`, `\pL`, `\PN+`, `\p{Lu}{2}`, `\012`, `\0`,
	`(?#why)a`, `(?<n>a)b`, `(?P<n>a)b`, `(?'n'a)b`, `(?:a|b)+?$`, `(?i:A)b`, `(?U)a+`, `a{2}`, `a{2,}?`, `a{`, `a{x}`, `a}`,
	`a|`, `\_\-\/\#`, `\.php:\d+`, `a.c`, `(?s)a.c`, `\A\w+\z`, `\Bb`, `\D\W`,
}

var texts = []string{
	"", "\n", "a", "a\n", "a\n\n", "a\nb", "b", "b\n", "ab", "aab", "abb", "a b", "a\tb", "a\vb", "a\fb", "a\rb", "a\r\nb", "abc", "a.b", "a-b", "+", "-x", "5x", "[a]", "]", "^",
	"E_42", "e_42", "E_42\n", "xE_42", "ok", "ok\n", "false", "false\n", " null \n\n", "Fatal error: x", "<b>Fatal Error</b>", "PHP FATAL ERROR", "a.php:12", "(", "A", "AA", "é", "Éa", "\x1b", "\x08", "\x01", "\x00",
	"a{", "a{x}", "a}", "b]", "_-/#", "[:", "y", "x", "X",
}

// What is read means what PHP means: preg_match is asked.
func TestAsPHP(t *testing.T) {
	t.Parallel()
	type question struct{ Pattern, Text string }
	var asked []question
	var ours []bool
	for _, p := range patterns {
		re, err := Compile(p)
		if err != nil {
			t.Errorf("%s: %v", p, err)
			continue
		}
		written, bytewise := p, false
		if _, _, delimited := undelimited(p); !delimited { // PHP wants them
			tr := translator{src: p}
			_, _ = tr.translate()
			if written = "\x01" + p + "\x01"; tr.ascii == "" {
				written += "u"
			} else {
				bytewise = true
			}
		}
		for _, text := range texts {
			if bytewise && strings.ContainsAny(text, "éÉ") {
				continue // half of one is a character to PHP then
			}
			asked = append(asked, question{written, text})
			ours = append(ours, re.MatchString(text))
		}
	}
	for i, theirs := range php(t, asked) {
		want := 0
		if ours[i] {
			want = 1
		}
		if theirs != want {
			t.Errorf("%q on %q: PHP says %d, here %d", asked[i].Pattern, asked[i].Text, theirs, want)
		}
	}
}

// php asks PHP: 1 for a match, 0 for none, -1 for a pattern that it refuses.
func php(t *testing.T, questions any) []int {
	t.Helper()
	if _, err := exec.LookPath("php"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("php is not installed")
		}
		t.Skip("php is not installed")
	}
	in, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("php", "-r", `foreach (json_decode(stream_get_contents(STDIN), true) as $q) { $m = @preg_match($q["Pattern"], $q["Text"]); $out[] = $m === false ? -1 : $m; } echo json_encode($out);`)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []int
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return answers
}

// What cannot be had is refused with what to write instead, and that is read.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, reason, repair string
		instead                 []string
	}{
		{`/not found/`, "delimiters", "delimiters", []string{"not found", "(?:/)not found/"}},
		{`|a|`, "delimiters", "delimiters", []string{"a", `(?:\|)a\|`}},
		{`^a++b`, "possessive quantifiers", "linear", []string{"^a+b"}},
		{`(?>ab|a)c`, "atomic groups", "linear", []string{"(?:ab|a)c"}},
		{`^(?!ok)`, "looking ahead", "two rules", nil},
		{`a(?=b)`, "looking ahead", "in the pattern itself", nil},
		{`(?<=a)b`, "looking behind", "in the pattern itself", nil},
		{`(?<!x)a`, "looking behind", "two rules", nil},
		{`(a)\1`, `references back to a group such as \1`, "write out", nil},
		{`(?<n>a)\k<n>`, "references back", "write out", nil},
		{`/a b/x`, "flag x", "without x", nil},
		{`/\w/u`, `\w`, "leave out u", nil},
		{`/[[:alpha:]]/u`, "[:alpha:]", "leave out u", nil},
		{`(?x)a`, "group", "write (?:...)", nil},
		{`a{,3}`, "{,n}", "{0,n}", nil},
		{`a{1,2000}`, "repeat", "1000", nil},
		{`[a`, "class", "add the ]", nil},
		{`a\`, "backslash", `\\`, nil},
		{`(a`, "missing", "backslash", nil},
		{`*a`, "missing", "backslash", nil},
		{`\y`, `\y`, "leave out the backslash", nil},
		{`\p{IsGreek}`, "IsGreek", `\p{Greek}`, nil},
		{`a\Kb`, `\K`, "leave it out", nil},
		{`\R`, `\R`, `\r?\n`, nil},
		{`a$b`, "something follows", "(?m)", nil},
		{`(a$)\n`, "something follows", "(?m)", nil},
		{`a\Zb`, "something follows", "(?m)", nil},
		{`/a\Z/D`, "flag D", `\n?\z`, nil},
		{`(?m)^\s*$`, "beginning of each line", `\A\s*\z`, nil},
		{`/^/m`, "beginning of each line", `\A\s*\z`, nil},
		{`x[:alpha:]`, "in no class", "write", []string{"[[:alpha:]]"}},
		{`/^)(a/i`, "unexpected )", "backslash", nil},
		{`(?R)`, "(?R", "plain group", nil},
	} {
		re, err := Compile(c.pattern)
		var refused *Refused
		if !errors.As(err, &refused) {
			t.Errorf("%s is read as %v (%v)", c.pattern, re, err)
			continue
		}
		if !strings.Contains(refused.Reason, c.reason) || !strings.Contains(refused.Repair, c.repair) {
			t.Errorf("%s: %s (%s)", c.pattern, refused.Reason, refused.Repair)
		}
		for _, text := range c.instead {
			if _, err := Compile(text); err != nil || !strings.Contains(refused.Repair, "`"+text+"`") {
				t.Errorf("%s: to write %s: %v (%s)", c.pattern, text, err, refused.Repair)
			}
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, p := range patterns {
		f.Add(p)
	}
	f.Add("(*")
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 200 {
			return
		}
		re, err := Compile(source)
		if err != nil {
			var refused *Refused
			if !errors.As(err, &refused) || refused.Reason == "" {
				t.Fatalf("%q: %v", source, err)
			}
			return
		}
		re.MatchString(source)
	})
}
