package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	roleEnv     = "BANYAN_BENCH_ROLE"
	upstreamEnv = "BANYAN_BENCH_UPSTREAM"
	cpuPath     = "/-/cpu"    // microseconds so far
	memoryPath  = "/-/memory" // resident MB
)

// playRole serves until standard input ends, so that no role outlives the run; the
// role documents writes files and ends.
func playRole(role string) {
	upstream := os.Getenv(upstreamEnv)
	var h http.Handler
	switch role {
	case "documents":
		if err := writeDocuments(os.Getenv(documentsEnv)); err != nil {
			log.Fatal(err)
		}
		return
	case "upstream":
		mux := http.NewServeMux()
		mux.HandleFunc("/answer", answer)
		mux.HandleFunc("/stream", stream)
		h = mux
	case "httputil":
		h = reverseProxy(upstream)
	case "banyan":
		h = banyan(upstream)
	default:
		log.Fatalf("unknown role %q", role)
	}
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.HandleFunc(cpuPath, cpuTime)
	mux.HandleFunc(memoryPath, memory)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(http.Serve(l, mux)) // loopback, ends with the run
}

func cpuTime(w http.ResponseWriter, _ *http.Request) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	us := float64(u.Utime.Sec+u.Stime.Sec)*1e6 + float64(u.Utime.Usec+u.Stime.Usec)
	fmt.Fprint(w, us)
}

func memory(w http.ResponseWriter, _ *http.Request) {
	text, err := os.ReadFile("/proc/self/statm") // size and resident, in pages
	var size, resident int
	if err == nil {
		_, err = fmt.Sscan(string(text), &size, &resident)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprint(w, float64(resident)*float64(os.Getpagesize())/1e6)
}

// filler is made when it is asked for: proxies, whose memory counts, need none.
var filler = sync.OnceValue(func() []byte {
	return bytes.Repeat([]byte(`{"id":12345,"name":"a plausible answer"},`), 1<<20/41+1)
})

// answer is an upstream of PHP's manners: a JSON body of the wanted size.
func answer(w http.ResponseWriter, r *http.Request) {
	size, err := strconv.Atoi(r.URL.Query().Get("size"))
	filler := filler()
	if err != nil || size < 0 || size > len(filler) {
		http.Error(w, "size", http.StatusBadRequest)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set("X-Powered-By", "PHP/8.2")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(size))
	_, _ = w.Write(filler[:size])
}

// transport is what a careful team tunes.
func transport() *http.Transport {
	return &http.Transport{
		MaxIdleConns:        1024,
		MaxIdleConnsPerHost: 1024,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true,
	}
}

// reverseProxy is what a careful team writes with the standard library.
func reverseProxy(upstream string) http.Handler {
	target := &url.URL{Scheme: "http", Host: upstream}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			r.SetXForwarded()
		},
		Transport:  transport(),
		BufferPool: new(buffers),
		ErrorLog:   log.New(io.Discard, "", 0),
	}
}

type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(p []byte) { b.pool.Put(&p) }
