package config_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/config"
	"github.com/google/go-cmp/cmp"
)

type inner struct {
	config.At
	Name  config.Value[string] `yaml:"name"`
	Count config.Value[int]    `yaml:"count"`
}

// color reads itself.
type color string

func (c *color) UnmarshalConfig(n *config.Node) {
	if n.Kind() != config.Scalar {
		n.Faultf("", "want a colour, found %s", n.Kind())
		return
	}
	if n.Text() != "red" && n.Text() != "green" {
		n.Faultf(config.Suggest(n.Text(), []string{"red", "green"}), "unknown colour %q", n.Text())
		return
	}
	*c = color(n.Text())
}

// either is a word or a mapping.
type either struct {
	word string
	full inner
}

func (e *either) UnmarshalConfig(n *config.Node) {
	if e.word = n.Text(); n.Kind() == config.Mapping {
		n.Decode(&e.full)
	}
}

type everything struct {
	Text     string               `yaml:"text"`
	Flag     bool                 `yaml:"flag"`
	Int      int                  `yaml:"int"`
	Small    int8                 `yaml:"small"`
	Float    float64              `yaml:"float"`
	Wait     time.Duration        `yaml:"wait"`
	Size     config.Size          `yaml:"size"`
	Color    config.Value[color]  `yaml:"color"`
	Either   either               `yaml:"either"`
	Words    []string             `yaml:"words"`
	Inner    inner                `yaml:"inner"`
	Pointer  *inner               `yaml:"pointer"`
	Services config.Map[inner]    `yaml:"services"`
	Labels   config.Map[string]   `yaml:"labels"`
	Lists    config.Map[[]string] `yaml:"lists"`
	untagged int
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const file = "\ufeff# all of it\n" + `text: "a: b"
flag: True
int: -42
small: 127
float: 12.5
wait: 1m30s
size: 1.5KiB
color: green
either: {name: x}
words: [a, 'b', 3, true]
inner: &shared
  name: n
  count: 7
pointer: *shared
services:
  one:
  two: {name: two}
labels: {z: last, a: first}
lists: {a: [x], b: }
`
	var got everything
	if faults := config.Decode("f.yaml", []byte(file), &got); faults != nil {
		t.Fatal(faults)
	}
	if got.Text != "a: b" || !got.Flag || got.Int != -42 || got.Small != 127 || got.Float != 12.5 || got.Wait != 90*time.Second || got.Size != 1536 {
		t.Errorf("scalars: %+v", got)
	}
	if got.Color.V != "green" || got.Color.Pos.String() != "f.yaml:9:8" || !got.Color.Set() {
		t.Errorf("color: %+v", got.Color)
	}
	if got.Either.full.Name.V != "x" || got.Either.full.Pos.String() != "f.yaml:10:9" {
		t.Errorf("either: %+v", got.Either)
	}
	if diff := cmp.Diff([]string{"a", "b", "3", "true"}, got.Words); diff != "" {
		t.Error(diff)
	}
	if got.Inner.Count.V != 7 || got.Pointer == nil || got.Pointer.Count.V != 7 || got.Pointer.Pos.String() != "f.yaml:15:10" {
		t.Errorf("inner %+v, pointer %+v", got.Inner, got.Pointer)
	}
	if len(got.Services) != 2 || got.Services[0].Key != "one" || got.Services[1].Pos.String() != "f.yaml:18:3" {
		t.Errorf("services: %+v", got.Services)
	}
	if two, ok := got.Services.Get("two"); !ok || two.Name.V != "two" {
		t.Errorf("two: %+v", two)
	}
	if _, ok := got.Services.Get("three"); ok {
		t.Error("there is no three")
	}
	if len(got.Labels) != 2 || got.Labels[0].Key != "z" {
		t.Errorf("labels are not in the order of the file: %+v", got.Labels)
	}
	if a, _ := got.Lists.Get("a"); len(a) != 1 {
		t.Errorf("lists: %+v", got.Lists)
	}
}

