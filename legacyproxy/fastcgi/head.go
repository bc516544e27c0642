package fastcgi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/legacyproxy/internal/fields"
)

// parseHead reads the head of a script's output (RFC 3875, section 6.3) into
// an answer that still lacks its body.
func parseHead(head string) (*http.Response, error) {
	h := make(http.Header, 12)
	if err := fields.Parse(h, head); err != nil {
		return nil, err
	}
	res := &http.Response{StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: h}
	text := "200 OK"
	if status, ok := h["Status"]; ok {
		if len(status) > 1 {
			return nil, fields.SyntaxError("there are several statuses")
		}
		text = status[0]
		delete(h, "Status")
	} else if len(h["Location"]) > 0 {
		text = "302 Found"
	}
	code, _, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || n < 200 || n > 999 {
		return nil, fields.SyntaxError("the status is no number from 200 on")
	}
	res.Status, res.StatusCode = text, n
	delete(h, "Transfer-Encoding") // a script has no say in how its output is framed
	if res.ContentLength, err = fields.ContentLength(h); err != nil {
		return nil, err
	}
	return res, nil
}
