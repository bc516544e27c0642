// Package interrupt keeps a signal from ending the process in the middle of a
// change of the disk.
//
// There is one of everything here, as there is one process: a signal is nobody's
// in particular.
package interrupt

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

var (
	// mu is held while the process must not end, and for good once it does.
	mu      sync.Mutex
	changed bool
	last    int
	onEnd   = map[int]func(){}
)

// Unbroken runs f to its end before a signal takes effect. It does not return when
// one has taken effect. F must not call this package, and not take long.
func Unbroken(f func() error) error {
	mu.Lock()
	defer mu.Unlock()
	return f()
}

// Change is Unbroken for what changes files that people look at.
func Change(f func() error) error {
	return Unbroken(func() error {
		err := f()
		changed = changed || err == nil
		return err
	})
}

// OnEnd has f called when a signal ends the process, unless it is forgotten before.
// F must not call this package.
func OnEnd(f func()) (forget func()) {
	mu.Lock()
	defer mu.Unlock()
	last++
	id := last
	onEnd[id] = f
	return func() {
		mu.Lock()
		defer mu.Unlock()
		delete(onEnd, id)
	}
}

// Catch ends the process when SIGINT or SIGTERM comes, with 128 and the signal's
// number as its exit code. Before that it waits for what is unbroken, tidies up,
// and calls say, which may tell whether there was a change. A signal that whoever
// started the process wants ignored, as shells do in the background, stays so.
// Ignore takes it back.
func Catch(say func(changed bool)) (ignore func()) {
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	go func() {
		s, ok := <-signals
		if !ok {
			return
		}
		mu.Lock() // for good
		for _, f := range onEnd {
			f()
		}
		say(changed)
		code := 128
		if number, ok := s.(syscall.Signal); ok {
			code += int(number)
		}
		os.Exit(code)
	}()
	return sync.OnceFunc(func() {
		signal.Stop(signals)
		close(signals)
	})
}
