package wire

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/textproto"
	"os"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/schema/bracket"
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"github.com/banyan-go/banyan/schema/media"
)

// File is one file of a multipart form. In a request it has been read, in the
// order in which the client sent it and within the operation's limit: what is
// small is in memory, the rest in a temporary file without a name, which is gone
// when the handler returns. To send one, set Name, Media and Reader; Header is
// what else stands at the part.
type File struct {
	// Name is the file name as the client gave it. It is no path to trust.
	Name string
	// Media is the part's Content-Type.
	Media string
	// Size is the number of bytes; a sender may leave it 0.
	Size   int64
	Header textproto.MIMEHeader
	io.Reader
}

// mostParts bounds how many parts a form has, and mostValue how long one is that
// is no file; files up to spooled bytes in all are held in memory.
const (
	mostParts = 1000
	mostValue = 10 << 20
	spooled   = 1 << 20
)

// files are what a request leaves to tidy up.
type files struct {
	inMemory int64
	disk     *os.File // one for all that memory has no room for, one after the other
	onDisk   int64
}

func (f *files) close() {
	if f.disk != nil {
		_ = f.disk.Close()
	}
}

// keep reads a file away from its part.
func (f *files) keep(part *multipart.Part) (*File, error) {
	file := &File{Name: part.FileName(), Media: part.Header.Get("Content-Type"), Header: part.Header}
	var buf bytes.Buffer
	n, err := io.CopyN(&buf, part, spooled-f.inMemory+1)
	if err == io.EOF {
		f.inMemory += n
		file.Size, file.Reader = n, bytes.NewReader(buf.Bytes())
		return file, nil
	}
	if err != nil {
		return nil, err
	}
	if f.disk == nil {
		if f.disk, err = os.CreateTemp("", "banyan-part-*"); err != nil {
			return nil, err
		}
		_ = os.Remove(f.disk.Name()) // it lives until it is closed
	}
	start := f.onDisk
	file.Size, err = io.Copy(f.disk, io.MultiReader(&buf, part))
	f.onDisk += file.Size
	file.Reader = io.NewSectionReader(f.disk, start, file.Size)
	return file, err
}

// readParts reads a multipart form into field, a nil pointer to a struct.
func (in *Input) readParts(r *multipart.Reader, field reflect.Value, b *Body, used *files) {
	v := reflect.New(field.Type().Elem())
	form := &partsForm{Value: v.Elem(), fields: fieldsOf(v.Type().Elem()), encoding: b.Encoding, used: used}
	for count := 0; ; count++ {
		part, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err == nil && count == mostParts {
			in.fault("", "has too many parts")
			return
		}
		name := ""
		if err == nil {
			name = part.FormName()
			err = form.read(part, name)
		}
		if err != nil {
			var fault partFault
			if errors.As(err, &fault) {
				in.fault("/"+jsonpointer.Escape(name), fault.Error())
				continue
			}
			in.readError(err)
			return
		}
	}
	if err := assign(form.Value, membersNode(&form.values)); err != nil {
		in.fault("", err.Error())
		return
	}
	field.Set(v)
}

// partFault is what a client got wrong about a part.
type partFault string

func (f partFault) Error() string { return string(f) }

// partsForm is a struct that a multipart form is read into.
type partsForm struct {
	reflect.Value
	fields   *structFields
	encoding []Encoding
	used     *files
	values   bracket.Tree // what goes into fields once all parts are known
}

// read puts a file into its field, and any other part into values.
func (f *partsForm) read(part *multipart.Part, name string) error {
	base, path, known := memberNamed(f.Type(), name)
	if !known && f.fields.rest < 0 {
		return nil // what nobody asked for is not read
	}
	var to reflect.Value
	if known {
		to = f.Field(f.fields.index[base])
		switch files := to.Addr().Interface().(type) {
		case **File:
			file, err := f.used.keep(part)
			if err == nil {
				*files = file
			}
			return err
		case *[]*File:
			file, err := f.used.keep(part)
			if err == nil {
				*files = append(*files, file)
			}
			return err
		}
	}
	data, err := io.ReadAll(io.LimitReader(part, mostValue+1))
	if err != nil {
		return err
	}
	if len(data) > mostValue {
		return partFault("is too long for a value; send it as a file")
	}
	v := bracket.Value{Text: string(data)}
	if given := part.Header.Get("Content-Type"); given != "" {
		v.JSON = media.IsJSON(media.Parse(given).Name)
	} else if len(data) > 0 { // nothing is no JSON, and may stand for null
		v.JSON = f.json(base, path, to)
	}
	if v.JSON && !jsontext.Value(data).IsValid() {
		return partFault("must be JSON")
	}
	if !f.values.Child(base).Add(path, v) {
		return partFault(unmatched)
	}
	return nil
}