func TestDecodeLeavesDefaults(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"", "# nothing\n", "---\n", "null\n", "{}\n", "\ufeff"} {
		got := everything{Text: "default", untagged: 1}
		if faults := config.Decode("f.yaml", []byte(file), &got); faults.Err() != nil {
			t.Errorf("%q: %v", file, faults)
		}
		if got.Text != "default" || got.Pointer != nil || got.Inner.Name.Set() || got.untagged != 1 {
			t.Errorf("%q: %+v", file, got)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"unknown key, near": {"txt: a\n", `f.yaml:1:1: unknown key "txt"; did you mean "text"?`},
		"unknown key, far": {"inner: {zzzzzz: 1}\n",
			`f.yaml:1:9: unknown key "zzzzzz"; known are count, name`},
		"unknown key, too many to list": {"zzzzzz: 1\n", `f.yaml:1:1: unknown key "zzzzzz"`},
		"unknown key, other case":       {"TEXT: a\n", `f.yaml:1:1: unknown key "TEXT"; did you mean "text"?`},
		"duplicate key": {"text: a\nint: 1\ntext: b\n",
			`f.yaml:3:1: duplicate key "text"; it stands in line 1 already`},
		"duplicate entry": {"services:\n  a: {name: x}\n  b:\n  a:\n",
			`f.yaml:4:3: duplicate key "a"; it stands in line 2 already`},
		"key that is a list": {"[a, b]: 1\n", `f.yaml:1:1: a key must be a plain word`},
		"key that is null":   {"~: 1\n", `f.yaml:1:1: a key must be a plain word`},
		"list for text":      {"text: [a]\n", `f.yaml:1:7: text: want a single value, found a list`},
		"mapping for text":   {"text: {a: b}\n", `f.yaml:1:7: text: want a single value, found a mapping`},
		"nothing for text":   {"text:\nint: 1\n", `f.yaml:1:6: text: want a single value, found nothing`},
		"text for a list":    {"words: a\n", `f.yaml:1:8: words: want a list, found a single value`},
		"text for a mapping": {"inner: a\n", `f.yaml:1:8: inner: want a mapping, found a single value`},
		"list for entries":   {"services: [a]\n", `f.yaml:1:11: services: want a mapping, found a list; write names and values, such as {name: value}, without dashes or brackets`},
		"list for all":       {"- a\n", `f.yaml:1:1: want a mapping, found a list; write names and values, such as {name: value}, without dashes or brackets`},
		"text for all":       {"hello\n", `f.yaml:1:1: want a mapping, found a single value`},
		"bool":               {"flag: yes\n", `f.yaml:1:7: flag: want true or false, found "yes"`},
		"quoted bool":        {"flag: 'true'\n", `f.yaml:1:7: flag: want true or false, found "true"`},
		"int":                {"int: 1.5\n", `f.yaml:1:6: int: want a whole number, found "1.5"`},
		"int too big":        {"small: 128\n", `f.yaml:1:8: small: want a whole number, found "128"`},
		"float":              {"float: half\n", `f.yaml:1:8: float: want a number, found "half"`},
		"float not a number": {"float: NaN\n", `f.yaml:1:8: float: want a number, found "NaN"`},
		"float infinite":     {"float: .inf\n", `f.yaml:1:8: float: want a number, found ".inf"`},
		"duration":           {"wait: 500\n", `f.yaml:1:7: wait: want a duration such as 500ms or 2s, found "500"`},
		"size":               {"size: 1 MiBs\n", `f.yaml:1:7: want a size such as 512KiB or 1MiB, found "1 MiBs"`},
		"own type":           {"color: gren\n", `f.yaml:1:8: unknown colour "gren"; did you mean "green"?`},
		"own type, list":     {"color: [red]\n", `f.yaml:1:8: want a colour, found a list`},
		"own type, inside":   {"either: {nam: x}\n", `f.yaml:1:10: unknown key "nam"; did you mean "name"?`},
		"item of a list":     {"words:\n  - a\n  - [b]\n", `f.yaml:3:5: words: want a single value, found a list`},
		"merge key":          {"inner: &i {name: a}\npointer: {<<: *i}\n", `f.yaml:2:11: merge keys (<<) are not supported; write the keys out`},
		"syntax":             {"a: b: c\n", `f.yaml:1:1: not valid YAML: mapping values are not allowed in this context`},
		"syntax, tab":        {"inner:\n\tname: a\n", `f.yaml:2:2: not valid YAML: found character that cannot start any token`},
		"syntax, far below its mapping": {"inner:\n  name: a\n  count: 1\n text: b\n",
			`f.yaml:4:2: not valid YAML: did not find expected key`},
		"syntax, open bracket": {"text: a\nwords: [a,\n  b\nint: 1\n",
			`f.yaml:3:3: not valid YAML: did not find expected ',' or ']'`},
		"syntax, alias":            {"text: *nope\n", `f.yaml:1:1: not valid YAML: unknown anchor 'nope' referenced`},
		"two documents":            {"text: a\n---\ntext: b\n", `f.yaml:2:1: a second YAML document starts here; keep one document per file`},
		"second one broken":        {"text: a\n---\ntext: [\n", `f.yaml:3:1: not valid YAML: did not find expected node content`},
		"not UTF-8":                {"text: ä\nint: \xff\n", `f.yaml:2:6: the file is not valid UTF-8; save the file as UTF-8`},
		"columns count characters": {"{text: äöü, txt: b}\n", `f.yaml:1:13: unknown key "txt"; did you mean "text"?`},
		"many at once": {"txt: a\nint: x\nflag: maybe\nservices: {a: {cont: 1, name: []}}\n", `f.yaml:1:1: unknown key "txt"; did you mean "text"?
f.yaml:2:6: int: want a whole number, found "x"
f.yaml:3:7: flag: want true or false, found "maybe"
f.yaml:4:16: unknown key "cont"; did you mean "count"?
f.yaml:4:31: name: want a single value, found a list`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var into everything
			faults := config.Decode("f.yaml", []byte(c.file), &into)
			if diff := cmp.Diff(c.want, faults.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if faults.Err() == nil {
				t.Error("Err is nil")
			}
		})
	}
}

