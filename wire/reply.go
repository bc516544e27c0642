package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/schema/media"
)

// Reply writes one answer. Nothing reaches the client before the whole answer
// is known to be good, unless it is a stream, or long because of the lists in it.
type Reply struct {
	w      http.ResponseWriter
	status int
	media  string
	header http.Header
	err    error
}

// NewReply begins an answer with a fixed status.
func NewReply(w http.ResponseWriter, status int, media string) *Reply {
	return &Reply{w: w, status: status, media: media}
}

// NewRangedReply begins an answer whose status the handler chooses, within what
// the contract declares: "4XX" or "default".
func NewRangedReply(w http.ResponseWriter, declared string, status int, media string) *Reply {
	o := NewReply(w, status, media)
	if status < 200 || status > 599 || declared != "default" && status/100 != int(declared[0]-'0') {
		o.err = fmt.Errorf("the handler answered with status %d where the contract declares %s; set StatusCode", status, declared)
	}
	return o
}

// declared adds a declared header in the simple style. Absent optional ones are
// left out.
func (o *Reply) declared(h Header, v reflect.Value) {
	if v.Kind() == reflect.Slice && h.Name == "Set-Cookie" {
		for i := range v.Len() {
			o.add(h, v.Index(i).Interface())
		}
		return
	}
	o.add(h, v.Interface())
}

func (o *Reply) add(h Header, v any) {
	n, present, err := nodeOf(v)
	if err == nil && !present {
		return
	}
	value := ""
	if h.JSON && err == nil {
		var data []byte
		if absent(v) && !h.Required {
			return
		}
		data, err = Marshal(v)
		value = string(data)
	} else if err == nil && !(n.kind == list && len(n.items) == 0) {
		value, err = n.simple(h.Explode, func(s string) string { return s })
	} else if err == nil && !h.Required {
		return // a list of nothing
	}
	if err == nil && strings.ContainsAny(value, "\r\n\x00") {
		err = errors.New("it holds a line break")
	}
	if err != nil {
		o.err = errors.Join(o.err, fmt.Errorf("answer header %s: %w", h.Name, err))
		return
	}
	if o.header == nil {
		o.header = http.Header{}
	}
	o.header.Add(h.Name, value)
}

func (o *Reply) because(err error) error {
	return errors.Join(o.err, fmt.Errorf("answer body: %w", err))
}

// counted is how long a body may be whose length net/http finds out by itself.
// It holds back up to twice that until the handler is done, and then writes the
// header for less than reading it from here takes.
const counted = 1 << 10

// begin sends status and headers; length < 0 leaves it open. It reports
// whether a body may follow.
func (o *Reply) begin(media string, length int64) bool {
	h := o.w.Header()
	for name, values := range o.header {
		h[name] = values
	}
	body := !bodiless("", o.status)
	if body {
		if media != "" {
			h["Content-Type"] = []string{media}
		}
		if length == 0 || length > counted {
			h["Content-Length"] = []string{strconv.FormatInt(length, 10)}
		}
	}
	o.w.WriteHeader(o.status)
	if _, head := o.w.(headOnly); head {
		return false
	}
	return body
}

func (o *Reply) send(media string, body []byte) error {
	if o.err != nil {
		return o.err
	}
	if o.begin(media, int64(len(body))) {
		// Once the head is out, the client may be gone and nobody is left to tell.
		_, _ = o.w.Write(body)
	}
	return nil
}

// Empty ends an answer without a body.
func (o *Reply) Empty() error {
	if o.err == nil {
		o.begin("", -1)
	}
	return o.err
}

// Text ends the answer with text.
func (o *Reply) Text(s string) error { return o.send(o.media, []byte(s)) }

// Form ends the answer with v urlencoded.
func (o *Reply) Form(v any) error { return o.form(v, asAnswer) }

// form is Form for a direction.
func (o *Reply) form(v any, d direction) error {
	body, err := formOf(v, nil, d)
	if err != nil {
		return o.because(err)
	}
	return o.send(o.media, []byte(body))
}

// Stream ends the answer with everything that body holds and closes it when it
// can be closed. length 0 means unknown. Event streams are flushed as they come.
func (o *Reply) Stream(body io.Reader, length int64) error {
	if c, ok := body.(io.Closer); ok {
		defer c.Close()
	}
	if o.err != nil {
		return o.err
	}
	if body == nil {
		body = strings.NewReader("")
	}
	if length == 0 {
		length = -1
	}
	if !o.begin(o.media, length) {
		return nil
	}
	var dst io.Writer = o.w
	if live(o.media) {
		dst = flushing{o.w, http.NewResponseController(o.w)}
	}
	if _, err := io.Copy(dst, body); err != nil {
		// The head is out: only breaking the connection tells the client that the
		// answer is not whole.
		panic(http.ErrAbortHandler)
	}
	return nil
}

type flushing struct {
	w  io.Writer
	rc *http.ResponseController
}

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err == nil {
		_ = f.rc.Flush() // a writer that cannot flush still writes
	}
	return n, err
}

// Multipart ends the answer with the parts that write adds.
func (o *Reply) Multipart(write func(*multipart.Writer) error) error {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	if write != nil {
		if err := write(w); err != nil {
			return errors.Join(o.err, err)
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return o.send(withBoundary(o.media, w.Boundary()), buf.Bytes())
}

func withBoundary(contentType, boundary string) string {
	given := media.Parse(contentType)
	params := given.Params
	if params == nil {
		params = map[string]string{}
	}
	params["boundary"] = boundary
	return mime.FormatMediaType(given.Name, params)
}
