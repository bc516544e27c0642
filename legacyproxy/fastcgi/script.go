package fastcgi

import (
	"errors"
	"strings"

	"github.com/banyan-go/banyan/catalog"
)

// Layout says which script serves which path. The files need not exist on
// this machine: the names are for the FastCGI server.
type Layout struct {
	// Root is the absolute path of the folder that holds the scripts.
	Root string
	// Index is the script, below Root, of paths that name none; index.php when
	// empty.
	Index string
	// Split is how the names of scripts end; .php when empty. The first
	// segment of a path that ends so is the script, what follows is its path
	// info. Only these very bytes count, whatever Unicode says. With
	// catalog.SplitNone every path goes to the index.
	Split string
}

// Check reports what is wrong with a layout.
func (l Layout) Check() error {
	if l.Root == "" {
		return errors.New("there is no root")
	}
	return catalog.FastCGI{Root: l.Root, Index: l.Index, Split: l.Split}.Check()
}

func (l Layout) withDefaults() Layout {
	l.Root = strings.TrimRight(l.Root, "/")
	if l.Index == "" {
		l.Index = "index.php"
	}
	if l.Split == "" {
		l.Split = ".php"
	}
	return l
}

// A RequestError says why a request cannot be put into FastCGI's terms. It is
// the request's fault, and nothing was sent.
type RequestError string

func (e RequestError) Error() string { return "fastcgi: " + string(e) }

// resolve finds the script for a path as the client wrote it. Script and info
// together are the document's URI.
func (l *Layout) resolve(rawPath string) (script, info string, err error) {
	path, ok := decode(rawPath)
	switch {
	case !ok:
		return "", "", RequestError("the path has a broken escape")
	case strings.IndexByte(path, 0) >= 0:
		return "", "", RequestError("the path has a NUL byte")
	case l.Split == catalog.SplitNone: // the index reads REQUEST_URI as it came
		return "/" + l.Index, "", nil
	case path == "" || path[0] != '/':
		return "", "", RequestError("the path does not begin with /")
	case unusable(path):
		return "", "", RequestError("the path has a control character")
	case dotSegments(path):
		return "", "", RequestError("the path has a . or .. segment")
	}
	path = mergeSlashes(path)
	for start := 1; start < len(path); {
		end := strings.IndexByte(path[start:], '/')
		if end < 0 {
			end = len(path)
		} else {
			end += start
		}
		if segment := path[start:end]; len(segment) > len(l.Split) && strings.HasSuffix(segment, l.Split) {
			return path[:end], path[end:], nil
		}
		start = end + 1
	}
	return "/" + l.Index, "", nil
}

// decode undoes percent-encoding (RFC 3986, section 2.1).
func decode(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		high, low := nibble(s[i+1]), nibble(s[i+2])
		if high|low > 15 {
			return "", false
		}
		b = append(b, high<<4|low)
		i += 2
	}
	return string(b), true
}

// nibble is the value of a hexadecimal digit, or 255.
func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

func mergeSlashes(path string) string {
	if !strings.Contains(path, "//") {
		return path
	}
	b := make([]byte, 0, len(path))
	for i := range len(path) {
		if path[i] != '/' || i == 0 || path[i-1] != '/' {
			b = append(b, path[i])
		}
	}
	return string(b)
}

// dotSegments reports whether a decoded path has a . or .. segment, for
// systems with either slash.
func dotSegments(path string) bool {
	if !strings.Contains(path, ".") {
		return false
	}
	for segment := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// unusable reports whether s has a control character.
func unusable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return true
		}
	}
	return false
}
