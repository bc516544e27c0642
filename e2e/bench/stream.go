package main

import (
	"bufio"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	streams    = 40
	events     = 5
	eventGap   = 5 * time.Millisecond
	streamGoal = 2 * time.Millisecond
)

// stream sends events that say when they were sent.
func stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	for range events {
		fmt.Fprintf(w, "data: %d\n\n", time.Now().UnixNano())
		if flush.Flush() != nil {
			return
		}
		time.Sleep(eventGap)
	}
}

// streamGoals measures how long an event is on its way, from the moment that
// the upstream sends it to the moment that the client has it.
func streamGoals(int) ([]line, error) {
	upstream, err := start("upstream", "")
	if err != nil {
		return nil, err
	}
	defer upstream.stop()
	ours, err := start("banyan", upstream.addr)
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	peer, err := start("httputil", upstream.addr)
	if err != nil {
		return nil, err
	}
	defer peer.stop()
	delays := map[*process][]time.Duration{}
	for range streams {
		for _, p := range []*process{ours, peer} {
			ds, err := p.delays()
			if err != nil {
				return nil, err
			}
			delays[p] = append(delays[p], ds[0])
		}
	}
	show := func(p *process) (half, most time.Duration) {
		slices.Sort(delays[p])
		return delays[p][streams/2], delays[p][streams*95/100]
	}
	half, most := show(ours)
	peerHalf, peerMost := show(peer)
	return []line{{
		name:  "first byte of a stream",
		ours:  fmt.Sprintf("%.2f ms, 95%% %.2f ms", half.Seconds()*1e3, most.Seconds()*1e3),
		peer:  fmt.Sprintf("%.2f ms, 95%% %.2f ms httputil", peerHalf.Seconds()*1e3, peerMost.Seconds()*1e3),
		ratio: fmt.Sprintf("%.2f", half.Seconds()/peerHalf.Seconds()),
		goal:  fmt.Sprintf("<= %s", streamGoal), ok: half <= streamGoal,
	}}, nil
}

// delays reads one stream.
func (p *process) delays() ([]time.Duration, error) {
	res, err := http.Get("http://" + p.addr + "/stream")
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var ds []time.Duration
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			sent, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, err
			}
			ds = append(ds, time.Since(time.Unix(0, sent)))
		}
	}
	if len(ds) != events {
		return nil, fmt.Errorf("%d events, want %d", len(ds), events)
	}
	return ds, nil
}
