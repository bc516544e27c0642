package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"
)

// Files is PHP's own store (session.save_handler = files). It reads without
// PHP's lock, so what it reads may be from before a write that is under way.
type Files struct {
	// Dir is session.save_path, without what stands before its semicolons.
	Dir string
	// Depth is how many folders deep sessions lie, by the first characters of
	// their ids: the number before the semicolon of session.save_path.
	Depth int
	// MaxAge is session.gc_maxlifetime: an older session counts as gone though
	// PHP has not swept it away yet. 0 means any age.
	MaxAge time.Duration
}

// Read implements Store.
func (f Files) Read(ctx context.Context, id string, limit int) ([]byte, error) {
	if !ValidID(id) || f.Depth < 0 || f.Depth > len(id) {
		return nil, ErrNotFound
	}
	for attempt := 0; ; attempt++ {
		data, torn, err := f.read(id, limit)
		if err != nil || !torn || attempt == attempts {
			return data, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// attempts is how often a file is read again that changes while it is read.
const attempts = 20

// read reads a file once. It is torn when PHP wrote it meanwhile.
func (f Files) read(id string, limit int) (data []byte, torn bool, err error) {
	name := "sess_" + id
	for i := range f.Depth {
		name = path.Join(id[f.Depth-1-i:f.Depth-i], name)
	}
	file, err := os.OpenInRoot(f.Dir, name) // follows no link that leads out of Dir
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, ErrNotFound
	}
	if err != nil {
		return nil, false, fmt.Errorf("session: %w", err)
	}
	defer file.Close()
	before, err := file.Stat()
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("session: %w", err)
	case !before.Mode().IsRegular():
		return nil, false, fmt.Errorf("session: %s is no regular file", name)
	case f.MaxAge > 0 && time.Since(before.ModTime()) > f.MaxAge:
		return nil, false, ErrNotFound
	case before.Size() > int64(limit):
		return nil, false, ErrTooLarge
	}
	data, err = io.ReadAll(io.LimitReader(file, int64(limit)+1))
	if err != nil {
		return nil, false, fmt.Errorf("session: %w", err)
	}
	if len(data) > limit {
		return nil, false, ErrTooLarge
	}
	after, err := file.Stat()
	if err != nil {
		return nil, false, fmt.Errorf("session: %w", err)
	}
	return data, after.Size() != int64(len(data)) || !after.ModTime().Equal(before.ModTime()), nil
}
