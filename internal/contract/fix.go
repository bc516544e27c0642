package contract

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/diag"
)

// Repairs are edits of the text, so that comments, order and style stay. What
// cannot be edited with certainty (a file from a URL, a scalar over several
// lines, an alias) gets no repair: these functions return nil then, which is a
// finding without one.

// editable reports whether a file is the user's own.
func (f *file) editable() bool { return !isURL(f.name) && f.data != nil }

// newline is how the file ends its first line.
func (f *file) newline() string {
	if at := bytes.IndexByte(f.data, '\n'); at > 0 && f.data[at-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// text is the file from an offset on.
func (f *file) text(offset int32) []byte {
	at := int(offset) - f.skipped
	if at < 0 || at > len(f.data) {
		return nil
	}
	return f.data[at:]
}

// width is how many bytes a scalar takes that starts at an offset and reads as
// text or as written; -1 when that is not what stands there.
func (f *file) width(offset int32, texts ...string) int {
	rest := f.text(offset)
	if offset < 0 || len(rest) == 0 {
		return -1
	}
	switch quote := rest[0]; quote {
	case '"', '\'':
		for i := 1; i < len(rest) && rest[i] != '\n'; i++ {
			switch {
			case rest[i] == '\\' && quote == '"':
				i++
			case rest[i] == quote && quote == '\'' && i+1 < len(rest) && rest[i+1] == '\'':
				i++
			case rest[i] == quote:
				return i + 1
			}
		}
		return -1
	}
	for _, text := range texts {
		if text != "" && bytes.HasPrefix(rest, []byte(text)) && !strings.ContainsAny(text, "\n") && ends(rest[len(text):]) {
			return len(text)
		}
	}
	return -1
}

// ends reports whether a plain scalar can end here.
func ends(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t")
	return len(rest) == 0 || slices.Contains([]byte("\r\n,]}:#"), rest[0])
}

// quoted writes text in single quotes or, where that needs care, double ones:
// both readable as YAML, the latter as JSON.
func quoted(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

// rewrite replaces a scalar.
func (f *file) rewrite(summary string, n *node, text string) *diag.Fix {
	width := f.width(n.offset, n.written, n.text)
	if !f.editable() || width < 0 {
		return nil
	}
	return &diag.Fix{Summary: summary, Edits: []diag.Edit{{File: f.name, Offset: int(n.offset), Length: width, Text: text}}}
}

// rename replaces a member's name.
func (n *node) rename(summary string, m *member, name string) *diag.Fix {
	width := n.file.width(m.key.offset, m.name)
	if !n.file.editable() || width < 0 {
		return nil
	}
	if !plainKey.MatchString(name) || n.file.text(m.key.offset)[0] == '"' {
		name = quoted(name)
	}
	return &diag.Fix{Summary: summary, Edits: []diag.Edit{{File: n.file.name, Offset: int(m.key.offset), Length: width, Text: name}}}
}

var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)

// insert adds a member before the first one of a mapping. The value is one line
// of JSON, which is YAML as well.
func (n *node) insert(summary, name, value string) *diag.Fix {
	f := n.file
	if !f.editable() || n.kind != mapNode || len(n.members) == 0 || n.offset < 0 {
		return nil
	}
	first := n.members[0].key
	rest := f.text(n.offset)
	if first.offset < 0 || len(rest) == 0 || f.text(first.offset) == nil {
		return nil
	}
	if strings.HasPrefix(name, "$") || !plainKey.MatchString(name) || f.text(first.offset)[0] == '"' {
		name = quoted(name)
	}
	indent, own := f.indent(first)
	added := name + ": " + value
	switch {
	case rest[0] == '{' && own:
		added += "," + f.newline() + indent
	case rest[0] == '{':
		added += ", "
	case n.offset == first.offset: // block style; the first member may follow "- "
		added += f.newline() + strings.Repeat(" ", int(first.col)-1)
	default:
		return nil
	}
	return &diag.Fix{Summary: summary, Edits: []diag.Edit{{File: f.name, Offset: int(first.offset), Text: added}}}
}

// indent is what stands before a place in its line, and whether that is nothing
// but space.
func (f *file) indent(p place) (string, bool) {
	at := int(p.offset) - f.skipped
	from := bytes.LastIndexByte(f.data[:at], '\n') + 1
	line := string(f.data[from:at])
	return line, strings.TrimLeft(line, " \t") == ""
}

// span replaces all from the start of a member's name to the end of its scalar.
func (n *node) span(summary string, m *member, text string) *diag.Fix {
	width := n.file.width(m.value.offset, m.value.written, m.value.text)
	if !n.file.editable() || width < 0 || m.key.offset < 0 || m.key.offset > m.value.offset {
		return nil
	}
	return &diag.Fix{Summary: summary, Edits: []diag.Edit{{
		File: n.file.name, Offset: int(m.key.offset), Length: int(m.value.offset-m.key.offset) + width, Text: text,
	}}}
}

// flowList replaces a list in brackets that holds no other brackets.
func (f *file) flowList(summary string, n *node, text string) *diag.Fix {
	rest := f.text(n.offset)
	end := bytes.IndexByte(rest, ']')
	if !f.editable() || n.offset < 0 || len(rest) == 0 || rest[0] != '[' || end < 0 || bytes.ContainsAny(rest[1:end], "[#\n") {
		return nil
	}
	return &diag.Fix{Summary: summary, Edits: []diag.Edit{{File: f.name, Offset: int(n.offset), Length: end + 1, Text: text}}}
}

// margin is the space that the line of a place starts with, as far as a member
// beside it needs; "- " counts as two.
func (f *file) margin(n *node) string {
	line, _ := f.indent(n.place)
	word := strings.TrimLeft(line, " -")
	return strings.Repeat(" ", len(line)-len(word))
}

// inFlow reports whether a value stands in brackets or braces in its line.
func (f *file) inFlow(n *node) bool {
	line, _ := f.indent(n.place)
	return strings.ContainsAny(line, "{[") || strings.HasSuffix(f.name, ".json")
}

// insertItem adds an item before the first one of a list, as one line of JSON.
func (n *node) insertItem(summary, item string) *diag.Fix {
	f := n.file
	first := n.items[0]
	if !f.editable() || n.offset < 0 || first.offset < 0 || first.file != f {
		return nil
	}
	line, alone := f.indent(first.place)
	switch rest := f.text(n.offset); {
	case len(rest) == 0:
		return nil
	case rest[0] == '[' && alone:
		item += "," + f.newline() + line
	case rest[0] == '[':
		item += ", "
	case strings.HasSuffix(line, "- "):
		item += f.newline() + strings.Repeat(" ", len(line)-2) + "- "
	default:
		return nil
	}
	return &diag.Fix{Summary: summary, Edits: []diag.Edit{{File: f.name, Offset: int(first.offset), Text: item}}}
}

// quotedIn writes a word as a mapping writes its words.
func quotedIn(n *node, word string) string {
	if len(n.members) > 0 {
		if rest := n.file.text(n.members[0].key.offset); len(rest) > 0 && rest[0] == '"' {
			return quoted(word)
		}
	}
	if plainKey.MatchString(word) {
		return word
	}
	return quoted(word)
}
