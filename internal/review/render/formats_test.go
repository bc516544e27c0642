package render_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/render"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// reviewed is a review of two services with everything in it that a format must
// know: breaks, an approved one, what is open, what is fine, what is written
// differently, a service that is new and one that is gone, faults, and text that
// means something in every format.
func reviewed(t *testing.T) *review.Report {
	t.Helper()
	side := func(name string, files map[string]string) review.Side {
		fsys := fstest.MapFS{}
		for file, text := range files {
			fsys[file] = &fstest.MapFile{Data: []byte(text), Mode: 0o444}
		}
		return review.Side{Name: name, FS: fsys}
	}
	const users = `openapi: 3.0.3
info: {title: Users, version: 1.2.0}
paths:
  /users/{id}:
    get:
      operationId: getUser
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
components:
  schemas:
    User:
      type: object
      required: [id]
      properties:
        id: {type: string}
        kind: {type: string, enum: [a, "b,c: <d> & \"e\" %0A ::error::\n"]}
`
	changed := strings.NewReplacer("enum: [a,", `enum: ["]]> --> </x> ü ::warning file=x::", z, a,`, "required: [id]", "required: []", "operationId: getUser", "operationId: getUser\n      deprecated: true").Replace(users)
	const plain = "openapi: 3.0.3\ninfo: {title: P, version: 1.0.0}\npaths: {}\n"
	r, err := review.Workspaces(
		side("main", map[string]string{"banyan.yaml": "version: 1\nservices: {users: {}, people: {}, gone: {}, bad: {}}\n",
			"api/users/openapi.yaml": users, "api/people/openapi.yaml": users, "api/gone/openapi.yaml": plain, "api/bad/openapi.yaml": plain}),
		side("head", map[string]string{"banyan.yaml": "version: 1\nservices: {users: {}, people: {}, fresh: {}, bad: {}}\n",
			"api/users/openapi.yaml": changed, "api/people/openapi.yaml": changed, "api/fresh/openapi.yaml": plain, "api/bad/openapi.yaml": plain + "x: [\n",
			"api/approvals.yaml": "version: 1\napprovals:\n  - {change: \"000000000000\", parties: [wire], reason: r, by: b, until: \"2099-01-01\"}\n"}),
		review.Settings{Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if breaks, _, ok := r.Counts(); breaks < 4 || ok < 2 || r.Problems.Errors() < 2 {
		t.Fatalf("the review has less in it than the formats are to be tried with: %+v", r)
	}
	return r
}

// shown prints the review as it is in a workspace below the current folder.
func shown(t *testing.T, format render.Format) []byte {
	t.Helper()
	var out bytes.Buffer
	o := render.Options{Parties: []review.Party{review.WireParty}, Approve: approve, Path: func(_ render.Side, file string) string { return "shop/" + file }}
	if err := render.Print(&out, format, reviewed(t), o); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestJSONFitsItsSchema holds the document to what is published of it.
func TestJSONFitsItsSchema(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(render.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("review.schema.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("review.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	text := shown(t, render.JSON)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	// And not because the schema allows anything.
	for _, spoilt := range []string{`{}`, strings.Replace(string(text), `"version": 1`, `"version": 2`, 1), strings.Replace(string(text), `"wire": "breaks"`, `"wire": "perhaps"`, 1),
		strings.Replace(string(text), `"headline"`, `"heading"`, 1)} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(spoilt))
		if err != nil {
			t.Fatal(err)
		}
		if compiled.Validate(doc) == nil {
			t.Errorf("the schema allows %.60s", spoilt)
		}
	}
}

// TestSARIF reads what SARIF 2.1.0 requires of a log (sections 3.13 to 3.30).
func TestSARIF(t *testing.T) {
	t.Parallel()
	var log struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string `json:"name"`
					Rules []struct {
						ID string `json:"id"`
					} `json:"rules"`
				} `json:"driver"`
			} `json:"tool"`
			Results []struct {
				RuleID    string `json:"ruleId"`
				RuleIndex *int   `json:"ruleIndex"`
				Level     string `json:"level"`
				Message   struct {
					Text string `json:"text"`
				} `json:"message"`
				Locations []struct {
					Physical struct {
						Artifact struct {
							URI string `json:"uri"`
						} `json:"artifactLocation"`
						Region struct {
							StartLine   int `json:"startLine"`
							StartColumn int `json:"startColumn"`
						} `json:"region"`
					} `json:"physicalLocation"`
				} `json:"locations"`
			} `json:"results"`
		} `json:"runs"`
	}
	if err := json.Unmarshal(shown(t, render.SARIF), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif") || len(log.Runs) != 1 || log.Runs[0].Tool.Driver.Name == "" {
		t.Fatalf("no log of version 2.1.0 with one run: %+v", log)
	}
	run := log.Runs[0]
	levels := map[string]int{}
	for _, r := range run.Results {
		levels[r.Level]++
		if r.Message.Text == "" || len(r.Locations) != 1 {
			t.Errorf("a result without words or place: %+v", r)
			continue
		}
		if r.RuleIndex != nil && run.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s is not the rule %d", r.RuleID, *r.RuleIndex)
		}
		at := r.Locations[0].Physical
		if !strings.HasPrefix(at.Artifact.URI, "shop/") || at.Region.StartLine < 1 || at.Region.StartColumn < 1 {
			t.Errorf("%s is nowhere: %+v", r.RuleID, at)
		}
	}
	if levels["error"] < 4 || levels["note"] < 1 || levels["error"]+levels["warning"]+levels["note"] != len(run.Results) {
		t.Errorf("levels: %v", levels)
	}
}

