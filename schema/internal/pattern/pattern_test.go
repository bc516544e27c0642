package pattern

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source  string
		matches []string
		not     []string
	}{
		{`^[A-Z]{3}-[0-9]{4,8}$`, []string{"SCR-40040", "ABC-1234"}, []string{"SCR40040", "ABC-123", "ABC-123456789", "xABC-1234", "ABC-1234\n", ""}},
		{`a`, []string{"a", "bab", "éa"}, []string{"", "b"}},
		{``, []string{"", "x"}, nil},
		{`^$`, []string{""}, []string{"x"}},
		{`$`, []string{"", "x"}, nil},
		{`^.$`, []string{"x", "é", "🐲"}, []string{"\n", "\u2028", "xy"}},
		{`^🐲*$`, []string{"", "🐲🐲"}, []string{"🐉", "D"}},
		{`^\cC$`, []string{"\x03"}, []string{`\cC`}},
		{`^\s$`, []string{" ", "\t", "\v", "\u00a0", "\ufeff", "\u2029", "\u2003"}, []string{"\x01", "\u2013"}},
		{`^\S$`, []string{"\x01", "\u2013"}, []string{" ", "\t", "\v", "\u00a0", "\ufeff", "\u2029", "\u2003"}},
		{`^[^\S]$`, []string{" ", "\ufeff"}, []string{"x"}},
		{`^\d\D\w\W$`, []string{"1xa-", "1éaé"}, []string{"߀xa-", "1xé-"}},
		{`\p{Letter}cole`, []string{"l'école", "l'ecole"}, []string{"L'ÉCOLE"}},
		{`^\p{digit}+$`, []string{"42", "৪২"}, []string{"-%#"}},
		{`^\p{Alphabetic}\P{Alpha}[\p{Lower}\P{Lowercase}]$`, []string{"ⅷ1a", "\u0345-A"}, []string{"11a", "aaa"}},
		{`^[\p{Hex_Digit}\p{White_Space}][^\p{AHex}]\p{Any}$`, []string{"ａx\n", "\u00a0Ａé"}, []string{"gxx", "aax"}},
		{`^\P{Any}?x$`, []string{"x"}, []string{"ax"}},
		{`^\p{Script=Greek}\P{L}$`, []string{"α1"}, []string{"a1", "αβ"}},
		{`^[\w.+-]+@[\w-]+\.[\w.-]+$`, []string{"a.b+c@example.com"}, []string{"a b@example.com", "a@b"}},
		{`^(foo|bar(baz)?)+$`, []string{"foo", "barbazfoo"}, []string{"", "baz"}},
		{`^a{2}{`, []string{"aa{"}, []string{"aa"}},
		{`^x{,3}$`, []string{"x{,3}"}, []string{"xxx"}},
		{`^[]$|^[^]$`, []string{"x", "\n"}, []string{""}},
		{`^[a\-z\]\\^]+$`, []string{`a-z]\^`}, []string{"b"}},
		{`^[+--/]$`, []string{"+", ",", "-", "/"}, []string{"."}},
		{`^\u{1F409}\uD83D\uDC32\x41\u0042\/\-$`, []string{"🐉🐲AB/-"}, nil},
		{`\bcat\b`, []string{"a cat sat"}, []string{"concatenate"}},
		{`^(?=.*[A-Z])(?=.*\d)(?!.*\s).{8,}$`, []string{"Passw0rd", "1234567É8A"}, []string{"password", "Passw0r", "Pass w0rd"}},
		{`^(?!foo$|bar$)[a-z]+$`, []string{"food"}, []string{"foo", "bar", "1"}},
		{`^(?!admin)\w+|x$`, []string{"user", "adminx"}, []string{"admin"}},
		{`^(?:(?!ab).)*$`, []string{"ba", "\u00e9"}, []string{"xaby"}},
		{`(?<=\$)\d+(?<!0)$`, []string{"a $15"}, []string{"15", "$10"}},
		{`^(a+)-\1$`, []string{"aa-aa"}, []string{"aa-a"}},
		{`^(?<q>['"]).*\k<q>$`, []string{`'x'`, `"x"`}, []string{`'x"`}},
		{`(?i)^stra(ss|ß)e$`, []string{"STRASSE", "straße"}, []string{"strase"}},
		{`^[\u0020-\uD7FF\uD800\uDBFF-\uDC00\uDFFF]+$`, []string{"a é"}, []string{"\t", "🐲", ""}},
		{`^(\uD800|a)$`, []string{"a"}, []string{"\ufffd"}},
		{`^(?s:a.)b.$`, []string{"a\nbx"}, []string{"axb\n"}},
		{`^(a(?s)b.).$`, []string{"ab\nx"}, []string{"abx\n"}},
		{`^[a-z0-9]{1,255}$`, []string{strings.Repeat("a", 255)}, []string{strings.Repeat("a", 256), ""}},
		{`^.{1,5000}$`, []string{strings.Repeat("a", 5000)}, []string{strings.Repeat("a", 5001), ""}},
		{`^\p{L}[\p{L}\p{Mn}\p{Pd}'’ ]{0,60}$`, []string{"Zoë d'Été", "Łódź"}, []string{"-x", "a1"}},
		{`\.`, []string{"a.b"}, []string{"ab"}},
		{"^\t\\\"\\'\\@ #$", []string{"\t\"'@ #"}, nil},
	} {
		p, err := Compile(c.source, Options{})
		if err != nil {
			t.Errorf("Compile(%q): %v", c.source, err)
			continue
		}
		for want, texts := range map[bool][]string{true: c.matches, false: c.not} {
			for _, text := range texts {
				if got, err := p.Match([]byte(text)); got != want || err != nil {
					t.Errorf("%q matches %.40q: %v, %v", c.source, text, got, err)
				}
			}
		}
	}
}

