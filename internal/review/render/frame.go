package render

import (
	"io/fs"
	"strings"

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
		text := strings.TrimRight(strings.ReplaceAll(lines[n-1], "\t", "  "), "\r ")
		if r := []rune(text); len(r) > maxWidth {
			text = string(r[:maxWidth]) + " ..."
		}
		out = append(out, line{n, diag.Printable(text), n == pos.Line})
	}
	return out
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