// TestJUnit reads the report as XML and counts.
func TestJUnit(t *testing.T) {
	t.Parallel()
	type suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Cases    []struct {
			Name    string `xml:"name,attr"`
			Class   string `xml:"classname,attr"`
			Failure *struct {
				Message string `xml:"message,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
		} `xml:"testcase"`
	}
	var doc struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []suite  `xml:"testsuite"`
	}
	text := shown(t, render.JUnit)
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = true
	if err := d.Decode(&doc); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	total := 0
	for _, s := range doc.Suites {
		failures := 0
		for _, c := range s.Cases {
			if c.Name == "" {
				t.Error("a case has no name")
			}
			if c.Failure != nil {
				failures++
			}
		}
		if s.Tests != len(s.Cases) || s.Failures != failures {
			t.Errorf("the suite counts %d and %d, and has %d cases and %d failures", s.Tests, s.Failures, len(s.Cases), failures)
		}
		total += failures
	}
	if total < 4 {
		t.Errorf("%d failures", total)
	}
}

// command is a workflow command as GitHub's runner reads it: properties escape
// more than the message does.
var command = regexp.MustCompile(`^::(error|warning|notice) ((?:[a-zA-Z]+=[^,:]*)(?:,[a-zA-Z]+=[^,:]*)*)::(.+)$`)

// TestGitHub reads each line as a workflow command.
func TestGitHub(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(string(shown(t, render.GitHub)), "\n"), "\n")
	errors := 0
	for _, line := range lines {
		m := command.FindStringSubmatch(line)
		if m == nil {
			t.Errorf("no command: %q", line)
			continue
		}
		if m[1] == "error" {
			errors++
		}
		properties := map[string]string{}
		for _, p := range strings.Split(m[2], ",") {
			name, value, _ := strings.Cut(p, "=")
			properties[name] = strings.NewReplacer("%3A", ":", "%2C", ",", "%0A", "\n", "%0D", "\r", "%25", "%").Replace(value)
		}
		if !strings.HasPrefix(properties["file"], "shop/") || properties["line"] == "" || properties["line"] == "0" {
			t.Errorf("nowhere: %q", line)
		}
	}
	if errors < 4 {
		t.Errorf("%d errors in %d lines", errors, len(lines))
	}
}

// TestGitLab holds the report to what GitLab asks of one: every issue with a
// fingerprint of its own.
func TestGitLab(t *testing.T) {
	t.Parallel()
	type issue struct {
		Description string `json:"description"`
		CheckName   string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    struct {
			Path  string `json:"path"`
			Lines struct {
				Begin int `json:"begin"`
			} `json:"lines"`
		} `json:"location"`
	}
	var issues []issue
	d := json.NewDecoder(bytes.NewReader(shown(t, render.GitLab)))
	d.DisallowUnknownFields()
	if err := d.Decode(&issues); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, i := range issues {
		if i.Description == "" || i.CheckName == "" || !slices.Contains([]string{"info", "minor", "major", "critical", "blocker"}, i.Severity) {
			t.Errorf("incomplete: %+v", i)
		}
		if !strings.HasPrefix(i.Location.Path, "shop/") || i.Location.Lines.Begin < 1 {
			t.Errorf("nowhere: %+v", i)
		}
		if seen[i.Fingerprint] || i.Fingerprint == "" {
			t.Errorf("the fingerprint %q of %q is another's too", i.Fingerprint, i.Description)
		}
		seen[i.Fingerprint] = true
	}
	for _, rule := range []string{"approval-unused", "syntax", "enum-value-added"} {
		if !slices.ContainsFunc(issues, func(i issue) bool { return i.CheckName == rule && i.Severity == "critical" }) {
			t.Errorf("%s is not among the %d issues", rule, len(issues))
		}
	}
}

// TestNextVersion has a line for each service that changed.
func TestNextVersion(t *testing.T) {
	t.Parallel()
	if got, want := string(shown(t, render.NextVersion)), "fresh 1.0.0\npeople 2.0.0\nusers 2.0.0\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
