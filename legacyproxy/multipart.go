package legacyproxy

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"
)

// bodySource is what a body held.
type bodySource struct {
	tree  *tree
	files []formFile
}

// formFile is a file in a form: its field with brackets, its header and its
// bytes.
type formFile struct {
	field  string
	header textproto.MIMEHeader
	data   []byte
}

// readMultipart reads a form that may hold files. Its errors complete the
// sentence "the body ...".
func readMultipart(contentType string, raw []byte) (bodySource, error) {
	_, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || parameters["boundary"] == "" {
		return bodySource{}, errors.New("has no boundary")
	}
	r := multipart.NewReader(bytes.NewReader(raw), parameters["boundary"])
	var b formBuilder
	var files []formFile
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return bodySource{b.tree(), files}, nil
		}
		if err != nil {
			return bodySource{}, errors.New("is not valid multipart/form-data")
		}
		data, err := io.ReadAll(part) // all of it is in memory already
		if err != nil {
			return bodySource{}, errors.New("is not valid multipart/form-data")
		}
		_, disposition, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil {
			return bodySource{}, errors.New("has a part without a name")
		}
		if _, isFile := disposition["filename"]; isFile {
			if len(files) == maxFormFiles {
				return bodySource{}, errors.New("has too many files")
			}
			files = append(files, formFile{disposition["name"], part.Header, data})
		} else if err := b.add(disposition["name"], string(data)); err != nil {
			return bodySource{}, err
		}
	}
}

// maxFormFiles bounds the files of a form that is written anew. PHP's own
// bound is 20 (max_file_uploads).
const maxFormFiles = 1000

func (s *bodySource) dropFiles(name string) {
	s.files = slices.DeleteFunc(s.files, func(f formFile) bool { return f.root() == name })
}

func (s *bodySource) renameFiles(renames []bodyRename) {
	for i := range s.files {
		f := &s.files[i]
		root := f.root()
		for _, r := range renames {
			if r.from == root {
				f.field = r.to + f.field[len(root):]
				break
			}
		}
	}
}

// root is the field without brackets.
func (f *formFile) root() string {
	root, _, _ := strings.Cut(f.field, "[")
	return root
}

// fieldDisposition says which field a part is that is no file.
func fieldDisposition(field string) string {
	return strings.TrimSuffix(multipart.FileContentDisposition(field, ""), `; filename=""`)
}

// writeMultipart writes a form as multipart/form-data.
func writeMultipart(pairs []formPair, files []formFile, declared parts) (body []byte, contentType string, err error) {
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, p := range pairs {
		part, err := w.CreatePart(declared.of(p.name, fieldDisposition(p.name), ""))
		if err == nil {
			_, err = io.WriteString(part, p.value)
		}
		if err != nil {
			return nil, "", err // of a buffer: never
		}
	}
	for _, f := range files {
		_, parameters, err := mime.ParseMediaType(f.header.Get("Content-Disposition"))
		if err != nil {
			return nil, "", errors.New("has a part without a name")
		}
		disposition := multipart.FileContentDisposition(f.field, parameters["filename"])
		part, err := w.CreatePart(declared.of(f.field, disposition, f.header.Get("Content-Type")))
		if err == nil {
			_, err = part.Write(f.data)
		}
		if err != nil {
			return nil, "", err
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return out.Bytes(), w.FormDataContentType(), nil
}
