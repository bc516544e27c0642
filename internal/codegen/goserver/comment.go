package goserver

import "strings"

// maxComment bounds the lines of a description that are printed: who writes a
// page reads it in the contract.
const maxComment = 8

// newlines makes of whatever ends a line a newline, and tabs visible.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", "    ")

func commentLines(text string) []string {
	text = newlines.Replace(strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f || r == 0xFEFF {
			return -1
		}
		return r
	}, text)
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	if len(lines) > maxComment {
		lines = append(lines[:maxComment], "(shortened; see the contract)")
	}
	return lines
}

// oneLine is a name of the contract within a comment: nothing keeps line breaks out
// of names.
func oneLine(name string) string { return strings.Join(strings.Fields(name), " ") }

// brief is the beginning of a description: what a field needs that the contract
// says at length.
func brief(text string) []string {
	const most = 3
	lines := commentLines(text)
	for i, line := range lines {
		if i > 0 && line == "" || i == most {
			return lines[:i]
		}
	}
	return lines
}
