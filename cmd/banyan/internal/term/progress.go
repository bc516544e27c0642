package term

import (
	"fmt"
	"sync"
	"time"
)

const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

// Progress is Watch for a word that stays.
func (w *Writer) Progress(what string) (done func()) {
	return w.Watch(func() string { return what })
}

// Watch shows what is going on and for how long, once it has taken a
// second. Away from a terminal it shows nothing. The returned function removes
// the line; it must be called before anything but a Step is written, and may
// be called again.
func (w *Writer) Watch(what func() string) (done func()) {
	if !w.terminal {
		return func() {}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		w.tick(what, stop)
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-stopped
	})
}

// Step prints a line that stays above what Watch shows, which may be going on.
// Away from a terminal it prints nothing.
func (w *Writer) Step(line string) {
	if w.terminal {
		fmt.Fprintf(w, "\r\x1b[K%s\n", line)
	}
}

// Last writes a line in the place of what Watch shows, and nothing is written
// after it: whoever tries waits for ever. It is for the end of the process.
func (w *Writer) Last(line string) {
	w.mu.Lock()
	if w.terminal {
		line = "\r\x1b[K" + line
	}
	fmt.Fprintln(w.Writer, line)
}

func (w *Writer) tick(what func() string, stop <-chan struct{}) {
	start := time.Now()
	select {
	case <-stop:
		return
	case <-time.After(progressAfter):
	}
	t := time.NewTicker(progressEvery)
	defer t.Stop()
	for {
		fmt.Fprintf(w, "\r\x1b[K%s ... %.1fs", what(), time.Since(start).Seconds())
		select {
		case <-stop:
			fmt.Fprint(w, "\r\x1b[K")
			return
		case <-t.C:
		}
	}
}
