package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/wire/internal/codec"
)

// Event is one server-sent event (the HTML standard, section 9.2) whose data is
// JSON. Of a field that is empty nothing is sent.
type Event[T any] struct {
	// ID is what a client that connects again sends in Last-Event-ID.
	ID string
	// Name is the event's type, "message" to a browser where it is empty.
	Name string
	// Retry tells the client how long to wait before it connects again.
	Retry time.Duration
	Data  T
}

// Events is a stream of server-sent events, each of which is sent as soon as it
// is there. A handler's Events is called once and yields until yield is false,
// which means that the client is gone, or its context ends; what it yields with
// an error is not sent, and breaks the answer off. A port's is ranged over once,
// yields what has arrived and ends with an error where the stream breaks off;
// leaving the loop closes the connection.
type Events[T any] iter.Seq2[Event[T], error]

// Send is Events for handlers that would rather send than yield. send returns an
// error when the client is gone, which produce should return; another error of
// produce breaks the answer off.
func Send[T any](produce func(send func(Event[T]) error) error) Events[T] {
	return func(yield func(Event[T], error) bool) {
		gone := false
		err := produce(func(e Event[T]) error {
			if gone || !yield(e, nil) {
				gone = true
				return errGone
			}
			return nil
		})
		if err != nil && !gone {
			yield(Event[T]{}, err)
		}
	}
}

var errGone = errors.New("the client is gone")

// Lines is a stream of JSON documents, one a line. It behaves as Events does; in
// a request it is the handler that ranges over it, while the client is sending.
type Lines[T any] iter.Seq2[T, error]

// source is a stream that is written: each hands over one item after the other,
// ready to send.
type source interface {
	each(d direction, yield func(item []byte, err error) bool)
}

func (e Events[T]) each(d direction, yield func([]byte, error) bool) {
	if e == nil {
		return
	}
	e(func(event Event[T], err error) bool {
		if err != nil {
			return yield(nil, err)
		}
		return yield(event.encode(d))
	})
}

func (e *Event[T]) encode(d direction) ([]byte, error) {
	var b bytes.Buffer
	for _, field := range []struct{ name, value string }{{"event", e.Name}, {"id", e.ID}} {
		if field.value == "" {
			continue
		}
		if strings.ContainsAny(field.value, "\r\n\x00") {
			return nil, fmt.Errorf("the %s of an event holds a line break", field.name)
		}
		b.WriteString(field.name + ": " + field.value + "\n")
	}
	if e.Retry > 0 {
		b.WriteString("retry: " + strconv.FormatInt(e.Retry.Milliseconds(), 10) + "\n")
	}
	data, err := d.marshal(&e.Data)
	if err != nil {
		return nil, err
	}
	b.WriteString("data: ") // JSON has no line breaks of its own
	b.Write(data)
	b.WriteString("\n\n")
	return b.Bytes(), nil
}

func (l Lines[T]) each(d direction, yield func([]byte, error) bool) {
	if l == nil {
		return
	}
	l(func(item T, err error) bool {
		if err != nil {
			return yield(nil, err)
		}
		data, err := d.marshal(&item)
		return yield(append(data, '\n'), err)
	})
}

// items ends an answer with a stream. The head goes out at once, so that the
// client knows that it has been heard.
func (o *Reply) items(s source, d direction) error {
	if o.err != nil {
		return o.err
	}
	if o.status == http.StatusOK || o.status == 0 {
		o.w.Header()["Cache-Control"] = []string{"no-store"}
	}
	if !o.begin(o.media, -1) {
		return nil
	}
	out := flushing{o.w, http.NewResponseController(o.w)}
	_ = out.rc.Flush()
	s.each(d, func(item []byte, err error) bool {
		if err != nil {
			// The head is out: only breaking the connection tells the client that
			// the answer is not whole.
			panic(http.ErrAbortHandler)
		}
		_, err = out.Write(item)
		return err == nil
	})
	return nil
}

// target is a stream that is read from what arrives.
type target interface {
	readFrom(body io.Reader, bad func(error) error)
}

// mostLine bounds one line of a stream.
const mostLine = 16 << 20

func lines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(nil, mostLine)
	return s
}

func (l *Lines[T]) readFrom(body io.Reader, bad func(error) error) {
	*l = func(yield func(T, error) bool) {
		defer closed(body)
		in := lines(body)
		for in.Scan() {
			line := bytes.Trim(in.Bytes(), " \t\r\x1e") // RFC 7464 marks records
			if len(line) == 0 {
				continue
			}
			var item T
			if err := codec.Unmarshal(bytes.Clone(line), &item, codec.Lenient); err != nil {
				pointer, message := jsonFault(err)
				yield(item, bad(errors.New(strings.TrimSpace(pointer+" "+message))))
				return
			}
			if !yield(item, nil) {
				return
			}
		}
		if err := in.Err(); err != nil {
			var none T
			yield(none, bad(err))
		}
	}
}

func (e *Events[T]) readFrom(body io.Reader, bad func(error) error) {
	*e = func(yield func(Event[T], error) bool) {
		defer closed(body)
		in := lines(body)
		in.Split(anyLine())
		var event Event[T]
		var data []byte
		for in.Scan() {
			line := in.Text()
			if line == "" {
				if data != nil {
					if err := codec.Unmarshal(data, &event.Data, codec.Lenient); err != nil {
						pointer, message := jsonFault(err)
						yield(event, bad(errors.New("data"+pointer+" "+message)))
						return
					}
					if !yield(event, nil) {
						return
					}
				}
				event, data = Event[T]{ID: event.ID}, nil
				continue
			}
			name, value, _ := strings.Cut(line, ":")
			value = strings.TrimPrefix(value, " ")
			switch name {
			case "event":
				event.Name = value
			case "id":
				event.ID = value
			case "retry":
				if n, err := strconv.ParseUint(value, 10, 31); err == nil {
					event.Retry = time.Duration(n) * time.Millisecond
				}
			case "data":
				if data != nil {
					data = append(data, '\n')
				}
				if len(data)+len(value) > mostLine {
					yield(event, bad(bufio.ErrTooLong))
					return
				}
				data = append(data, value...)
			}
		}
		if err := in.Err(); err != nil {
			yield(Event[T]{}, bad(err))
		}
	}
}

// anyLine splits at LF, CR and CR LF, as event streams do, a byte order mark in
// front left out.
func anyLine() bufio.SplitFunc {
	first, cr := true, false
	return func(data []byte, atEOF bool) (int, []byte, error) {
		skip := 0
		if cr && len(data) > 0 && data[0] == '\n' {
			skip = 1
		}
		rest := data[skip:]
		if i := bytes.IndexAny(rest, "\r\n"); i >= 0 {
			cr = rest[i] == '\r'
			line := rest[:i]
			if first {
				first, line = false, bytes.TrimPrefix(line, []byte("\ufeff"))
			}
			return skip + i + 1, line, nil
		}
		if atEOF {
			return len(data), nil, nil // an event that does not end is dropped
		}
		if skip > 0 {
			cr = false
			return skip, nil, nil
		}
		return 0, nil, nil
	}
}

func closed(body io.Reader) {
	if c, ok := body.(io.Closer); ok {
		_ = c.Close()
	}
}

// malformedLine is what a handler gets for a line that is not as it should be.
func malformedLine(err error) error {
	if known := (*problem.Error)(nil); errors.As(err, &known) {
		return known // of whoever checks the lines
	}
	return problem.Malformed.Wrap(err, "a line of the body "+err.Error())
}
