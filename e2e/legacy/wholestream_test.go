//go:build unix

package legacy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Answers of TestWholeStream are made of blocks that begin with their numbers:
// what is lost, comes twice or is torn apart shows.
const (
	streamBlock = 64 << 10
	streamShort = 512 << 20
	streamLong  = 10 << 30
	// streamMemory is the most that a server may ever have had resident, and
	// streamGrowth how much more than before its streams.
	streamMemory = 64 << 20
	streamGrowth = 16 << 20
)

// TestWholeStream reads answers to their last byte: 10 GB each in a soak, half a
// otherwise. The server passes them on from a raw backend over HTTP and from
// php-fpm over FastCGI, and must not need memory for it.
func TestWholeStream(t *testing.T) {
	t.Parallel()
	size := int64(streamShort)
	if os.Getenv("SOAK") != "" {
		size = streamLong
	}
	h := startHostile(t, buildBanyan(t), "fpm")
	p := h.process()
	client := &http.Client{Transport: &http.Transport{ReadBufferSize: 4 * streamBlock, DisableCompression: true}}
	defer client.CloseIdleConnections()
	if err := h.echo(client.Transport, "/stream/echo"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/raw-patient/numbered", "/stream/numbered"} {
		before, peakBefore := p.cpu(t), p.peak(t)
		began := time.Now()
		got, err := readNumbered(client, fmt.Sprintf("http://%s%s?blocks=%d", h.listen, path, size/streamBlock))
		after := p.peak(t)
		fmt.Fprintf(t.Output(), "%s: %d of %d bytes in %.1f s, the server's CPU time %.1f s, its most memory %.1f MB before and %.1f MB after\n",
			path, got, size, time.Since(began).Seconds(), p.cpu(t)-before, mb(peakBefore), mb(after))
		if err != nil || got != size {
			t.Errorf("%s: %d bytes, want %d: %v", path, got, size, err)
		}
		if after > streamMemory || after-peakBefore > streamGrowth {
			t.Errorf("%s: memory grew from %.1f to %.1f MB", path, mb(peakBefore), mb(after))
		}
	}
}

// readNumbered reads an answer of numbered blocks and returns its length.
func readNumbered(client *http.Client, address string) (n int64, err error) {
	res, err := client.Get(address)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, errors.New(res.Status)
	}
	block, want := make([]byte, streamBlock), []byte(blockText)
	for i := 0; ; i++ {
		got, err := io.ReadFull(res.Body, block)
		n += int64(got)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if copy(want, fmt.Sprintf("%016x", i)); !bytes.Equal(block, want) {
			return n, fmt.Errorf("block %d begins with %q", i, block[:20])
		}
	}
}

// blockText is a block without its number, which stands in its first 16
// characters.
var blockText = strings.Repeat("0123456789abcdef", streamBlock/16)

// peak is the most memory that the process ever had resident.
func (p process) peak(t *testing.T) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("the kernel does not say VmHWM")
	return 0
}

// cpu is the seconds that the process ran.
func (p process) cpu(t *testing.T) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var ticks float64
	for _, f := range fields[11:13] { // utime and stime
		n, _ := strconv.ParseFloat(f, 64)
		ticks += n
	}
	return ticks / 100
}
