package ecma262

import (
	"fmt"
	"strings"
)

// undelimited takes the delimiters and flags off an expression as PHP, Perl and
// JavaScript write it in code: /^a$/i. A slash may belong to an expression, so
// they are taken off only where no text at all could match with them: before ^
// or after $.
func undelimited(source string) (inner, flags, delimiters string) {
	if len(source) < 3 || !strings.ContainsRune("/#~@%!", rune(source[0])) {
		return source, "", ""
	}
	end := strings.LastIndexByte(source, source[0])
	if end < 2 {
		return source, "", ""
	}
	inner, flags = source[1:end], source[end+1:]
	if strings.Trim(flags, "imsxuADUXJSgyn") != "" || !anchored(inner) || holds(inner, source[0]) {
		return source, "", ""
	}
	return inner, flags, "the delimiters " + source[:1] + "..." + source[end:]
}

// anchored reports whether an expression begins at the start of the text or ends
// at its end, on the face of it.
func anchored(s string) bool {
	if strings.HasPrefix(s, "^") || strings.HasPrefix(s, `\A`) {
		return true
	}
	for _, last := range []string{"$", `\z`, `\Z`} {
		before, ok := strings.CutSuffix(s, last)
		escapes := len(before) - len(strings.TrimRight(before, `\`))
		if ok && escapes%2 == 0 {
			return true
		}
	}
	return false
}

// holds reports whether a delimiter stands inside an expression without a
// backslash, where it would have ended it.
func holds(s string, delimiter byte) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case delimiter:
			return true
		}
	}
	return false
}

// modified gives an expression the flags that follow PHP's delimiters.
func modified(text, flags string) (string, error) {
	kept := ""
	for _, f := range flags {
		switch f {
		case 'i', 's':
			if !strings.ContainsRune(kept, f) {
				kept += string(f)
			}
		case 'A':
			text = "^(?:" + text + ")"
		case 'm', 'x', 'U', 'X', 'J':
			return text, fmt.Errorf("the flag %c has no equal in a pattern", f)
		}
	}
	if kept != "" {
		text = "(?" + kept + ":" + text + ")"
	}
	return text, nil
}
