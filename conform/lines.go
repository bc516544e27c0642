package conform

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema"
)

// Bodies of which each line, or each event, is a JSON document are checked one
// document after the other. Their violations point into a list of them: /2/id.

// isLines reports the media types with a document a line.
func isLines(media string) bool {
	return slices.Contains([]string{"ndjson", "jsonl", "jsonlines", "json-seq", "stream+json"}, strings.TrimPrefix(strings.TrimPrefix(media, "application/"), "x-"))
}

// mostLine bounds one line, as package wire does.
const mostLine = 16 << 20

// beginning is how much of a stream that was answered is looked at.
const beginning = 64 << 10

// checkedLines reads a body of lines and hands on each once it has been checked.
// At the first that is not as the contract says, reading fails with the answer.
type checkedLines struct {
	io.Closer
	in   *bufio.Reader
	body *Body
	c    *content
	n    int // the line at hand, of those that are not empty
	line []byte
	rest []byte // of the line, not read yet
	err  error
}

// readLines has the lines of a body checked while a handler reads them. Whoever
// only looks has them all.
func (o *Operation) readLines(r *http.Request, found *Checked, c *content, purpose Purpose) error {
	switch purpose {
	case Fill, send:
		found.body.source = &checkedLines{Closer: r.Body, in: bufio.NewReader(r.Body), body: found.body, c: c}
	case look:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		found.add(c.all(body, true, o.mode))
	}
	return nil
}

func (l *checkedLines) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		l.err = l.next()
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// next reads and checks a line; an error comes after the line it leaves.
func (l *checkedLines) next() error {
	l.line = l.line[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		l.line = append(l.line, part...)
		if len(l.line) > mostLine {
			return problem.Malformed.New("a line of the body is too long")
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && err != io.EOF {
			return err
		}
		if text := document(l.line); len(text) > 0 {
			if found := l.c.document(text, l.n, l.body.operation.mode); len(found) > 0 {
				return l.refuse(found)
			}
			l.n++
		}
		l.rest = l.line
		return err
	}
}

func (l *checkedLines) refuse(found []Violation) error {
	c := Checked{operation: l.body.operation}
	c.add(found)
	l.body.broken = found
	return c.Problem()
}

// document is what stands in a line.
func document(line []byte) []byte { return bytes.Trim(line, " \t\r\n\x1e") } // RFC 7464 marks records

// document checks the n-th document of a body.
func (c *content) document(text []byte, n int, mode schema.Mode) []Violation {
	found := c.schema.strict.Validate(text, mode)
	if len(found) > 0 && c.schema.lenient != nil {
		found = c.schema.lenient.Validate(text, mode)
	}
	for i := range found {
		found[i].Pointer = "/" + strconv.Itoa(n) + found[i].Pointer
	}
	return found
}

// all checks the documents of a body that is known from its start. What follows
// the last end of a line counts when it is known in full.
func (c *content) all(body []byte, whole bool, mode schema.Mode) (found []Violation) {
	n := 0
	for line := range bytes.Lines(body) {
		if !whole && line[len(line)-1] != '\n' {
			break
		}
		if text := document(line); len(text) > 0 {
			found = append(found, c.document(text, n, mode)...)
			n++
		}
		if len(found) > 50 {
			break
		}
	}
	return found
}

// data takes the data of each server-sent event (the HTML standard, section 9.2)
// as a line. Of one that has not ended nothing is known.
func data(stream []byte) []byte {
	var out, event []byte
	has := false
	for line := range bytes.Lines(stream) {
		if line[len(line)-1] != '\n' {
			break
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			if has {
				out = append(append(out, event...), '\n')
			}
			event, has = event[:0], false
			continue
		}
		if value, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			event, has = append(append(event, ' '), bytes.TrimPrefix(value, []byte(" "))...), true
		}
	}
	return out
}
