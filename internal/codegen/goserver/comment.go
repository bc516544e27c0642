package goserver

import "strings"

// maxComment bounds the lines of a description that are printed.
const maxComment = 60

func commentLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", "    ").Replace(strings.ToValidUTF8(text, "\uFFFD"))
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
