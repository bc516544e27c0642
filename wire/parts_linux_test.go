package wire

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A form takes one file of the disk, however many files it has: a client must not
// be able to use up those that a process may open.
func TestFilesShareOne(t *testing.T) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	text := func(i int) string { return strings.Repeat(fmt.Sprint(i, ","), 1+i*i) }
	for i := range 200 {
		part, err := w.CreateFormFile("file", fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			_, err = part.Write(make([]byte, spooled)) // what there is of memory
		} else {
			_, err = io.WriteString(part, text(i))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	open := func() (n int) {
		links, err := filepath.Glob("/proc/self/fd/*")
		if err != nil || len(links) == 0 {
			t.Fatal("no open files", err)
		}
		for _, link := range links {
			if name, _ := os.Readlink(link); strings.Contains(name, "banyan-part-") {
				n++
			}
		}
		return n
	}
	var used files
	var kept []*File
	for r := multipart.NewReader(&form, w.Boundary()); ; {
		part, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		file, err := used.keep(part)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, file)
	}
	if n := open(); n != 1 {
		t.Errorf("%d files are open", n)
	}
	for i := len(kept) - 1; i > 0; i-- { // in any order
		data, err := io.ReadAll(kept[i])
		if string(data) != text(i) || kept[i].Size != int64(len(data)) || err != nil {
			t.Fatalf("%d: %d bytes of %d, %v", i, len(data), kept[i].Size, err)
		}
		seeker, ok := kept[i].Reader.(io.Seeker)
		if !ok {
			t.Fatal("it cannot be read again")
		}
		if _, err := seeker.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if again, _ := io.ReadAll(kept[i]); string(again) != text(i) {
			t.Fatalf("%d is another one when it is read again", i)
		}
	}
	used.close()
	if n := open(); n != 0 {
		t.Errorf("%d files are still open", n)
	}
}