// json reports whether a part is JSON that does not say what it is: because its
// encoding does, or because objects are. It must be a whole field, or item of a list.
// The field is the zero Value where the form has none.
func (f *partsForm) json(name, path string, field reflect.Value) bool {
	if path != "" && !(bracket.Item(path) && field.IsValid() && isList(field.Type())) {
		return false
	}
	declared, isJSON := of(f.encoding, name).media()
	return isJSON || declared == "" && field.IsValid() && objects(field.Type())
}

// objects reports whether parts of a type are objects, which are JSON when
// nobody says what they are (OpenAPI, section 4.8.15.1).
func objects(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || wants(t) == list && t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if item := nullableItem(t); item != nil {
		return objects(item)
	}
	return wants(t) == object
}

// writeParts writes a form as parts, in the order of its fields.
func writeParts(w *multipart.Writer, form reflect.Value, b *Body, d direction) error {
	fields := fieldsOf(form.Type())
	for i, name := range fields.names {
		if name == "" || d.tagged(form.Type().Field(i)) {
			continue
		}
		switch v := form.Field(i).Interface().(type) {
		case *File:
			if err := writeFile(w, name, v); err != nil {
				return err
			}
			continue
		case []*File:
			for _, file := range v {
				if err := writeFile(w, name, file); err != nil {
					return err
				}
			}
			continue
		}
		if isNull(form.Field(i), fields.required[i]) {
			if err := writeNull(w, name, form.Field(i).Type(), of(b.Encoding, name)); err != nil {
				return err
			}
			continue
		}
		if form.Field(i).Kind() != reflect.Bool && absent(form.Field(i).Interface()) {
			continue
		}
		if err := writeValue(w, name, form.Field(i).Interface(), of(b.Encoding, name), d); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(w *multipart.Writer, name string, f *File) error {
	if f == nil {
		return nil
	}
	header := textproto.MIMEHeader{}
	for key, values := range f.Header {
		header[key] = values
	}
	header.Set("Content-Disposition", multipart.FileContentDisposition(name, f.Name))
	if f.Media != "" {
		header.Set("Content-Type", f.Media)
	} else if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/octet-stream")
	}
	part, err := w.CreatePart(header)
	if err != nil || f.Reader == nil {
		return err
	}
	_, err = io.Copy(part, f.Reader)
	return err
}

// writeValue writes a value: lists as repeated parts, objects as JSON, unless
// the encoding says otherwise.
func writeValue(w *multipart.Writer, name string, v any, e *Encoding, d direction) error {
	data, err := d.marshal(v)
	if err != nil || jsontext.Value(data).Kind() == 'n' {
		return err
	}
	n, err := readNode(jsontext.NewDecoder(bytes.NewReader(data)))
	if err != nil {
		return err
	}
	add := func(media, text string) error { return writePart(w, name, media, text) }
	declared, isJSON := e.media()
	flat, err := n.flat()
	switch {
	case n.kind == list && err == nil && !isJSON:
		for _, s := range flat {
			if err := add(declared, s); err != nil {
				return err
			}
		}
		return nil
	case n.kind == scalar && !isJSON:
		return add(declared, n.text)
	}
	parts := []jsontext.Value{data}
	if declared == "" {
		declared = "application/json"
		if n.kind == list { // a part for each item
			if err := unmarshalLenient(data, &parts); err != nil {
				return err
			}
		}
	}
	for _, part := range parts {
		if err := add(declared, string(part)); err != nil {
			return err
		}
	}
	return nil
}

// media returns the media type that is declared of a part, if one is, and whether
// that is JSON.
func (e *Encoding) media() (name string, isJSON bool) {
	if e == nil {
		return "", false
	}
	return e.Media, media.IsJSON(media.Parse(e.Media).Name)
}

// writeNull writes a part that is null: nothing, where that cannot be a text, or
// else JSON. Where another media type is declared there is no way to say it.
func writeNull(w *multipart.Writer, name string, t reflect.Type, e *Encoding) error {
	declared, isJSON := e.media()
	switch {
	case !isJSON && blank(t):
		return writePart(w, name, declared, "")
	case declared == "":
		declared = "application/json"
	case !isJSON:
		return nil
	}
	return writePart(w, name, declared, "null")
}

func writePart(w *multipart.Writer, name, media, text string) error {
	header := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + quoteEscaper.Replace(name) + `"`}}
	if media != "" {
		header.Set("Content-Type", media)
	}
	part, err := w.CreatePart(header)
	if err != nil {
		return err
	}
	_, err = io.WriteString(part, text)
	return err
}

var quoteEscaper = strings.NewReplacer("\\", "\\\\", `"`, "%22", "\r", "%0D", "\n", "%0A")
