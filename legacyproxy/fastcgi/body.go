package fastcgi

import (
	"io"
	"net/http"
)

// Read reads a script's output as it comes. It returns io.EOF with the last
// bytes where the end of the request is known by then.
func (x *exchange) Read(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.done != nil {
		return 0, x.done
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := x.output(p)
	if err == nil {
		return n, nil
	}
	if err == io.EOF && x.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != io.EOF {
		err = x.cause(err)
	}
	x.done = err
	x.finish(err == io.EOF)
	return n, err
}

// output reads what belongs to the announced length, where there is one. A
// script that goes on printing, or just goes on, is waited for, not aborted.
func (x *exchange) output(p []byte) (int, error) {
	switch {
	case x.left == 0:
		x.pending = nil
		for {
			if err := x.advance(); err != nil {
				return 0, err
			}
		}
	case x.left > 0 && int64(len(p)) > x.left:
		p = p[:x.left]
	}
	n, err := x.read(p)
	if x.left > 0 {
		x.left -= int64(n)
	}
	return n, err
}

// read reads at least one byte, or the reason why there are no more.
func (x *exchange) read(p []byte) (int, error) {
	if len(x.pending) > 0 {
		n := copy(p, x.pending)
		x.pending = x.pending[n:]
		if len(x.pending) > 0 {
			return n, nil
		}
		x.pending = nil
		return n, x.settle()
	}
	for x.records.kind != typeStdout || x.records.left == 0 {
		if err := x.advance(); err != nil {
			return 0, err
		}
	}
	n, err := x.records.Read(p)
	if err == nil {
		err = x.settle()
	}
	return n, err
}

// settle deals with the records that are here already and bring no output.
func (x *exchange) settle() error {
	for x.records.complete() {
		if err := x.advance(); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the exchange. A script that still runs notices when it prints.
func (x *exchange) Close() error {
	if !x.mu.TryLock() {
		x.interrupt()
		x.mu.Lock()
	}
	defer x.mu.Unlock()
	if x.done == nil {
		x.done = http.ErrBodyReadAfterClose
	}
	x.finish(false)
	return nil
}