func TestEngines(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`^[A-Z]{3}-[0-9]{4,8}$`:              "table",
		`^[a-z0-9-]+$`:                       "table",
		`^(?=.*[A-Z])(?=.*\d)(?!.*\s).{8,}$`: "table",
		`^\p{L}+$`:                           "table",
		`^(https?|ftp)://[^\s/$.?#].[^\s]*$`: "table",
		`\bword\b`:                           "regexp",
		`^.{0,900}[a-f].{20}$`:               "regexp",
		`^(?:(?!ab).)*$`:                     "backtracking",
		`^(a)\1$`:                            "backtracking",
		`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`: "table",
	} {
		p, err := Compile(source, Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := "backtracking"
		if p.slow == nil {
			got = "table"
			for _, part := range p.parts {
				if part.table == nil {
					got = "regexp"
				}
			}
		}
		if got != want {
			t.Errorf("%s uses %s, want %s", source, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`(`:                      "not closed",
		`)`:                      "unmatched )",
		`[a`:                     "class is not closed",
		`[z-a]`:                  "out of order",
		`*a`:                     "nothing to repeat",
		`a{2,1}`:                 "out of order",
		`^+`:                     "nothing to repeat",
		`\`:                      "backslash at the end",
		`^\S(|(.|\n)*\S)\Z`:      `\Z does not exist`,
		`\a`:                     `\a does not exist`,
		`\2(a)`:                  "group 2",
		`\k<x>`:                  "does not have",
		`\p{Nope}`:               "unknown Unicode property",
		`\u12`:                   "four hexadecimal",
		`(?<x`:                   "not closed",
		`(?#c)`:                  "unknown kind",
		"\xff":                   "UTF-8",
		strings.Repeat("(", 300): "too deeply",
	} {
		if _, err := Compile(source, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Compile(%q): %v, want %q", source, err, want)
		}
	}
	if _, err := Compile(`(a)\1`, Options{RefuseBacktracking: true}); !errors.Is(err, ErrBacktracking) {
		t.Errorf("refused back reference: %v", err)
	}
}

// Catastrophic for a backtracking engine; linear here, or stopped in time.
func TestCatastrophes(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat("a", 30000) + "!")
	for _, source := range []string{`^(a+)+$`, `^(a|aa)+$`, `^(a*)*b`, `(x+x+)+y`, `^(([a-z])+.)+[A-Z]([a-z])+$`} {
		p, err := Compile(source, Options{})
		if err != nil || p.Backtracks() {
			t.Fatal(source, err)
		}
		if ok, _ := p.Match(text); ok {
			t.Errorf("%s matches", source)
		}
	}
	p, err := Compile(`^(a+)+(?!\w)$`, Options{Time: 20 * time.Millisecond})
	if err != nil || !p.Backtracks() {
		t.Fatal(err)
	}
	if _, err := p.Match(text); !errors.Is(err, ErrTime) {
		t.Errorf("backtracking was not stopped: %v", err)
	}
	if _, err := p.Match(make([]byte, maxBacktracked+1)); !errors.Is(err, ErrTime) {
		t.Errorf("a long text was given to the backtracking engine: %v", err)
	}
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{`^a*$`, `(a|b){2,3}c?`, `[^x-z]\d`, `^(?=a)b`, `\bx`, `^(?!a|b)..$`, `$^`, `a$b|^`, `(?i)k`, `\p{L}|\s`} {
		f.Add(s, "aabbc")
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		if len(source) > 60 || len(text) > 60 || !utf8.ValidString(text) {
			return
		}
		p, err := Compile(source, Options{Time: 5 * time.Millisecond})
		if err != nil {
			return
		}
		got, err := p.Match([]byte(text))
		if err != nil || p.slow != nil {
			return
		}
		tr, err := translate(source)
		if err != nil {
			t.Fatal(err)
		}
		want := true
		for _, piece := range tr.pieces {
			want = want && regexp.MustCompile(piece.re2).MatchString(text) != piece.negated
		}
		if got != want {
			t.Fatalf("%q on %q: %v, regexp says %v", source, text, got, want)
		}
		if len(tr.pieces) > 1 { // the split look-aheads mean what the whole means
			slow, err := Compile(source+`(?<=)`, Options{Time: 50 * time.Millisecond})
			if err != nil {
				return
			}
			if ok, err := slow.Match([]byte(text)); err == nil && ok != got {
				t.Fatalf("%q on %q: %v, the backtracking engine says %v", source, text, got, ok)
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	p, _ := Compile(`^[A-Z]{3}-[0-9]{4,8}$`, Options{})
	text := []byte("SCR-40040")
	b.ReportAllocs()
	for b.Loop() {
		p.Match(text)
	}
}
