// Package term is what the command knows about the terminal it talks to:
// colours, width, progress and tables. Away from a terminal everything is
// plain text without cut-off cells.
package term

import (
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// Writer is one output stream.
type Writer struct {
	io.Writer
	terminal bool
	colour   bool
	width    func() int

	mu     sync.Mutex // of what is written
	failed error
}

// Write implements io.Writer. It is safe for concurrent use.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.Writer.Write(p)
	if err != nil && w.failed == nil {
		w.failed = err
	}
	return n, err
}

// Failed is the first error of writing, which few who print look at.
func (w *Writer) Failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// Terminal returns w as a terminal of that width without colours, whatever it
// is: for what only people see.
func Terminal(w io.Writer, width int) *Writer {
	return &Writer{Writer: w, terminal: true, width: func() int { return width }}
}

// New returns w as a stream of the command. Only an *os.File can be a terminal.
func New(w io.Writer) *Writer {
	t := &Writer{Writer: w, width: func() int { return 0 }}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return t
	}
	t.terminal = true
	// https://no-color.org: any value but the empty one.
	t.colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	t.width = func() int {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 0
		}
		return width
	}
	return t
}

// Terminal reports whether a person may be watching.
func (w *Writer) Terminal() bool { return w.terminal }

// Colour reports whether colours are on.
func (w *Writer) Colour() bool { return w.colour }

// Width is the terminal's width in columns, 0 when it has none.
func (w *Writer) Width() int { return w.width() }

// Red, Yellow, Green, Bold and Dim return s in that style where colours are on.
func (w *Writer) Red(s string) string    { return w.style("31", s) }
func (w *Writer) Yellow(s string) string { return w.style("33", s) }
func (w *Writer) Green(s string) string  { return w.style("32", s) }
func (w *Writer) Bold(s string) string   { return w.style("1", s) }
func (w *Writer) Dim(s string) string    { return w.style("2", s) }

func (w *Writer) style(code, s string) string {
	if !w.colour || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
