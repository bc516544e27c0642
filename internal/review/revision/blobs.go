package revision

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// blobs reads objects through one git process.
type blobs struct {
	repository
	mu      sync.Mutex
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	stopped context.CancelFunc
}

var errTooLarge = fmt.Errorf("it has more than %d MiB", maxBlob>>20)

func (b *blobs) read(e entry) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.start(); err != nil {
		return nil, err
	}
	data, err := b.ask(e.id)
	if err != nil {
		// What comes next on this pipe is not known.
		b.in.Close()
		b.stop()
	}
	return data, err
}

// ask gets one object from the process.
func (b *blobs) ask(id string) ([]byte, error) {
	lost := fmt.Errorf("the object %s of the git repository is missing or damaged; %s", id, repairHint)
	if _, err := io.WriteString(b.in, id+"\n"); err != nil {
		return nil, lost
	}
	header, err := b.out.ReadString('\n')
	fields := strings.Fields(header)
	if err != nil || len(fields) != 3 {
		return nil, lost
	}
	size, err := strconv.Atoi(fields[2])
	switch {
	case err != nil || size < 0:
		return nil, fmt.Errorf("git answered %q", header)
	case size > maxBlob:
		return nil, errTooLarge
	}
	data := make([]byte, size+1) // a line feed follows
	if _, err := io.ReadFull(b.out, data); err != nil {
		return nil, lost
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

// stop ends the process, whatever it is at.
func (b *blobs) stop() {
	b.stopped()
	_ = b.cmd.Wait()
	b.cmd = nil
}

func (b *blobs) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cmd == nil {
		return nil
	}
	err := b.in.Close() // git ends at the end of its input
	err = errors.Join(err, b.cmd.Wait())
	b.stopped()
	b.cmd = nil
	return err
}
