package legacyproxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The upstream of the benchmarks is a process of its own, so that the CPU time
// of this one is the proxy's and the client's.
const benchUpstream = "LEGACYPROXY_BENCH_UPSTREAM"

func TestMain(m *testing.M) {
	if os.Getenv(benchUpstream) != "" {
		runBenchUpstream()
		return
	}
	os.Exit(m.Run())
}

var benchSizes = []struct {
	name string
	size int
}{{"300B", 300}, {"16KB", 16 << 10}, {"1MB", 1 << 20}}

// runBenchUpstream answers /<size> with so many bytes until its stdin ends.
func runBenchUpstream() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	body := make([]byte, 1<<20)
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Path[1:])
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(n))
		w.Header().Set("X-Powered-By", "PHP/8.2.36")
		w.Header().Set("Cache-Control", "no-store, no-cache, must-revalidate")
		w.Header().Set("Set-Cookie", "PHPSESSID=0123456789abcdef; path=/")
		w.Write(body[:n])
	}))
	io.Copy(io.Discard, os.Stdin)
}

func startBenchUpstream(b *testing.B) string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), benchUpstream+"=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return "http://" + strings.TrimSpace(addr)
}

func BenchmarkProxy(b *testing.B) {
	upstream := startBenchUpstream(b)
	for _, s := range benchSizes {
		b.Run(s.name, func(b *testing.B) { benchOne(b, newBenchClient(b, ourFront(b, upstream), s.size)) })
	}
}

// BenchmarkReverseProxy is the peer: the standard library's proxy over the
// same kind of transport, with a buffer pool.
func BenchmarkReverseProxy(b *testing.B) {
	upstream := startBenchUpstream(b)
	for _, s := range benchSizes {
		b.Run(s.name, func(b *testing.B) { benchOne(b, newBenchClient(b, peerFront(b, upstream), s.size)) })
	}
}

// BenchmarkOverhead compares the two in turns, so that what else the machine
// does strikes both. It reports the median of the ratios of CPU time.
func BenchmarkOverhead(b *testing.B) {
	const turn = 50
	upstream := startBenchUpstream(b)
	for _, s := range benchSizes {
		b.Run(s.name, func(b *testing.B) {
			ours, peer := newBenchClient(b, ourFront(b, upstream), s.size), newBenchClient(b, peerFront(b, upstream), s.size)
			cpu, wall := []float64{}, []float64{}
			i := 0
			for b.Loop() {
				first, second := ours, peer
				if i%2 == 1 {
					first, second = peer, ours
				}
				c1, w1 := first.turn(turn)
				c2, w2 := second.turn(turn)
				if i%2 == 1 {
					c1, c2, w1, w2 = c2, c1, w2, w1
				}
				cpu, wall = append(cpu, c1/c2), append(wall, w1/w2)
				i++
			}
			slices.Sort(cpu)
			slices.Sort(wall)
			b.ReportMetric(cpu[len(cpu)/2], "cpu-ratio")
			b.ReportMetric(wall[len(wall)/2], "time-ratio")
		})
	}
}

func ourFront(b *testing.B, upstream string) string {
	svc := service("GET", "/{size}")
	return serve(b, load(b, svc, upstream, "version: 1\n"), &svc.Operations[0]).Listener.Addr().String()
}

func peerFront(b *testing.B, upstream string) string {
	target, err := url.Parse(upstream)
	if err != nil {
		b.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true, MaxIdleConns: 1024, MaxIdleConnsPerHost: 256, IdleConnTimeout: 90 * time.Second}
	b.Cleanup(transport.CloseIdleConnections)
	front := httptest.NewServer(&httputil.ReverseProxy{
		Transport:  transport,
		BufferPool: &bufferPool{sync.Pool{New: func() any { return make([]byte, 32<<10) }}},
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Host = p.In.Host
			p.SetXForwarded()
		},
	})
	b.Cleanup(front.Close)
	return front.Listener.Addr().String()
}

type bufferPool struct{ sync.Pool }

func (p *bufferPool) Get() []byte { return p.Pool.Get().([]byte) }

//lint:ignore SA6002 httputil.BufferPool hands slices over, and this is what its users do with them
func (p *bufferPool) Put(b []byte) { p.Pool.Put(b) }

// benchClient sends one request over and over on one raw connection.
type benchClient struct {
	b       *testing.B
	conn    net.Conn
	in      *bufio.Reader
	request []byte
	size    int
}

func newBenchClient(b *testing.B, addr string, size int) *benchClient {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	c := &benchClient{b: b, conn: conn, in: bufio.NewReaderSize(conn, 64<<10), size: size,
		request: []byte("GET /" + strconv.Itoa(size) + "?page=1&f[a]=2 HTTP/1.1\r\nHost: shop.example\r\nAccept: application/json\r\n" +
			"Accept-Encoding: gzip\r\nAccept-Language: en\r\nAuthorization: Bearer 0123456789\r\nCookie: a=1; PHPSESSID=0123456789abcdef\r\n" +
			"User-Agent: bench\r\nTraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n")}
	c.turn(20)
	return c
}

func (c *benchClient) one() {
	if _, err := c.conn.Write(c.request); err != nil {
		c.b.Fatal(err)
	}
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			c.b.Fatal(err)
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(v)))
		}
		if len(line) == 2 {
			break
		}
	}
	if length != c.size {
		c.b.Fatalf("length %d, want %d", length, c.size)
	}
	if _, err := c.in.Discard(c.size); err != nil {
		c.b.Fatal(err)
	}
}

// turn sends n requests and returns the CPU and wall time they took.
func (c *benchClient) turn(n int) (cpu, wall float64) {
	cpuBefore, before := cpuTime(), time.Now()
	for range n {
		c.one()
	}
	return float64(cpuTime() - cpuBefore), float64(time.Since(before))
}

func benchOne(b *testing.B, c *benchClient) {
	b.ReportAllocs()
	b.SetBytes(int64(c.size))
	before := cpuTime()
	for b.Loop() {
		c.one()
	}
	b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
}

// cpuTime is what this process has used so far, in nanoseconds.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
