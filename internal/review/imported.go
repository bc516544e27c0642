package review

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/swagger2"
)

// imported reads the versions of a contract that are Swagger 2.0 as banyan import
// swagger2 would write them, with the places of the files as they are. It reports
// whether there was one; what keeps it from being imported is an error.
func (l *loader) imported(was, is *contract.Contract, wasText, isText []byte) bool {
	old, oldList := importSwagger2(l.base.FS, was.File, wasText)
	now, nowList := importSwagger2(l.head.FS, is.File, isText)
	for _, d := range oldList {
		if d.Severity == diag.Error {
			l.notes.Add(ruleReviewBase, d.Pos, d.Message, d.Hint)
		}
	}
	for _, d := range nowList {
		if d.Severity == diag.Error {
			l.notes = append(l.notes, d)
		}
	}
	if old == nil && now == nil {
		return oldList.Errors()+nowList.Errors() > 0
	}
	if old != nil {
		l.wasImported[was.Name] = *old
	}
	if now != nil {
		l.isImported[is.Name] = *now
	}
	which, pos := "both sides are", config.Pos{File: is.File, Line: 1, Col: 1}
	switch {
	case now == nil:
		which = "the base is"
	case old == nil:
		which = "the head is"
	}
	l.notes = append(l.notes, diag.Diagnostic{Rule: ruleReviewImported, Severity: diag.Note, Pos: pos,
		Message: fmt.Sprintf("%s Swagger 2.0, and read as banyan import swagger2 would write it", which)})
	if old != nil && now != nil {
		l.lost(oldList, nowList)
	}
	return true
}

// lost adds what only one of two imports could not take over: that has changed, and
// nothing else tells of it.
func (l *loader) lost(oldList, nowList diag.List) {
	const only = "; the other side has no such thing"
	count := map[[2]string]int{}
	for _, d := range oldList {
		count[[2]string{d.Rule, d.Message}]++
	}
	for _, d := range nowList {
		key := [2]string{d.Rule, d.Message}
		if count[key]--; count[key] < 0 {
			l.notes.Warn(d.Rule, d.Pos, d.Message+only, d.Hint)
		}
	}
	for i := len(oldList) - 1; i >= 0; i-- { // of those that say the same, the last are left
		d := oldList[i]
		key := [2]string{d.Rule, d.Message}
		if count[key] > 0 {
			count[key]--
			l.notes.Warn(ruleReviewBase, d.Pos, d.Message+only, d.Hint)
		}
	}
}

// importSwagger2 returns a contract that says that it is Swagger 2.0 as OpenAPI 3.0,
// and what the import has to say; nothing for any other file.
func importSwagger2(fsys fs.FS, name string, data []byte) (*contract.Text, diag.List) {
	if !looksSwagger2(data) {
		return nil, nil
	}
	doc, list := swagger2.Upgrade(name, data, beside(fsys, name))
	if doc == nil {
		return nil, list
	}
	places := doc.Places()
	return &contract.Text{Data: doc.YAML, Place: func(line, col int) config.Pos {
		if at, ok := places[swagger2.Place{Line: line, Column: col}]; ok {
			return at
		}
		return config.Pos{File: name, Line: 1, Col: 1}
	}}, list
}

// beside reads what a file refers to, from the workspace that it is in.
func beside(fsys fs.FS, file string) swagger2.Opener {
	return func(name string) ([]byte, error) {
		at := path.Join(path.Dir(file), name)
		if !fs.ValidPath(at) {
			return nil, errors.New("it leads out of the workspace")
		}
		data, err := text(fsys, at)
		var pe *fs.PathError
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, errors.New("there is no such file")
		case errors.As(err, &pe) && strings.Contains(pe.Err.Error(), "escapes"): // of os.Root, which has no value for it
			return nil, errors.New("a symbolic link leads out of the workspace")
		case errors.As(err, &pe):
			return nil, pe.Err
		}
		return data, err
	}
}

var (
	swaggerKey = regexp.MustCompile(`(?m)(?:^["']?|\{\s*"|,\s*")swagger["']?[ \t]*:\s*["']?2`)
	openapiKey = regexp.MustCompile(`(?m)(?:^["']?|\{\s*"|,\s*")openapi["']?[ \t]*:\s*["']?3`)
)

// looksSwagger2 reports whether a file says that it is Swagger 2.0.
func looksSwagger2(data []byte) bool {
	return bytes.Contains(data, []byte("swagger")) && swaggerKey.Match(data) && !openapiKey.Match(data)
}
