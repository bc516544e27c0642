package codegen

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// Stamp says what the last complete run was made from and what it made, so that
// a run with nothing to do need not do it again. It is a cache: a missing or
// strange one costs time and nothing else.
type Stamp struct {
	// Tool is the program that ran.
	Tool string `json:"tool"`
	// Inputs are what it read.
	Inputs *contract.Inputs `json:"inputs"`
	// Outputs goes from the folders of targets to what each holds.
	Outputs map[string]Output `json:"outputs"`
	// Findings are what it said.
	Findings diag.List `json:"findings,omitempty"`
}

// Output is what a target's folder holds.
type Output struct {
	// Files goes from names to the SHA-256 of generated files, in hex.
	Files map[string]string `json:"files"`
	// Others are the files that were not generated, sorted. They are not
	// looked into, but a new one may be a generated one that is stale.
	Others []string `json:"others,omitempty"`
}

// stampFolder is in the workspace and ignored by git, by what stands in it.
const stampFolder = ".banyan"

const stampFile = stampFolder + "/generate.json"

// ReadStamp returns the stamp of the workspace in dir when all it says is still
// so: the same program, the same inputs, and output folders that hold exactly
// what was generated. Otherwise it returns nil.
func ReadStamp(dir string) *Stamp {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(stampFile)))
	if err != nil {
		return nil
	}
	s := &Stamp{}
	if json.Unmarshal(data, s) != nil || s.Tool == "" || s.Tool != tool() || len(s.Outputs) == 0 || !s.Inputs.Unchanged(dir) {
		return nil
	}
	for folder, want := range s.Outputs {
		if !fs.ValidPath(folder) {
			return nil
		}
		if !want.holds(filepath.Join(dir, filepath.FromSlash(folder))) {
			return nil
		}
	}
	return s
}

// Write keeps the stamp, whose outputs must be what was generated, by folder. It
// is not kept when the folders hold anything else.
func (s *Stamp) Write(dir string, generated map[string][]File) error {
	s.Tool, s.Outputs = tool(), map[string]Output{}
	for folder, files := range generated {
		out := Output{Files: map[string]string{}}
		for _, f := range files {
			out.Files[f.Path] = digest(f.Data)
		}
		there, err := filesBelow(filepath.Join(dir, filepath.FromSlash(folder)))
		if err != nil {
			return err
		}
		out.Others = slices.DeleteFunc(there, func(name string) bool { _, ours := out.Files[name]; return ours })
		s.Outputs[folder] = out
	}
	for i := range s.Findings {
		s.Findings[i].Fix = nil // for another run, which reads the files
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, stampFolder), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, stampFolder, ".gitignore"), []byte("*\n"), 0o644); err != nil {
		return err
	}
	t := &transaction{}
	name := filepath.Join(dir, filepath.FromSlash(stampFile))
	staged, err := t.stage(name, data)
	if err == nil {
		err = os.Rename(staged, name)
	}
	t.discard()
	return err
}

// holds compares a folder with what it should hold, file by file.
func (o *Output) holds(dir string) bool {
	there, err := filesBelow(dir)
	if err != nil || len(there) != len(o.Files)+len(o.Others) {
		return false
	}
	for _, name := range there {
		want, ours := o.Files[name]
		if !ours {
			if _, other := slices.BinarySearch(o.Others, name); !other {
				return false
			}
			continue
		}
		if got, err := digestFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil || got != want {
			return false
		}
	}
	return true
}

// filesBelow lists what is in a folder and is no folder itself, sorted.
func filesBelow(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			rel, err := filepath.Rel(dir, name)
			if err != nil {
				return err
			}
			out = append(out, path.Clean(filepath.ToSlash(rel)))
		}
		return nil
	})
	slices.Sort(out)
	return out, err
}

func digestFile(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// tool tells one build of the program from another, also between two builds
// from a changed working copy; empty when it cannot.
func tool() string {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(exe)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %d bytes of %d", version, info.Size(), info.ModTime().UnixNano())
}
