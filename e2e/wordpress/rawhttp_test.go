package wordpress

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"time"
)

// The Host that every request carries, whoever it is sent to: WordPress builds
// its links from it.
const host = "wordpress.test"

// answer is a response as it came over the wire.
type answer struct {
	status string // the status line without the version, "404 Not Found"
	header http.Header
	body   []byte
}

// send writes r to addr byte by byte and reads the answer. net/http's client is
// of no use here: it refuses some of the targets, adds headers of its own and
// hides others.
func send(addr string, r request) (*answer, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(60 * time.Second)); err != nil {
		return nil, err
	}
	if _, err := conn.Write(wire(r)); err != nil {
		return nil, err
	}

	var seen bytes.Buffer
	res, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &seen)), &http.Request{Method: r.method})
	if err != nil {
		return nil, fmt.Errorf("%w; received %q", err, seen.Bytes())
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	// ReadResponse takes Transfer-Encoding and others out of the header.
	head, _, _ := bytes.Cut(seen.Bytes(), []byte("\r\n\r\n"))
	first, rest, _ := strings.Cut(string(head), "\r\n")
	header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(rest + "\r\n\r\n"))).ReadMIMEHeader()
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	_, status, _ := strings.Cut(first, " ")
	return &answer{status: status, header: http.Header(header), body: body}, nil
}

// wire returns the request as it is sent.
func wire(r request) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: end-to-end test\r\nConnection: close\r\n", r.method, r.target, host)
	if r.login != "" {
		fmt.Fprintf(&b, "Authorization: Basic %s\r\n", base64.StdEncoding.EncodeToString([]byte(credentials(r.login))))
	}
	chunked := false
	for _, line := range r.headers {
		fmt.Fprintf(&b, "%s\r\n", line)
		chunked = chunked || line == "Transfer-Encoding: chunked"
	}
	switch {
	case chunked:
		half := len(r.body) / 2
		fmt.Fprintf(&b, "\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", half, r.body[:half], len(r.body)-half, r.body[half:])
	case len(r.body) > 0:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(r.body), r.body)
	default:
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

// credentials is the user and the application password that seed.php gave it.
// "wrong" is the administrator with a password that nobody has.
func credentials(login string) string {
	if login == "wrong" {
		return "admin:" + strings.Repeat("x", 24)
	}
	return login + ":" + login + strings.Repeat("0", 24-len(login))
}
