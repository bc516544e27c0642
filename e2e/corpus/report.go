package main

import (
	"fmt"
	"strings"
)

// Result is what became of one document. Seconds are those of the clock,
// memory is the most that one process had at a time.
type Result struct {
	Document string `json:"document"`
	// Declared are the operations of the source, Operations those that the
	// generated server has.
	Declared   int     `json:"declared"`
	Operations int     `json:"operations"`
	Warnings   int     `json:"warnings"`
	Lines      int     `json:"lines"`
	Load       float64 `json:"loadSeconds"`
	Generate   float64 `json:"generateSeconds"`
	Build      float64 `json:"buildSeconds"`
	// ToolMB is the peak of checking and generating, BuildMB that of building.
	ToolMB  float64 `json:"toolMB"`
	BuildMB float64 `json:"buildMB"`
	// BuildCPU is of building the package again, in seconds; the ratios are to
	// the peer's package, 0 where it does not compile, for which PeerFault says
	// why. The floors are of packages that use what ours, or the peer's, imports
	// and have nothing else.
	BuildCPU     float64 `json:"buildCPUSeconds,omitempty"`
	PeerCPU      float64 `json:"peerCPUSeconds,omitempty"`
	PeerMB       float64 `json:"peerMB,omitempty"`
	FloorCPU     float64 `json:"floorCPUSeconds,omitempty"`
	FloorMB      float64 `json:"floorMB,omitempty"`
	PeerFloorCPU float64 `json:"peerFloorCPUSeconds,omitempty"`
	PeerFloorMB  float64 `json:"peerFloorMB,omitempty"`
	CPURatio     float64 `json:"cpuRatio,omitempty"`
	MemoryRatio  float64 `json:"memoryRatio,omitempty"`
	PeerFault    string  `json:"peerFault,omitempty"`
	// Fault is empty for a document that passes.
	Fault string `json:"fault,omitempty"`
}

// Report is all of them.
type Report struct {
	Documents  []Result `json:"documents"`
	Passed     int      `json:"passed"`
	Total      int      `json:"total"`
	Operations int      `json:"operations"`
	Declared   int      `json:"declared"`
}

func (r *Report) add(d Result) {
	r.Documents = append(r.Documents, d)
	r.Total++
	r.Declared += d.Declared
	if d.Fault == "" {
		r.Passed++
		r.Operations += d.Operations
	}
}

const header = "DOCUMENT                  WARNINGS  OPERATIONS    LINES  LINES/OP  LOAD s  GENERATE s  BUILD s  PEAK MB  BUILD MB"

func (d Result) line() string {
	outcome := d.Fault
	if outcome == "" {
		outcome = "ok"
	}
	per := 0
	if d.Operations > 0 {
		per = d.Lines / d.Operations
	}
	return fmt.Sprintf("%-24s  %8d  %10s  %7d  %8d  %6.2f  %10.2f  %7.1f  %7.0f  %8.0f  %s",
		d.Document, d.Warnings, fmt.Sprintf("%d/%d", d.Operations, d.Declared), d.Lines, per, d.Load, d.Generate, d.Build, d.ToolMB, d.BuildMB, outcome)
}

// peers is the table of the comparison.
func (r Report) peers() string {
	var b strings.Builder
	b.WriteString("\nBUILDING AGAIN             CPU s    PEER   RATIO       FLOORS   ABOVE       MB    PEER   RATIO   FLOORS   ABOVE\n")
	for _, d := range r.Documents {
		switch {
		case d.BuildCPU == 0:
		case d.CPURatio == 0:
			fmt.Fprintf(&b, "%-24s  %6.2f       -       -  %5.2f     -       -   %6.0f       -       -  %3.0f    -       -  the peer does not compile: %s\n",
				d.Document, d.BuildCPU, d.FloorCPU, d.BuildMB, d.FloorMB, d.PeerFault)
		default:
			fmt.Fprintf(&b, "%-24s  %6.2f  %6.2f  %6.2f  %5.2f %5.2f  %6.2f   %6.0f  %6.0f  %6.2f  %3.0f  %3.0f  %6.2f  ok\n",
				d.Document, d.BuildCPU, d.PeerCPU, d.CPURatio, d.FloorCPU, d.PeerFloorCPU, (d.BuildCPU-d.FloorCPU)/(d.PeerCPU-d.PeerFloorCPU),
				d.BuildMB, d.PeerMB, d.MemoryRatio, d.FloorMB, d.PeerFloorMB, (d.BuildMB-d.FloorMB)/(d.PeerMB-d.PeerFloorMB))
		}
	}
	b.WriteString("FLOORS are the same go build of packages that refer to what ours and the peer's do in other packages, and declare nothing else; ABOVE is the ratio of what is over them.\n")
	return b.String() + "\n"
}

func (r Report) last() string {
	return fmt.Sprintf("%d of %d documents, operations %d of %d", r.Passed, r.Total, r.Operations, r.Declared)
}
