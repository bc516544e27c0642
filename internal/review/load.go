package review

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review/narrow"
)

// loader reads what a review needs of two workspaces, and no more.
type loader struct {
	base, head Side
	// was and is have no contracts before load.
	was, is *contract.Workspace
	// surfaces and stems are those of the settings, or nil where nothing is generated.
	surfaces func(ws *contract.Workspace, base, head *contract.Contract) (map[string][]SurfaceChange, []string)
	stems    func(ws *contract.Workspace, section, name string, text []byte) []string
	// touched are the services to compare.
	touched            map[string]bool
	baseList, headList diag.List
	// narrowed are the contracts without what they have in common.
	narrowed map[string]*narrow.Narrowed
	// wasImported and isImported stand in for contracts that are Swagger 2.0; notes say so.
	wasImported, isImported map[string]contract.Text
	notes                   diag.List
	// compared are the surfaces that are known already.
	compared map[string]map[string][]SurfaceChange
}

// look finds the services whose files differ.
func (l *loader) look() {
	l.wasImported, l.isImported = map[string]contract.Text{}, map[string]contract.Text{}
	l.touched, l.narrowed, l.compared = map[string]bool{}, map[string]*narrow.Narrowed{}, map[string]map[string][]SurfaceChange{}
	for _, c := range l.is.Services {
		old := l.was.Service(c.Name)
		if old == nil {
			l.touched[c.Name] = true
			continue
		}
		was, is, same := l.differ(old.File, c.File)
		l.touched[c.Name] = !same || old.File != c.File || old.BasePath != c.BasePath
		if l.touched[c.Name] && l.imported(old, c, was, is) || was == nil || is == nil || l.surfaces != nil && l.stems == nil {
			continue
		}
		if n, ok := narrow.Compare(was, is); ok {
			if l.surfaces != nil {
				n.KeepNamed(func(section, name string, text []byte) []string { return l.stems(l.is, section, name, text) })
			}
			l.narrowed[c.Name] = n
		}
	}
	for _, c := range l.was.Services {
		if l.is.Service(c.Name) == nil {
			l.touched[c.Name] = true
		}
	}
}

// maxAgain is how often contracts are read because of names that may collide with
// those of what was left out.
const maxAgain = 4

// load reads the contracts of the services that differ: what differs in them, or
// the whole where that has faults, so that they are told as banyan check would.
func (l *loader) load() {
	for again := 1; ; again++ {
		l.read()
		if len(l.narrowed) > 0 && (l.passed(l.headList).Errors() > 0 || l.unreadable()) {
			l.narrowed = nil
			l.read()
		}
		if l.surfaces == nil {
			return
		}
		more := false
		for name, n := range l.narrowed {
			if faulty(l.was.Service(name)) || faulty(l.is.Service(name)) {
				continue
			}
			changes, names := l.surfaces(l.is, l.was.Service(name), l.is.Service(name))
			l.compared[name] = changes
			if n.KeepNames(names) {
				if more = true; again == maxAgain {
					delete(l.narrowed, name)
				}
				delete(l.compared, name)
			}
		}
		if !more {
			return
		}
	}
}

// unreadable reports whether a contract of the base cannot be compared.
func (l *loader) unreadable() bool {
	return slices.ContainsFunc(l.was.Services, func(c *contract.Contract) bool { return l.touched[c.Name] && !c.Readable() })
}

// faulty reports whether a contract has errors, so that no code is made from it.
func faulty(c *contract.Contract) bool { return c != nil && len(c.Faults()) > 0 }

// surface compares what is generated from both versions of a contract.
func (l *loader) surface(name string) map[string][]SurfaceChange {
	if changes, known := l.compared[name]; known || l.surfaces == nil || faulty(l.was.Service(name)) || faulty(l.is.Service(name)) {
		return changes
	}
	changes, _ := l.surfaces(l.is, l.was.Service(name), l.is.Service(name))
	return changes
}

func (l *loader) read() {
	wanted := func(c *contract.Contract) bool { return l.touched[c.Name] }
	wasText, isText := maps.Clone(l.wasImported), maps.Clone(l.isImported)
	for name, n := range l.narrowed {
		was, is := n.Texts()
		wasText[name], isText[name] = contract.Text{Data: was}, contract.Text{Data: is}
	}
	var both sync.WaitGroup
	if len(l.was.Services) > 0 {
		both.Go(func() { l.was, l.baseList = contract.LoadToCompare(l.base.FS, l.base.Module, wanted, wasText) })
	}
	both.Go(func() { l.is, l.headList = contract.LoadToCompare(l.head.FS, l.head.Module, wanted, isText) })
	both.Wait()
}

// referredBy are the files that look as if a file referred to them.
func referredBy(name string, text []byte) []string {
	var out []string
	for {
		at := bytes.Index(text, []byte("$ref"))
		if at < 0 {
			return out
		}
		text = text[at+len("$ref"):]
		value, isField := bytes.CutPrefix(bytes.TrimLeft(bytes.TrimLeft(text[:min(len(text), 4096)], `"'`), " \t\r\n"), []byte(":"))
		if !isField {
			continue
		}
		value = bytes.TrimLeft(bytes.TrimLeft(value, " \t\r\n"), `"'`)
		end := bytes.IndexAny(value, "\"'# \t\r\n,}]")
		if end < 0 {
			end = len(value)
		}
		if ref := path.Join(path.Dir(name), string(value[:end])); end > 0 && fs.ValidPath(ref) && !bytes.Contains(value[:end], []byte("://")) {
			out = append(out, ref)
		}
	}
}

// maxText is how long a text may be that is looked at here; what is longer cannot
// be read either.
const maxText = 32 << 20

// differ reports whether a contract, or a file that it refers to, is another one
// in the two workspaces, and returns the contracts where they are not the same. It
// reads no YAML: what looks like a reference is followed.
func (l *loader) differ(old, now string) (was, is []byte, same bool) {
	was, err := text(l.base.FS, old)
	is, err2 := text(l.head.FS, now)
	if err != nil || err2 != nil { // what cannot be read is not known to be the same
		return nil, nil, false
	}
	if old != now || !bytes.Equal(was, is) {
		return was, is, false
	}
	seen := map[string]bool{now: true}
	queue := referredBy(now, is)
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		a, err := text(l.base.FS, name)
		b, err2 := text(l.head.FS, name)
		if err != nil || err2 != nil || !bytes.Equal(a, b) {
			return was, is, false
		}
		queue = append(queue, referredBy(name, b)...)
	}
	return nil, nil, true
}

func text(fsys fs.FS, name string) ([]byte, error) {
	if err := config.Regular(fsys, name); err != nil { // a pipe would never end
		return nil, err
	}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxText {
		return nil, errors.New("the file is too long")
	}
	data, err := fs.ReadFile(fsys, name)
	if len(data) > maxText { // not every file system knows sizes beforehand
		return nil, errors.New("the file is too long")
	}
	return data, err
}
