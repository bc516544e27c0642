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
	rest, laravel := strings.CutPrefix(source, "regex:") // as its rules have it
	if len(rest) < 3 {
		return source, "", ""
	}
	closing, ok := closings[rest[0]]
	if !ok {
		return source, "", ""
	}
	end := strings.LastIndexByte(rest, closing)
	if end < 2 || rest[0] == '(' && end == len(rest)-1 { // a group
		return source, "", ""
	}
	inner, flags = rest[1:end], rest[end+1:]
	if strings.Trim(flags, "imsxuADUXJSgyn") != "" || !anchored(inner) || rest[0] == closing && holds(inner, closing) {
		return source, "", ""
	}
	delimiters = "the delimiters " + rest[:1] + "..." + rest[end:]
	if laravel {
		delimiters = "regex: and " + delimiters
	}
	return inner, flags, delimiters
}

// closings are the delimiters of PHP that an expression may have, and what ends
// each.
var closings = map[byte]byte{'/': '/', '#': '#', '~': '~', '@': '@', '%': '%', '!': '!', '{': '}', '(': ')', '<': '>'}

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
