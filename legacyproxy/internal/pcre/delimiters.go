package pcre

import (
	"fmt"
	"regexp/syntax"
	"strings"
)

// delimiters are those of PHP's that are used in practice. Brackets, quotes and
// commas would be, too; what stands between them is a group, HTML or JSON.
const delimiters = "/#~%@!|`"

// undelimited takes the delimiters and flags of PHP's off an expression.
func undelimited(source string) (inner, flags string, delimited bool) {
	text := strings.TrimSpace(source)
	if len(text) < 3 || strings.IndexByte(delimiters, text[0]) < 0 {
		return source, "", false
	}
	delimiter := text[0]
	end := strings.LastIndexByte(text, delimiter)
	if end < 2 {
		return source, "", false
	}
	inner, flags = text[1:end], text[end+1:]
	if strings.Trim(flags, "imsxuADUXJSn") != "" {
		return source, "", false
	}
	// A delimiter inside would have ended the expression; as the delimiter it has
	// a backslash there that the expression does not need.
	for i := 0; i < len(inner); i++ {
		switch inner[i] {
		case '\\':
			i++
		case delimiter:
			return source, "", false
		}
	}
	return inner, flags, true
}

// anchored reports whether an expression begins at the start of the text or ends
// at its end: with a delimiter in front or behind it could never match.
func anchored(s string) bool {
	if strings.HasPrefix(s, "^") || strings.HasPrefix(s, `\A`) {
		return true
	}
	for _, last := range []string{"$", `\z`, `\Z`} {
		before, ok := strings.CutSuffix(s, last)
		if ok && (len(before)-len(strings.TrimRight(before, `\`)))%2 == 0 {
			return true
		}
	}
	return false
}

// ambiguous refuses an expression between two delimiters that may stand for
// themselves, such as /users/.
func ambiguous(source, inner string) error {
	source = strings.TrimSpace(source)
	d := source[:1]
	itself := d
	if d == "|" {
		itself = `\|`
	}
	return &Refused{
		Reason: fmt.Sprintf("the pattern stands between two %s, which are PHP's delimiters or a part of the text", d),
		Repair: fmt.Sprintf("write `%s` when they are delimiters, and `(?:%s)%s%s` when they are part of the text", inner, itself, inner, itself),
	}
}

// options are the flags behind PHP's delimiters, for what was translated.
func options(flags string, t *translator) (syntax.Flags, error) {
	o := syntax.Perl
	for _, f := range flags {
		switch f {
		case 'i':
			o |= syntax.FoldCase
		case 's':
			o |= syntax.DotNL
		case 'm':
			o &^= syntax.OneLine
		case 'U':
			o |= syntax.NonGreedy
		case 'u':
			if t.ascii != "" {
				return 0, &Refused{
					Reason: fmt.Sprintf("under the flag u %s is about all of Unicode, which it cannot be here", t.ascii),
					Repair: `leave out u where ASCII is meant, or name what is meant: \p{L} for letters, \p{N} for digits`,
				}
			}
		case 'D':
			if t.finalLine {
				return 0, &Refused{Reason: `\Z beside the flag D is not known`, Repair: `write \n?\z for \Z`}
			}
		case 'x':
			return 0, &Refused{Reason: "the flag x, which makes spaces mean nothing, is not known", Repair: "write the pattern without x, and without the spaces and comments in it"}
		case 'J':
			return 0, &Refused{Reason: "the flag J is not known", Repair: "leave it out, and the names of groups"}
		}
	}
	return o, nil
}
