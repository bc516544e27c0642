package legacyproxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// maxObservations bounds the file of observations, in bytes: more than any
// contract has operations for.
const maxObservations = 64 << 20

// ReadObservations reads the JSON form of Observations. It refuses other
// versions, and more than 64 MiB.
func ReadObservations(r io.Reader) (Observations, error) {
	var out Observations
	data, err := io.ReadAll(io.LimitReader(r, maxObservations+1))
	switch {
	case err != nil:
		return out, err
	case len(data) > maxObservations:
		return out, errors.New("these are no observations: they are larger than 64 MiB")
	}
	if err := json.Unmarshal(data, &out); err != nil {
		return Observations{}, fmt.Errorf("these are no observations: %w", err)
	}
	if out.Version != ObservationsVersion {
		return Observations{}, fmt.Errorf("these are observations of version %d; this is version %d", out.Version, ObservationsVersion)
	}
	return out, nil
}

// Restore adds to what is seen from now on what an earlier run has saved. That
// there is no file yet is no error.
func (a *Adapter) Restore(file string) error {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	before, err := ReadObservations(f)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	a.earlier.Store(&before)
	for i := range before.Operations {
		op := &before.Operations[i]
		if r := a.routes[op.Operation]; r != nil && op.Conformance != nil && op.Conformance.Coerced+op.Conformance.Violating > 0 {
			r.normaliser.wake() // auto: there was a violation
		}
	}
	return nil
}

// Save writes all that was seen to a file, at once: whoever reads it finds the
// last state or the one before. Several servers need a file each; Merge adds
// them up.
func (a *Adapter) Save(file string) error {
	data, err := json.Marshal(a.Observations())
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), ".observations-*")
	if err != nil {
		return unsaved(file, err)
	}
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
		return unsaved(file, err)
	}
	return nil
}

// unsaved says which file cannot be written. The name of the one beside it, which
// is there for a moment, tells nobody anything.
func unsaved(file string, err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("cannot write %s: %w", file, err)
}

// Keep restores what was saved in file, and saves all that is seen there every
// so often, until ctx is done and stop was called, which saves a last time. A
// file that cannot be written is logged, and tried again.
func (a *Adapter) Keep(ctx context.Context, file string, every time.Duration) (stop func() error, err error) {
	if err := a.Restore(file); err != nil {
		return nil, err
	}
	if err := a.Save(file); err != nil { // rather now than after a day
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := a.Save(file); err != nil {
					a.log.WarnContext(ctx, "observations cannot be saved", "error", err)
				}
			}
		}
	})
	return func() error {
		cancel()
		done.Wait()
		return a.Save(file)
	}, nil
}
