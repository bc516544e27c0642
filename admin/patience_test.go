package admin

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// TestRefusesBeforeTheBody: a client that asks before it sends a body gets the
// refusal and not silence. net/http must still see that it asked.
func TestRefusesBeforeTheBody(t *testing.T) {
	t.Parallel()
	l, url := listen(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	refusing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	})
	go func() { ended <- Run(ctx, Server{Listener: l, Handler: refusing}) }()
	t.Cleanup(func() { stop(); <-ended })
	for _, length := range []string{"Content-Length: 100", "Content-Length: 100000000", "Transfer-Encoding: chunked"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"+length+"\r\n\r\n")
		_ = conn.SetReadDeadline(time.Now().Add(3 * time.Second))
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "HTTP/1.1 413") {
			t.Errorf("%s: %q, %v", length, line, err)
		}
		_ = conn.Close()
	}
}

// TestFilesOfUploadsAreRemoved: net/http removes the files of a form that was
// parsed, if it knows of it.
func TestFilesOfUploadsAreRemoved(t *testing.T) {
	t.Parallel()
	files := make(chan string, 1)
	url := patientServer(t, time.Second, func(_ http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(0); err != nil {
			t.Error(err)
		}
		for _, f := range r.MultipartForm.File["f"] {
			opened, err := f.Open()
			if err != nil {
				t.Error(err)
				continue
			}
			files <- opened.(*os.File).Name()
			_ = opened.Close()
		}
	})
	part := "--x\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n" + strings.Repeat("a", 11<<20) + "\r\n--x--\r\n"
	r, err := http.NewRequestWithContext(t.Context(), "POST", url, strings.NewReader(part))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Close = true
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, res.Body) // until the server closes, which is after it cleaned up
	_ = res.Body.Close()
	name := <-files
	for range 100 {
		if _, err = os.Stat(name); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s is still there", name)
}
