package render

import (
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// around is how many lines are shown above and below the one that is meant.
const around = 2

// maxWidth bounds the length of a line that is shown.
const maxWidth = 160

// line is one line of a file.
type line struct {
	Number int
	Text   string
	// Meant says that the finding is about this line.
	Meant bool
}

// sources reads files once.
type sources struct {
	fs    fs.FS
	files map[string][]string
}

func newSources(f fs.FS) *sources { return &sources{fs: f, files: map[string][]string{}} }

// frame returns the lines around a place; none when it cannot be read.
func (s *sources) frame(pos config.Pos) []line {
	if s.fs == nil || pos.Line == 0 || strings.Contains(pos.File, "://") {
		return nil
	}
	lines := s.lines(pos.File)
	var out []line
	for n := max(1, pos.Line-around); n <= min(len(lines), pos.Line+around); n++ {
		col := 0
		if n == pos.Line {
			col = pos.Col
		}
		out = append(out, line{n, diag.Printable(excerpt(lines[n-1], col)), n == pos.Line})
	}
	return out
}

// excerpt is a line as it is shown: of a long one, such as a document without line
// breaks is, the part around a column, which counts characters from 1.
func excerpt(text string, col int) string {
	text = strings.TrimRight(text, "\r ")
	if len(text) <= maxWidth {
		return strings.ReplaceAll(text, "\t", "  ")
	}
	from := 0 // where the part begins, in bytes
	if skip := col - 1 - maxWidth/4; skip > 0 && col > maxWidth*3/4 {
		for range text {
			if skip == 0 {
				break
			}
			_, size := utf8.DecodeRuneInString(text[from:])
			from += size
			skip--
		}
	}
	part, until := text[from:], 0
	for range maxWidth {
		_, size := utf8.DecodeRuneInString(part[until:])
		until += size
	}
	part = strings.ReplaceAll(part[:until], "\t", "  ")
	if from > 0 {
		part = "... " + part
	}
	if from+until < len(text) {
		part += " ..."
	}
	return part
}

// lines are those of a file; none when it cannot be read.
func (s *sources) lines(name string) []string {
	lines, known := s.files[name]
	if !known && s.fs != nil {
		if data, err := fs.ReadFile(s.fs, name); err == nil {
			lines = strings.Split(string(data), "\n")
		}
		s.files[name] = lines
	}
	return lines
}
