package rollout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/banyan-go/banyan/config"
	"github.com/fsnotify/fsnotify"
)

// timing is how closely a file is followed.
type timing struct {
	poll    time.Duration // between looks where nothing is reported
	quiet   time.Duration // without another report before the file is read
	longest time.Duration // that reports can put off reading
	notify  bool
}

// follow reads the file again whenever its folder reports a change, and
// slowly besides: network file systems report nothing. The folder is watched
// and not the file, because editors replace files and Kubernetes swaps the
// ..data link beside them.
func (w *Watcher) follow(ctx context.Context, folder *folderWatch, t timing) {
	defer close(w.done)
	defer folder.close()
	poll := time.NewTicker(t.poll)
	defer poll.Stop()
	pending := time.NewTimer(time.Hour)
	pending.Stop()
	defer pending.Stop()
	var first time.Time // of the reports since the last read

	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			folder.renew()
			w.reload()
		case <-folder.events:
			// Read once the writer pauses, but do not let a busy folder put
			// it off for ever.
			now := time.Now()
			if first.IsZero() {
				first = now
			}
			pending.Reset(min(t.quiet, max(0, t.longest-now.Sub(first))))
		case <-folder.errors:
			pending.Reset(t.quiet) // events may be lost: look
		case <-pending.C:
			first = time.Time{}
			w.reload()
		}
	}
}

// folderWatch is a watched folder that survives its own replacement. Without
// a watch its channels are nil and never ready.
type folderWatch struct {
	path    string
	info    os.FileInfo
	watcher *fsnotify.Watcher
	events  <-chan fsnotify.Event
	errors  <-chan error
}

func (f *folderWatch) open() error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	if err := watcher.Add(f.path); err != nil {
		_ = watcher.Close() // the reason to give up is err
		return err
	}
	f.watcher, f.events, f.errors = watcher, watcher.Events, watcher.Errors
	f.info, _ = os.Stat(f.path)
	return nil
}

// renew watches the folder that is at the path now, if it is another one.
func (f *folderWatch) renew() {
	if f.watcher == nil {
		return
	}
	info, err := os.Stat(f.path)
	if err != nil || (f.info != nil && os.SameFile(info, f.info)) {
		return
	}
	_ = f.watcher.Remove(f.path) // gone with its folder
	if f.watcher.Add(f.path) == nil {
		f.info = info
	}
}

func (f *folderWatch) close() {
	if f.watcher != nil {
		_ = f.watcher.Close() // nothing is left to do about it
	}
}

func read(path string) ([]byte, error) {
	data, err := config.ReadFile(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = &fs.PathError{Op: pe.Op, Path: path, Err: pe.Err}
	}
	return data, err
}

// revision names a plan by its content.
func revision(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}
