// Package patterns holds what contracts read into patterns of PHP against PHP.
package patterns

import (
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/internal/ecma262"
	"github.com/banyan-go/banyan/schema"
)

// preg answers on standard output, for each expression and each text, whether
// preg_match finds it; null for an expression that PCRE does not take.
const preg = `
$in = json_decode(stream_get_contents(STDIN), true);
$out = [];
foreach ($in["patterns"] as $p) {
	$row = [];
	foreach ($in["texts"] as $t) { $r = @preg_match($p, $t); $row[] = $r === false ? null : $r === 1; }
	$out[] = $row;
}
echo json_encode($out);`

// Expressions that PHP takes, between ~ and ~D unless they have delimiters; with
// the flag u as well where they need it.
var expressions = []string{
	`\A[a-z]+\z`, `\A\d{2}\z|x`, `^[[:alpha:]]+$`, `^[[:^alpha:]]+$`, `^[[:punct:][:digit:]]+$`, `^[^[:space:][:upper:]]+$`, `[[:xdigit:]]{4}`, `^[[:word:]]+$`,
	`^[[:graph:]]+$`, `^[[:print:]]+$`, `^[[:cntrl:]]+$`, `^[[:blank:]a]+$`, `^[[:alnum:]]*$`, `^[[:lower:]]+$`, `^[[:^punct:]]+$`, `^[[:^xdigit:]]+$`, `^[[:ascii:]]+$`,
	`^[[:^graph:]]+$`, `^[[:^alnum:]]+$`, `^[[:^lower:]]+$`, `^[[:^upper:]]+$`, `^[[:^space:]]+$`, `^[[:^print:]]+$`, `^[[:^blank:]]+$`, `^[[:^ascii:]]+$`, `^[[:^cntrl:]]+$`,
	`^[a-z]++\d*+$`, `^(?>[a-z]+)$`, `^(?#a comment)a+$`, `^(?P<n>a)(?P=n)$`, `^(?'n'a)\k'n'$`, `^(a)\g1$`, `^(a)\g{1}\g1$`, `^(?<n>a)\k{n}$`,
	`/^[a-z]+$/`, `/^[a-z]+$/i`, `#^[a-z/]+$#D`, `/\A[a-z\/]+\z/u`, `~^.+$~s`, `@^[A-Z]+$@i`, `!a$!A`, `{^a{2}$}`, `(^a$)i`, `<^[a-z]$>`,
	`/^[[:alpha:]]+$/u`, `/^[[:^alnum:]_]+$/u`, `/^[[:punct:]]+$/u`, `/^[[:space:]]$/u`, `/^[[:upper:]][[:lower:]]*$/u`, `/^[[:graph:]]+$/u`, `/^[[:print:]]+$/u`,
	`/^[[:^graph:]]+$/u`, `/^[[:^print:]]+$/u`, `/^[[:digit:]]+$/u`, `/^[[:word:]]+$/u`, `/^[[:^blank:]]+$/u`, `/^\w+$/u`, `/^\W+$/u`, `/^[\w\d]+$/u`, `/^\d$/u`, `/^[\s\w]+$/u`,
	`^[\000-\037]+$`, `^\011$`, `^[\7a]$`,
	`^\x{e9}$`, `^\e|\a$`, `^\h+$`, `^a\hb$`, `^[\h]+$`, `^\H+$`, `^a\Rb$`, `^\N+$`, `^\Qa.b\E$`, `^[\Q^]\E]+$`,
	`^\pL+$`, `^\PL+$`, `^\p{^Lu}+$`, `^\p{L&}+$`, `^\p{Greek}+$`, `^[\P{Latin}]+$`, `^\p{Xan}+$`, `^[]a]+$`, `^[^]]+$`, `^[]a-z]+$`,
}

var texts = []string{
	"", "a", "aa", "aaa", "abc", "ABC", "aBc", "a1", "12", "1a", "x", "a b", "a\tb", "a\nb", "a\r\nb", " ", "\t", "\n", "\x07", "\x1b", "\x7f", "é", "É", "αβ", "αb", "日本", "a.b", "axb",
	"!\"#$%", "~`", "a/b", "/a/", "]", "]a", "^]", "[", "\\", "BEEF", "beef", "face1", "a_b", "-", "٣", "\u00a0", "\u3000", "a\u0085b", "a\u2028b", "//", "#a#",
}

var unicode = regexp.MustCompile(`\\(x\{|[pPhHR])`)

func TestPHPAgrees(t *testing.T) {
	t.Parallel()
	php := needs.Program(t, "php", "php-cli")
	var in struct {
		Patterns []string `json:"patterns"`
		Texts    []string `json:"texts"`
	}
	in.Texts = texts
	for _, e := range expressions {
		if !strings.ContainsAny(e[:1], "/#~@!{<") && e != `(^a$)i` {
			u := ""
			if unicode.MatchString(e) {
				u = "u"
			}
			e = "~" + e + "~D" + u
		}
		in.Patterns = append(in.Patterns, e)
	}
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(php, "-n", "-r", preg)
	cmd.Stdin = strings.NewReader(string(data))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [][]*bool
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for i, e := range expressions {
		text, _, err := ecma262.Translate(e)
		if err != nil {
			t.Errorf("%s: %v", e, err)
			continue
		}
		quoted, _ := json.Marshal(text)
		doc, err := schema.Load([]byte(`{"pattern":`+string(quoted)+`}`), schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := doc.Compile("")
		if err != nil {
			t.Errorf("%s, read as %s: %v", e, text, err)
			continue
		}
		for j, subject := range texts {
			if want[i][j] == nil {
				t.Errorf("%s: PHP does not take it", in.Patterns[i])
				break
			}
			if strings.Contains(e, `\s`) && strings.ContainsRune(subject, '\u0085') {
				continue // white space for PCRE and not for ECMA 262, which has \s, too
			}
			value, _ := json.Marshal(subject)
			if got := len(s.Validate(value, schema.Request)) == 0; got != *want[i][j] {
				t.Errorf("%s, read as %s, on %q: got %t, PHP says %t", e, text, subject, got, *want[i][j])
			}
		}
	}
}
