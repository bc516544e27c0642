package rollout

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/banyan-go/banyan/config"
)

// Watcher holds the plan of a running server and follows its file. All its
// methods are safe for concurrent use.
type Watcher struct {
	path  string
	log   *slog.Logger
	check func(*Plan) config.Faults

	plan   atomic.Pointer[Plan]
	status atomic.Pointer[Status]

	mu      sync.Mutex // held while a file is read and judged
	require func(*Plan) config.Faults
	seen    string // the revision looked at last, taken or not
	done    chan struct{}
}

// Status says which plan is in force and what became of the last edit.
type Status struct {
	// Revision is the start of the SHA-256 of the plan's file; it is the same
	// in every process that runs the same plan. Empty for a Fixed plan.
	Revision string
	// LoadedAt is when the plan came into force.
	LoadedAt time.Time
	// Err is why the file's present content is not in force, nil when it is.
	// It is config.Faults where the file could be read.
	Err error
}

// Fixed returns a Watcher that watches nothing: the plan stays.
func Fixed(p *Plan) *Watcher {
	w := &Watcher{}
	w.plan.Store(p)
	w.status.Store(&Status{LoadedAt: time.Now()})
	return w
}

// Watch reads a plan and follows its file until ctx is done. The first plan
// must be right, or Watch fails with everything that is wrong with it. A later
// edit that is not right is logged and shown in Status, and the plan in force
// stays; so it does when the file is gone or empty.
//
// An edit comes into force within half a second where the system reports
// changes, and within two elsewhere. Writing a temporary file and renaming it
// is safest: nobody can read half of it.
//
// validate judges every plan that can be read, in addition to the format; it
// may be nil.
func Watch(ctx context.Context, path string, validate func(*Plan) config.Faults, log *slog.Logger) (*Watcher, error) {
	return watch(ctx, path, validate, log, timing{poll: 2 * time.Second, quiet: 100 * time.Millisecond, longest: 400 * time.Millisecond, notify: true})
}

func watch(ctx context.Context, path string, validate func(*Plan) config.Faults, log *slog.Logger, t timing) (*Watcher, error) {
	if log == nil {
		log = slog.Default()
	}
	w := &Watcher{path: path, log: log, check: validate, done: make(chan struct{})}
	// Watching starts before reading: no edit falls in between.
	folder := &folderWatch{path: filepath.Dir(path)}
	if t.notify {
		if err := folder.open(); err != nil {
			log.Warn("file changes are not reported here, looking every so often", "file", path, "every", t.poll, "error", err.Error())
		}
	}
	data, err := read(path)
	if err != nil {
		folder.close()
		return nil, err
	}
	p, err := w.judge(data)
	if err != nil {
		folder.close()
		return nil, err
	}
	w.accept(p, revision(data))
	go w.follow(ctx, folder, t)
	return w, nil
}

// Plan returns the plan in force.
func (w *Watcher) Plan() *Plan { return w.plan.Load() }

// Status returns what is in force and whether the last edit was refused.
func (w *Watcher) Status() Status { return *w.status.Load() }

// Require adds a check that every plan after the present one must pass. It is
// for what is known only later than Watch, such as the operations that a
// server has handlers for. A second call replaces the first one's check.
func (w *Watcher) Require(check func(*Plan) config.Faults) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.require = check
}

// reload looks at the file and takes its plan if it is new and right.
func (w *Watcher) reload() {
	w.mu.Lock()
	defer w.mu.Unlock()
	data, err := read(w.path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: the file is gone; the plan in force stays", w.path)
		}
		w.refuse("error: "+err.Error(), err)
		return
	}
	rev := revision(data)
	if rev == w.seen {
		return
	}
	p, err := w.judge(data)
	if err != nil {
		w.refuse(rev, err)
		return
	}
	w.accept(p, rev)
	w.log.Info("rollout plan in force", "file", w.path, "revision", rev)
}

// judge reads a plan and returns all that is wrong with it.
func (w *Watcher) judge(data []byte) (*Plan, error) {
	p, faults := Parse(w.path, data)
	if len(faults) > 0 {
		return nil, faults
	}
	for _, check := range []func(*Plan) config.Faults{w.check, w.require} {
		if check != nil {
			faults = append(faults, check(p)...)
		}
	}
	return p, faults.Err()
}

func (w *Watcher) accept(p *Plan, rev string) {
	w.seen = rev
	if s := w.status.Load(); s != nil && s.Revision == rev { // an edit that was taken back
		w.status.Store(&Status{Revision: s.Revision, LoadedAt: s.LoadedAt})
		return
	}
	w.plan.Store(p)
	w.status.Store(&Status{Revision: rev, LoadedAt: time.Now()})
}

// refuse keeps the plan in force. seen tells one reason from the next, so that
// each is logged once.
func (w *Watcher) refuse(seen string, err error) {
	if seen == w.seen {
		return
	}
	w.seen = seen
	s := w.Status()
	w.status.Store(&Status{Revision: s.Revision, LoadedAt: s.LoadedAt, Err: err})

	var faults config.Faults
	if !errors.As(err, &faults) {
		w.log.Error("rollout plan refused, the last good one stays", "file", w.path, "error", err.Error(), "revision", s.Revision)
		return
	}
	const most = 20
	for i, f := range faults {
		if i == most {
			w.log.Error("rollout plan refused: more faults", "file", w.path, "count", len(faults)-most)
			break
		}
		place := []any{"at", f.Pos.String(), "error", f.Message}
		if f.Hint != "" {
			place = append(place, "hint", f.Hint)
		}
		w.log.Error("rollout plan refused, the last good one stays", append(place, "revision", s.Revision)...)
	}
}
