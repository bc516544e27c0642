package revision

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

var errNoGit = errors.New("git is not installed")

// repository runs git in a folder.
type repository struct{ dir string }

func (g repository) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = g.dir
	// A review changes nothing: no index refresh, no questions, no fetch of what
	// a partial clone left out unless git does it by itself.
	cmd.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	return cmd
}

func (g repository) run(ctx context.Context, args ...string) (string, error) {
	out, err := g.command(ctx, args...).Output()
	if err == nil {
		return strings.TrimRight(string(out), "\n"), nil
	}
	var failed *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errNoGit
	case errors.As(err, &failed) && len(failed.Stderr) > 0:
		first, _, _ := strings.Cut(strings.TrimSpace(string(failed.Stderr)), "\n")
		return "", errors.New(strings.TrimPrefix(first, "fatal: "))
	}
	return "", err
}

// maxEntries bounds the files of a tree, maxBlob the bytes of one.
const (
	maxEntries = 2_000_000
	maxBlob    = 256 << 20
)

// entry is one file of a commit.
type entry struct {
	mode, id string
	size     int64
}

// tree lists the files of a commit below a folder.
func (g repository) tree(ctx context.Context, commit, below string) (*gitFS, error) {
	spec := commit
	if below != "" {
		spec = commit + ":" + below
	}
	out, err := g.command(ctx, "ls-tree", "-r", "-l", "-z", spec).Output()
	if err != nil {
		return nil, failure("the workspace may be new, or have moved: give --against a revision that has it", "the commit %.12s has no folder %s", commit, below)
	}
	f := &gitFS{entries: map[string]entry{}, folders: map[string]map[string]fs.FileMode{".": {}}}
	for record := range bytes.SplitSeq(out, []byte{0}) {
		meta, name, ok := strings.Cut(string(record), "\t")
		fields := strings.Fields(meta)
		if !ok || len(fields) != 4 || len(f.entries) >= maxEntries {
			continue
		}
		size, _ := strconv.ParseInt(fields[3], 10, 64)
		f.add(name, entry{mode: fields[0], id: fields[2], size: size})
	}
	f.blobs = &blobs{repository: g}
	return f, nil
}

// gitFS is a folder of a commit as a file system.
type gitFS struct {
	entries map[string]entry
	folders map[string]map[string]fs.FileMode
	blobs   *blobs
}

func (f *gitFS) add(name string, e entry) {
	f.entries[name] = e
	mode := fs.FileMode(0o444)
	for name != "." {
		parent := path.Dir(name)
		_, known := f.folders[parent]
		if !known {
			f.folders[parent] = map[string]fs.FileMode{}
		}
		f.folders[parent][path.Base(name)] = mode
		if known {
			return
		}
		name, mode = parent, fs.ModeDir|0o555
	}
}

func (f *gitFS) close() error { return f.blobs.close() }

const (
	symlinkMode   = "120000"
	submoduleMode = "160000"
)

// Open implements fs.FS.
func (f *gitFS) Open(name string) (fs.File, error) {
	refuse := func(err error) (fs.File, error) { return nil, &fs.PathError{Op: "open", Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return refuse(fs.ErrInvalid)
	}
	at, err := f.resolve(name)
	if err != nil {
		return refuse(err)
	}
	if list, ok := f.folders[at]; ok {
		return newFolder(path.Base(name), list), nil
	}
	e := f.entries[at]
	data, err := f.blobs.read(e)
	if err != nil {
		return refuse(err)
	}
	return &openFile{info: info{path.Base(name), 0o444, int64(len(data))}, Reader: bytes.NewReader(data)}, nil
}

// Stat implements fs.StatFS, without reading the file.
func (f *gitFS) Stat(name string) (fs.FileInfo, error) {
	at, err := f.resolve(name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	if _, ok := f.folders[at]; ok {
		return info{path.Base(name), fs.ModeDir | 0o555, 0}, nil
	}
	return info{path.Base(name), 0o444, f.entries[at].size}, nil
}

// resolve follows symbolic links, as long as they stay inside.
func (f *gitFS) resolve(name string) (string, error) {
	for range 40 {
		if _, ok := f.folders[name]; ok {
			return name, nil
		}
		e, ok := f.entries[name]
		link := name
		for !ok && link != "." { // a link may stand anywhere on the way
			link = path.Dir(link)
			e, ok = f.entries[link]
		}
		switch {
		case !ok:
			return "", fs.ErrNotExist
		case e.mode == submoduleMode:
			return "", errors.New("it is in a submodule, which is a repository of its own")
		case e.mode != symlinkMode && link == name:
			return name, nil
		case e.mode != symlinkMode:
			return "", fs.ErrNotExist
		}
		to, err := f.blobs.read(e)
		if err != nil {
			return "", err
		}
		next := path.Join(path.Dir(link), string(to))
		if path.IsAbs(string(to)) || next == ".." || strings.HasPrefix(next, "../") {
			return "", errors.New("a symbolic link leads out of the workspace: path escapes")
		}
		name = path.Join(next, strings.TrimPrefix(strings.TrimPrefix(name, link), "/"))
	}
	return "", errors.New("too many symbolic links")
}

// blobs reads objects through one git process.
type blobs struct {
	repository
	mu      sync.Mutex
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	stopped context.CancelFunc
}

func (b *blobs) read(e entry) ([]byte, error) {
	if e.size > maxBlob {
		return nil, fmt.Errorf("it has more than %d MiB", maxBlob>>20)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.start(); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(b.in, e.id+"\n"); err != nil {
		return nil, err
	}
	header, err := b.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(header)
	if len(fields) != 3 {
		return nil, fmt.Errorf("git does not have the object %s", e.id)
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil || size > maxBlob {
		return nil, fmt.Errorf("git answered %q", header)
	}
	data := make([]byte, size+1) // a line feed follows
	if _, err := io.ReadFull(b.out, data); err != nil {
		return nil, err
	}
	return data[:size], nil
}

func (b *blobs) start() error {
	if b.cmd != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := b.command(ctx, "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return err
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return err
	}
	b.cmd, b.in, b.out, b.stopped = cmd, in, bufio.NewReader(out), cancel
	return nil
}

func (b *blobs) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cmd == nil {
		return nil
	}
	_ = b.in.Close() // git ends at the end of its input
	err := b.cmd.Wait()
	b.stopped()
	b.cmd = nil
	return err
}

// info describes a file of a commit.
type info struct {
	name string
	mode fs.FileMode
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

type openFile struct {
	info info
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }

// openFolder lists a folder.
type openFolder struct {
	info info
	list []fs.DirEntry
}

func newFolder(name string, entries map[string]fs.FileMode) *openFolder {
	f := &openFolder{info: info{name, fs.ModeDir | 0o555, 0}}
	for name, mode := range entries {
		f.list = append(f.list, fs.FileInfoToDirEntry(info{name, mode, 0}))
	}
	slices.SortFunc(f.list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return f
}

func (f *openFolder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFolder) Close() error               { return nil }
func (f *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.info.name, Err: errors.New("is a directory")}
}

// ReadDir implements fs.ReadDirFile.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(f.list) {
		if n > 0 && len(f.list) == 0 {
			return nil, io.EOF
		}
		n = len(f.list)
	}
	out := f.list[:n]
	f.list = f.list[n:]
	return out, nil
}
