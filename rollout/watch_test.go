package rollout

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/banyan-go/banyan/config"
)

const (
	allGo     = "version: 1\ndefault: go\n"
	allLegacy = "version: 1\ndefault: legacy\n"
	broken    = "version: 1\ndefault: goo\n"
)

// journal collects what is logged.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

var (
	notified = timing{poll: time.Hour, quiet: 10 * time.Millisecond, longest: 100 * time.Millisecond, notify: true}
	polled   = timing{poll: 10 * time.Millisecond, quiet: 10 * time.Millisecond, longest: 100 * time.Millisecond}
)

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, path string, how timing, validate func(*Plan) config.Faults) (*Watcher, *journal) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	j := &journal{}
	w, err := watch(ctx, path, validate, slog.New(slog.NewTextHandler(j, nil)), how)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		select {
		case <-w.done: // no goroutine stays behind
		case <-time.After(5 * time.Second):
			t.Error("the watcher still runs after its context is done")
		}
	})
	return w, j
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within 5 s: %s", what)
}

func serves(w *Watcher, want Target) func() bool {
	return func() bool { return w.Plan().Decide("a.b", nil).Target == want }
}

// Every way to change a file that people and machines have.
func TestWatchEdits(t *testing.T) {
	t.Parallel()
	edits := map[string]func(t *testing.T, dir, path string){
		"written in place": func(t *testing.T, _, path string) { put(t, path, allGo) },
		"renamed over": func(t *testing.T, dir, path string) {
			tmp := filepath.Join(dir, ".rollout.yaml.swp")
			put(t, tmp, allGo)
			if err := os.Rename(tmp, path); err != nil {
				t.Fatal(err)
			}
		},
		"moved away and written anew": func(t *testing.T, _, path string) {
			if err := os.Rename(path, path+"~"); err != nil {
				t.Fatal(err)
			}
			put(t, path, allGo)
		},
		"written in pieces": func(t *testing.T, _, path string) {
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range []byte(allGo) {
				if _, err := f.Write([]byte{b}); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, edit := range edits {
		for kind, how := range map[string]timing{"notified": notified, "polled": polled} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				path := filepath.Join(dir, "rollout.yaml")
				put(t, path, allLegacy)
				w, j := start(t, path, how, nil)
				before := w.Status()
				edit(t, dir, path)
				eventually(t, "the new plan is in force", serves(w, Go))
				eventually(t, "the status is that of the new plan", func() bool { return w.Status().Err == nil && w.Status().Revision != before.Revision })
				eventually(t, "the change is logged", func() bool { return strings.Contains(j.String(), "rollout plan in force") })
			})
		}
	}
}

// Kubernetes mounts a volume as rollout.yaml -> ..data/rollout.yaml, with
// ..data -> ..2026_11 being swapped: the file's own entry never changes.
func TestWatchSwappedLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"..1": allLegacy, "..2": allGo} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name, "rollout.yaml"), content)
	}
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("..1", "..data")
	link("..data/rollout.yaml", "rollout.yaml")
	w, _ := start(t, filepath.Join(dir, "rollout.yaml"), notified, nil)
	link("..2", "..data_tmp")
	if err := os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new plan is in force", serves(w, Go))
}

func TestWatchBadEditKeepsTheLastGoodPlan(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rollout.yaml")
	put(t, path, allGo)
	w, j := start(t, path, polled, nil)
	good := w.Status()

	put(t, path, broken)
	eventually(t, "the edit is refused", func() bool { return w.Status().Err != nil })
	if !serves(w, Go)() {
		t.Error("the last good plan is not in force")
	}
	s := w.Status()
	if s.Revision != good.Revision || !s.LoadedAt.Equal(good.LoadedAt) {
		t.Errorf("the status names another plan: %+v, want %+v", s, good)
	}
	var faults config.Faults
	if !errors.As(s.Err, &faults) || faults[0].Pos.Line != 2 || faults[0].Pos.Col != 10 {
		t.Errorf("the error does not say where: %v", s.Err)
	}
	time.Sleep(5 * polled.poll)
	if n := strings.Count(j.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d lines logged, want 1:\n%s", n, j)
	}
	if !strings.Contains(j.String(), "rollout.yaml:2:10") {
		t.Errorf("the log does not say where:\n%s", j)
	}

	put(t, path, allGo) // taken back
	eventually(t, "the error is gone", func() bool { return w.Status().Err == nil })
	if s := w.Status(); s.Revision != good.Revision || !s.LoadedAt.Equal(good.LoadedAt) {
		t.Errorf("status after taking the edit back: %+v, want %+v", s, good)
	}
	put(t, path, allLegacy)
	eventually(t, "a later good edit is in force", serves(w, Legacy))
}

