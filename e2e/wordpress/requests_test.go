package wordpress

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// request is one line of testdata/requests.tsv.
type request struct {
	name    string
	method  string
	target  string
	status  int
	login   string // whose application password is sent; "" for nobody
	after   string // the request that is sent first; "" for none
	headers []string
	body    []byte
}

func readRequests(t *testing.T) []request {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "requests.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	var all []request
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != 8 {
			t.Fatalf("requests.tsv:%d: %d columns, want 8", n, len(cells))
		}
		for i, cell := range cells {
			if cell == "-" {
				cells[i] = ""
			}
		}
		status, err := strconv.Atoi(cells[3])
		if err != nil {
			t.Fatalf("requests.tsv:%d: %v", n, err)
		}
		r := request{
			name: cells[0], method: cells[1], target: cells[2], status: status,
			login: cells[4], after: cells[5], body: []byte(cells[7]),
		}
		if cells[6] != "" {
			r.headers = strings.Split(cells[6], " | ")
		}
		if name, isFile := strings.CutPrefix(cells[7], "@"); isFile {
			if r.body, err = os.ReadFile(filepath.Join("testdata", name)); err != nil {
				t.Fatalf("requests.tsv:%d: %v", n, err)
			}
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
