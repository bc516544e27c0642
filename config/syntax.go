package config

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// maxLocate bounds the files in which a syntax error is searched for.
const maxLocate = 1 << 20

// SyntaxFault places an error of the YAML library at the first word of the line
// that it is about. The library itself often names the line where the mapping
// around it starts, or one too few; so the place is found by reading ever
// shorter beginnings of the file until the error is another one.
func SyntaxFault(file string, data []byte, err error) Fault {
	text, line := err.Error(), 1
	msg := text
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		msg = strings.TrimSpace(text[len(m[0]):])
		if n, _ := strconv.Atoi(m[1]); n > 0 {
			line = n
		}
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	if len(data) <= maxLocate {
		ends := make([]int, len(lines)) // offset after each line
		at := 0
		for i, l := range lines {
			at += len(l)
			ends[i] = at
		}
		first := sort.Search(len(lines), func(i int) bool {
			got := firstError(data[:ends[i]])
			return got != nil && got.Error() == text
		})
		if first < len(lines) {
			line = first + 1
		}
	}
	line = min(line, len(lines))
	word := bytes.TrimLeft(lines[line-1], " \t")
	return Fault{
		Pos:     Pos{File: file, Line: line, Col: 1 + len(lines[line-1]) - len(word)},
		Message: "not valid YAML: " + msg,
	}
}

// firstError reads all documents of a file.
func firstError(data []byte) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := safely(func() error { return dec.Decode(&doc) })
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