// A pipe in the file's place must not hold the watcher, which would then see
// no edit any more.
func TestWatchPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rollout.yaml")
	if err := exec.Command("mkfifo", path).Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("no named pipes here: ", err)
	}
	if _, err := Watch(t.Context(), path, nil, nil); err == nil || !strings.Contains(err.Error(), path+": it is not a regular file") {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	put(t, path, allLegacy)
	w, _ := start(t, path, polled, nil)
	if err := errors.Join(os.Remove(path), exec.Command("mkfifo", path).Run()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pipe is refused", func() bool { return w.Status().Err != nil })
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	put(t, path, allGo)
	eventually(t, "the new plan is in force", serves(w, Go))
}

func TestWatchValidates(t *testing.T) {
	t.Parallel()
	refuse := func(p *Plan) config.Faults {
		if p.Decide("a.b", nil).Target == Go {
			return config.Faults{{Message: "not to be had"}}
		}
		return nil
	}
	path := filepath.Join(t.TempDir(), "rollout.yaml")
	put(t, path, allGo)
	if _, err := Watch(t.Context(), path, refuse, nil); err == nil || !strings.Contains(err.Error(), "not to be had") {
		t.Errorf("the first plan must pass, got %v", err)
	}

	put(t, path, allLegacy)
	for name, install := range map[string]bool{"validate": true, "Require": false} {
		validate := refuse
		if !install {
			validate = nil
		}
		w, _ := start(t, path, polled, validate)
		if !install {
			w.Require(refuse)
		}
		put(t, path, allGo)
		eventually(t, name+": the edit is refused", func() bool { return w.Status().Err != nil })
		if !serves(w, Legacy)() {
			t.Errorf("%s: the refused plan is in force", name)
		}
		put(t, path, allLegacy)
		eventually(t, name+": the error is gone", func() bool { return w.Status().Err == nil })
	}
}

func TestWatchMissingAndEmpty(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rollout.yaml")
	if _, err := Watch(t.Context(), path, nil, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file Watch must say so, got %v", err)
	}
	put(t, path, allGo)
	w, j := start(t, path, notified, nil)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the status tells that the file is gone", func() bool { return w.Status().Err != nil })
	if !serves(w, Go)() || !strings.Contains(w.Status().Err.Error(), "gone") {
		t.Errorf("status %v\n%s", w.Status(), j)
	}
	put(t, path, " \n")
	eventually(t, "an empty file is refused", func() bool { return w.Status().Err != nil && strings.Contains(w.Status().Err.Error(), "empty") })
	if !serves(w, Go)() {
		t.Error("an empty file changed the plan")
	}
	put(t, path, allGo)
	eventually(t, "the error is gone", func() bool { return w.Status().Err == nil })
}

// The folder itself may be replaced, as a deployment does.
func TestWatchReplacedFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "api")
	path := filepath.Join(dir, "rollout.yaml")
	make := func(content string) {
		t.Helper()
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		put(t, path, content)
	}
	make(allLegacy)
	how := notified
	how.poll = 50 * time.Millisecond
	w, _ := start(t, path, how, nil)
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	make(allGo)
	eventually(t, "the plan of the new folder is in force", serves(w, Go))
}

// A folder where something is written all the time must not put reading off.
func TestWatchBusyFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "rollout.yaml")
	put(t, path, allLegacy)
	w, _ := start(t, path, notified, nil)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				_ = os.WriteFile(filepath.Join(dir, "log"), []byte{byte(i)}, 0o644)
			}
		}
	}()
	put(t, path, allGo)
	eventually(t, "the new plan is in force", serves(w, Go))
	close(stop)
	<-stopped
}

func TestFixed(t *testing.T) {
	t.Parallel()
	p := Unplanned()
	w := Fixed(p)
	if w.Plan() != p || w.Status().Err != nil || w.Status().LoadedAt.IsZero() {
		t.Errorf("got %v, %+v", w.Plan(), w.Status())
	}
	w.Require(nil)
}
