package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// Limits of all files of one contract together.
const (
	maxFiles      = 20_000
	maxTotalBytes = 128 << 20
)

// file is one source file of a contract.
type file struct {
	// name is relative to the workspace with forward slashes, or a URL.
	name string
	root *node // nil when the file could not be read
	list *diag.List
	// data is the file without its byte order mark, which has skipped bytes.
	data    []byte
	skipped int
	// origins are the other files that a text which stands in for this one was made
	// from.
	origins []string
	// zeroFirst are its numbers that begin with a zero.
	zeroFirst []*node
}

func (f *file) fault(rule string, pos config.Pos, message, hint string) {
	f.list.Add(rule, pos, message, hint)
}

// files reads the source files of a contract, each once.
type files struct {
	fsys   fs.FS
	remote *remote
	byName map[string]*file
	given  map[string]Text // what need not be read, by name
	bytes  int
	list   *diag.List
}

// Text is what stands in for a file.
type Text struct {
	Data []byte
	// Place is nil where Data is written as the file is, and has its lines and columns.
	// Otherwise Data is YAML that was made from the file and from those that it refers
	// to, and Place returns where that comes from which stands at a line and a column of
	// Data.
	Place func(line, col int) config.Pos
}

// relocate gives all nodes the places of what they come from.
func (f *file) relocate(n *node, to func(line, col int) config.Pos) {
	if n == nil {
		return
	}
	move := func(p *place) {
		at := to(int(p.line), int(p.col))
		*p = place{int32(at.Line), int32(at.Col), f.origin(at.File)}
	}
	move(&n.place)
	for i := range n.members {
		move(&n.members[i].key)
		f.relocate(n.members[i].value, to)
	}
	for _, item := range n.items {
		f.relocate(item, to)
	}
}

// origin is what the offset of a place says of the file that it is in.
func (f *file) origin(name string) int32 {
	if name == f.name {
		return -1
	}
	i := slices.Index(f.origins, name)
	if i < 0 {
		i = len(f.origins)
		f.origins = append(f.origins, name)
	}
	return int32(-2 - i)
}

// duplicate reports that n has a member m beside one of the same name. Two that
// say the same do no harm.
func (f *file) duplicate(n *node, first int, m member) {
	before := n.members[first]
	hint := fmt.Sprintf("it stands in line %d already", before.key.line)
	if sameNode(before.value, m.value) {
		f.list.Warn(ruleDuplicateKey, f.at(m.key), fmt.Sprintf("duplicate key %q, with the same value", m.name), hint)
		return
	}
	f.fault(ruleDuplicateKey, f.at(m.key), fmt.Sprintf("duplicate key %q", m.name), hint)
}

func newFiles(fsys fs.FS, r *remote, list *diag.List) *files {
	return &files{fsys: fsys, remote: r, byName: map[string]*file{}, list: list}
}

// load returns the file of that name. Its own faults go to the list; an error
// means that there is no such file to be had, and says why.
func (s *files) load(name string) (*file, error) {
	if f, ok := s.byName[name]; ok {
		return f, nil
	}
	if len(s.byName) >= maxFiles {
		return nil, fmt.Errorf("the contract has more than %d files", maxFiles)
	}
	data, err := s.read(name)
	if err != nil {
		return nil, err
	}
	if s.bytes += len(data); s.bytes > maxTotalBytes {
		return nil, fmt.Errorf("the contract's files have more than %d MiB together", maxTotalBytes>>20)
	}
	f := &file{name: name, list: s.list}
	s.byName[name] = f
	if text := s.given[name]; text.Place != nil {
		f.data = data
		f.root = parseYAML(f, data)
		f.relocate(f.root, text.Place)
		f.data = nil // what is at an offset, nobody can tell
		return f, nil
	}
	f.root = parse(f, data)
	return f, nil
}

func (s *files) read(name string) ([]byte, error) {
	if text := s.given[name]; text.Data != nil {
		return text.Data, nil
	}
	if isURL(name) {
		return s.remote.read(name)
	}
	return readFile(s.fsys, name, maxFileBytes)
}

// readFile reads a file of at most limit bytes. Its errors name no folder of
// the machine.
func readFile(fsys fs.FS, name string, limit int) ([]byte, error) {
	if err := config.Regular(fsys, name); err != nil {
		return nil, plain(err)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, plain(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, plain(err)
	case info.Size() > int64(limit):
		return nil, tooBig(limit)
	}
	var text bytes.Buffer
	if size := info.Size(); size > 0 {
		text.Grow(int(size) + bytes.MinRead)
	}
	if _, err := text.ReadFrom(io.LimitReader(f, int64(limit)+1)); err != nil {
		return nil, plain(err)
	}
	data := text.Bytes()
	if len(data) > limit {
		return nil, tooBig(limit)
	}
	return data, nil
}

func tooBig(limit int) error {
	return fmt.Errorf("it has more than the %d MiB allowed", limit>>20)
}

var errNoFile = errors.New("there is no such file")

// hint suggests a file of the same folder for one that is missing.
func (s *files) hint(name string, err error) string {
	if !errors.Is(err, errNoFile) {
		return ""
	}
	entries, err := fs.ReadDir(s.fsys, path.Dir(name))
	if err != nil {
		return ""
	}
	var names []string
	for _, e := range entries {
		if e.Name() != path.Base(name) { // a symbolic link that leads nowhere
			names = append(names, e.Name())
		}
	}
	if near, ok := config.Nearest(path.Base(name), names); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// plain leaves the folder out of an error of the file system.
func plain(err error) error {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errNoFile
	case errors.As(err, &pe) && strings.Contains(pe.Err.Error(), "escapes"):
		return errors.New("a symbolic link leads out of the workspace")
	case errors.As(err, &pe):
		return pe.Err
	}
	return err
}

var bom = []byte("\ufeff")

// parse reads JSON where the file says or looks so, and YAML otherwise.
func parse(f *file, data []byte) *node {
	whole := len(data)
	data = bytes.TrimPrefix(data, bom)
	f.data, f.skipped = data, whole-len(data)
	if at := invalidUTF8(data); at >= 0 {
		p := jsonParser{file: f, data: data, lines: lineStarts(data)}
		f.fault(ruleSyntax, f.at(p.place(at)), "the file is not valid UTF-8", "save it as UTF-8")
		return nil
	}
	ext := strings.ToLower(path.Ext(f.name))
	switch {
	case ext == ".json":
		return parseJSON(f, data)
	case ext == ".md" || ext == ".txt": // the text itself, for descriptions
		return &node{kind: stringNode, text: string(data), file: f, place: place{1, 1, int32(f.skipped)}}
	case len(bytes.TrimLeft(data, " \t\r\n")) > 0 && bytes.TrimLeft(data, " \t\r\n")[0] == '{':
		var faults diag.List // JSON under another name; YAML's flow style otherwise
		list := f.list
		f.list = &faults
		root := parseJSON(f, data)
		if f.list = list; root != nil {
			*f.list = append(*f.list, faults...)
			return root
		}
	}
	return parseYAML(f, data)
}

func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	at := 0
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		at, data = at+size, data[size:]
	}
	return at
}

func isURL(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}
