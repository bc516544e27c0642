package catalog

import (
	"errors"
	"fmt"
	"strings"
)

// FastCGI is how scripts are found behind an upstream that speaks FastCGI. A
// zero field is not set.
type FastCGI struct {
	// Root is the folder of the scripts as the FastCGI server sees it. It may
	// hold ${NAME} and ${NAME:-default}.
	Root string
	// Index is the script, relative to Root, of paths that name none;
	// index.php when empty.
	Index string
	// Split is how the names of scripts end, or SplitNone; .php when empty.
	Split string
	// KeepAlive is how many connections are kept for the next safe request.
	KeepAlive int
	// MaxBody is the largest request body in bytes where the contract has no
	// larger limit; 64 MiB when 0.
	MaxBody int64
}

// SplitNone is the Split of an application whose every path goes to its index.
const SplitNone = "none"

// MaxKeepAlive bounds KeepAlive.
const MaxKeepAlive = 1024

// Check reports what is wrong with the fields that are set. The variables in
// Root must be expanded.
func (f FastCGI) Check() error {
	switch {
	case f.Root != "" && f.Root[0] != '/':
		return fmt.Errorf("the root %q is not absolute", f.Root)
	case f.Root != "" && strings.Trim(f.Root, "/") == "":
		return errors.New("the root is the whole file system")
	case oddPath(f.Root):
		return fmt.Errorf("the root %q has a . or .. segment or a control character", f.Root)
	case strings.HasPrefix(f.Index, "/"), strings.HasSuffix(f.Index, "/"), oddPath(f.Index):
		return fmt.Errorf("the index %q is not the name of a script below the root", f.Index)
	case f.Split != "" && f.Split != SplitNone && (f.Split[0] != '.' || len(f.Split) == 1 || strings.Contains(f.Split, "/") || oddPath(f.Split)):
		return fmt.Errorf("split %q is neither none nor an ending such as .php", f.Split)
	case f.KeepAlive < 0 || f.KeepAlive > MaxKeepAlive:
		return fmt.Errorf("keep-alive: want 0 to %d, found %d", MaxKeepAlive, f.KeepAlive)
	case f.MaxBody < 0:
		return errors.New("max-body: want more than 0")
	}
	return nil
}

// oddPath reports whether a path has what no path of a script needs.
func oddPath(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f })
}