// What could be read is there in spite of faults elsewhere.
func TestDecodeGoesOn(t *testing.T) {
	t.Parallel()
	var got everything
	faults := config.Decode("f.yaml", []byte("int: x\ntext: kept\ninner: {name: kept, nme: 1}\n"), &got)
	if len(faults) != 2 || got.Text != "kept" || got.Inner.Name.V != "kept" {
		t.Errorf("%v, %+v", faults, got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("words: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := range 20 {
		fmt.Fprintf(&bomb, "k%d: &a%d [%s*a%d]\n", i, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 9), i)
	}
	for name, c := range map[string]struct{ file, want string }{
		"aliases":                    {bomb.String(), "the file grows to more than 200000 values; use fewer aliases"},
		"alias in itself":            {"inner: &a\n  name: *a\n", "nested more than 64 levels deep"},
		"depth":                      {"text: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "\n", "nested more than 64 levels deep"},
		"depth beyond the library's": {"text: " + strings.Repeat("[", 100_000) + "\n", "not valid YAML: "},
		"size":                       {"text: " + strings.Repeat("x", 4<<20) + "\n", "the file has 4194311 bytes, more than the 4194304 allowed"},
		"values":                     {"words: [" + strings.Repeat("x,", 300_000) + "]\n", "the file grows to more than 200000 values"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			faults := config.Decode("f.yaml", []byte(c.file), &everything{})
			if len(faults) != 1 || !strings.Contains(faults[0].Error(), c.want) {
				t.Errorf("got %v, want %s", faults, c.want)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		"text: a\nint: 1\n", "services: {a: {name: x, count: 2}}\n", "inner: &a {name: b}\npointer: *a\n", "words: [a, b]\nsize: 1MiB\nwait: 2s\n",
		"color: red\neither: {name: x}\n", "a: b: c\n", "text: [\n", "? [a]\n: b\n", "<<: {text: a}\n", "---\n...\n---\n", "text: !!binary x\n", "flag: !!bool maybe\n", "\xff",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var into everything
		faults := config.Decode("f.yaml", data, &into)
		for _, fault := range faults {
			if fault.Pos.File != "f.yaml" || fault.Message == "" {
				t.Errorf("fault without place or text: %+v", fault)
			}
			if len(data) > 0 && (fault.Pos.Line < 1 || fault.Pos.Col < 1) && len(data) <= 4<<20 {
				t.Errorf("fault without position: %+v", fault)
			}
			if lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 2; fault.Pos.Line > lines+strings.Count(string(data), "\u2028")+strings.Count(string(data), "\u2029")+strings.Count(string(data), "\u0085") {
				t.Errorf("line %d of %d", fault.Pos.Line, lines)
			}
		}
	})
}
