package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// scenarios are the sizes of the upstream's answer.
var scenarios = []struct {
	name        string
	size        int
	connections int
	goal        float64
}{
	{"300 B", 300, 8, 0.90},
	{"16 KB", 16 << 10, 8, 0.90},
	{"1 MB", 1 << 20, 8, 1.00},
	{"300 B, 64 connections", 300, 64, 0.90},
}

// memoryGoal is the resident memory, in MB, that the server may have after all
// of that.
const memoryGoal = 25

// noise is how far two runs of the same proxy lie apart here; "not slower"
// is judged with it.
const noise = 0.03

const roundTime = time.Second

// proxyGoals measures the proxies' CPU time per request, each proxy being a
// process of its own, with the load and the upstream outside of it.
func proxyGoals(rounds int) ([]line, error) {
	upstream, err := start("upstream", "")
	if err != nil {
		return nil, err
	}
	defer upstream.stop()
	peer, err := start("httputil", upstream.addr)
	if err != nil {
		return nil, err
	}
	defer peer.stop()
	ours, err := start("banyan", upstream.addr)
	if err != nil {
		return nil, err
	}
	defer ours.stop()

	var lines []line
	for _, sc := range scenarios {
		var ratios, oursUS, peerUS []float64
		for round := range rounds + 1 {
			cost, err := sideBySide(sc.size, sc.connections, ours, peer)
			if err != nil {
				return nil, err
			}
			if round == 0 {
				continue // warms connections, pools and caches
			}
			ratios = append(ratios, cost[0]/cost[1])
			oursUS = append(oursUS, cost[0])
			peerUS = append(peerUS, cost[1])
		}
		ratio := median(ratios)
		goal, allowed := fmt.Sprintf("<= %.2f", sc.goal), sc.goal
		if allowed == 1 {
			goal, allowed = fmt.Sprintf("%s (+%.2f noise)", goal, noise), allowed+noise
		}
		lines = append(lines, line{
			name:  "proxy CPU per request, " + sc.name,
			ours:  fmt.Sprintf("%.1f us", median(oursUS)),
			peer:  fmt.Sprintf("%.1f us httputil", median(peerUS)),
			ratio: fmt.Sprintf("%.2f (%.2f-%.2f)", ratio, slices.Min(ratios), slices.Max(ratios)),
			goal:  goal, ok: ratio <= allowed,
		})
	}
	mb, err := ours.number(memoryPath)
	if err != nil {
		return nil, err
	}
	peerMB, err := peer.number(memoryPath)
	if err != nil {
		return nil, err
	}
	return append(lines, line{
		name: "proxy memory after the load", ours: fmt.Sprintf("%.1f MB", mb), peer: fmt.Sprintf("%.1f MB httputil", peerMB),
		ratio: fmt.Sprintf("%.2f", mb/peerMB), goal: fmt.Sprintf("<= %d MB", memoryGoal), ok: mb <= memoryGoal,
	}), nil
}

// process is this program playing one role.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser // closing it ends the process
	addr  string
}

func start(role, upstream string, env ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleEnv+"="+role, upstreamEnv+"="+upstream)
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s did not start: %w", role, err)
	}
	return &process{cmd, stdin, strings.TrimSpace(addr)}, nil
}

func (p *process) stop() {
	_ = p.stdin.Close()
	_ = p.cmd.Wait()
}

// number asks the process about itself.
func (p *process) number(path string) (float64, error) {
	resp, err := http.Get("http://" + p.addr + path)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(text), 64)
}

// sideBySide loads processes at the same time and returns what a request cost
// each. One after the other they would not have the same machine: what else it
// does changes from second to second, and what a request costs with it.
func sideBySide(size, connections int, ps ...*process) ([]float64, error) {
	costs, errs := make([]float64, len(ps)), make([]error, len(ps))
	var wg sync.WaitGroup
	for i, p := range ps {
		wg.Go(func() { costs[i], errs[i] = p.cpuPerRequest(size, connections) })
	}
	wg.Wait()
	return costs, errors.Join(errs...)
}

// cpuPerRequest loads the process for one round and returns the microseconds
// of CPU that each request took.
func (p *process) cpuPerRequest(size, connections int) (float64, error) {
	before, err := p.number(cpuPath)
	if err != nil {
		return 0, err
	}
	requests, err := p.load(size, connections)
	if err != nil {
		return 0, err
	}
	after, err := p.number(cpuPath)
	if err != nil {
		return 0, err
	}
	return (after - before) / float64(requests), nil
}

// load sends requests over some connections for one round, and returns how
// many were answered.
func (p *process) load(size, connections int) (int64, error) {
	var (
		wg       sync.WaitGroup
		requests atomic.Int64
		failure  atomic.Pointer[error]
		end      = time.Now().Add(roundTime)
	)
	for range connections {
		wg.Go(func() {
			if n, err := drive(p.addr, size, end); err != nil {
				failure.Store(&err)
			} else {
				requests.Add(n)
			}
		})
	}
	wg.Wait()
	if err := failure.Load(); err != nil {
		return 0, *err
	}
	return requests.Load(), nil
}

// drive sends requests over one connection until the end, checking that every
// answer is whole.
func drive(addr string, size int, end time.Time) (int64, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	request := fmt.Appendf(nil, "GET /answer?size=%d HTTP/1.1\r\nHost: bench.test\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n", size)
	var n int64
	for time.Now().Before(end) {
		if _, err := conn.Write(request); err != nil {
			return n, err
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return n, err
		}
		got, err := io.Copy(io.Discard, resp.Body)
		if err != nil {
			return n, err
		}
		if resp.StatusCode != http.StatusOK || got != int64(size) {
			return n, fmt.Errorf("answer %d with %d bytes, want 200 with %d", resp.StatusCode, got, size)
		}
		n++
	}
	return n, nil
}
