package goserver

import (
	"cmp"
	"fmt"
	"go/doc/comment"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The text of types is written so that gofmt leaves it alone: laying out
// megabytes again would cost more than everything else that a generator does. A
// test holds all of it against gofmt.

// emitter collects declarations of one package, each a chunk that can go to any
// file of it.
type emitter struct {
	strings.Builder
	// uses are the packages that the current chunk refers to, by local name.
	uses   map[string]bool
	chunks []chunk
}

// chunk is a declaration with everything that belongs to it.
type chunk struct {
	name, text string
	uses       map[string]bool
}

// end closes the chunk of a declared name.
func (e *emitter) end(name string) {
	e.chunks = append(e.chunks, chunk{name: name, text: e.String(), uses: e.uses})
	e.Reset()
	e.uses = nil
}

func (e *emitter) printf(format string, args ...any) { fmt.Fprintf(e, format, args...) }

// use notes a package, and returns its name.
func (e *emitter) use(pkg string) string {
	if e.uses == nil {
		e.uses = map[string]bool{}
	}
	e.uses[pkg] = true
	return pkg
}

// expr notes the packages of a type expression, and returns it.
func (e *emitter) expr(expr string) string {
	start := -1
	for i, r := range expr {
		switch {
		case r == '.' && start >= 0:
			e.use(expr[start:i])
			start = -1
		case r == '_' || r >= utf8.RuneSelf || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z':
			if start < 0 {
				start = i
			}
		default:
			start = -1
		}
	}
	return expr
}

// doc writes the comment of a declaration: what the contract says, after the
// name, or else where it comes from. Where the name says that already there is
// none.
func (e *emitter) doc(name, text, otherwise string) {
	lines := commentLines(text)
	switch {
	case len(lines) == 0 && otherwise == "":
		return
	case len(lines) == 0:
		lines = []string{name + " is " + otherwise + "."}
	case !strings.HasPrefix(lines[0], name+" "):
		lines[0] = name + ": " + lines[0]
	}
	e.comment(strings.Join(lines, "\n"))
}

// layComment lays the text of a doc comment out as gofmt does.
func layComment(text string) string {
	// Laying out a comment can uncover another one to lay out.
	for range 4 {
		var p comment.Parser
		var pr comment.Printer
		again := strings.TrimSuffix(string(pr.Comment(p.Parse(text+"\n"))), "\n")
		if again == text || again == "" {
			break
		}
		text = again
	}
	return text
}

// comment writes a doc comment.
func (e *emitter) comment(text string) {
	text = layComment(text)
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case line == "":
			e.WriteString("//\n")
		case line[0] == '\t':
			e.WriteString("//" + line + "\n")
		default:
			e.WriteString("// " + line + "\n")
		}
	}
}

// method writes a documented function of a few statements.
func (e *emitter) method(doc, header string, body ...string) {
	e.WriteString("\n// " + strings.ReplaceAll(doc, "\n", "\n// ") + "\n")
	e.functions(function{header, body})
}

// function is a function of a few statements.
type function struct {
	header string
	body   []string
}

// line is the body on one line, or empty where gofmt has it on several.
func (f function) line() string {
	const most = 100 // of the printer of package go/printer
	line := strings.Join(f.body, "; ")
	if len(f.header)+len(line) < most && !strings.ContainsAny(line, "\t{") {
		return line
	}
	return ""
}

// functions writes functions under each other: in columns where they have one
// line each.
func (e *emitter) functions(list ...function) {
	for start := 0; start < len(list); {
		end, width := start, 0
		for end < len(list) && list[end].line() != "" {
			width = max(width, utf8.RuneCountInString(list[end].header))
			end++
		}
		for _, f := range list[start:end] {
			e.WriteString(pad(f.header, width) + " { " + f.line() + " }\n")
		}
		if end < len(list) {
			e.WriteString(list[end].header + " {\n\t" + strings.Join(list[end].body, "\n\t") + "\n}\n")
			end++
		}
		start = end
	}
}

// row is a line of a struct: a field or the comment before one.
type row struct {
	comment         []string
	name, typ, tags string
}

// rows writes the fields of a struct in columns. Comments end a column.
func (e *emitter) rows(rows []row) {
	for start := 0; start < len(rows); {
		end := start + 1
		for end < len(rows) && rows[end].comment == nil {
			end++
		}
		name, typ := 0, 0
		for _, r := range rows[start:end] {
			name = max(name, utf8.RuneCountInString(r.name))
			if r.tags != "" {
				typ = max(typ, utf8.RuneCountInString(r.typ))
			}
		}
		for _, line := range rows[start].comment {
			e.WriteString(strings.TrimRight("\t// "+line, " ") + "\n")
		}
		for _, r := range rows[start:end] {
			e.WriteString("\t" + pad(r.name, name) + " ")
			if r.tags == "" {
				e.WriteString(e.expr(r.typ) + "\n")
				continue
			}
			e.WriteString(pad(e.expr(r.typ), typ) + " " + r.tags + "\n")
		}
		start = end
	}
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// tagText writes struct tags: all of them by name, in order.
func tagText(tags map[string]string) string {
	var parts []string
	for _, key := range sortedKeys(tags) {
		parts = append(parts, key+":"+strconv.Quote(tags[key]))
	}
	text := strings.Join(parts, " ")
	if strings.Contains(text, "`") {
		return strconv.Quote(text)
	}
	return "`" + text + "`"
}

// fileLines is how long a file gets before its declarations are told apart by
// the beginnings of their names: editors open files of this size at once.
const fileLines = 5000

// files puts chunks, sorted by name, into files: base.gen.go when it is short
// enough, and otherwise base-a.gen.go, base-b.gen.go and so on, by the first
// letters of the names, as many as it takes. What is added somewhere else moves
// nothing. There is no underscore in the names, which could mean an operating
// system to Go.
func files(base string, chunks []chunk) map[string][]chunk {
	out := map[string][]chunk{}
	split(out, base, "", chunks)
	return out
}

func split(out map[string][]chunk, base, prefix string, chunks []chunk) {
	lines := 0
	for _, c := range chunks {
		lines += strings.Count(c.text, "\n")
	}
	if lines <= fileLines || len(chunks) <= 1 || utf8.RuneCountInString(prefix) > 64 {
		name := base
		if prefix != "" {
			name += "-" + prefix
		}
		out[name+".gen.go"] = chunks
		return
	}
	groups := map[string][]chunk{}
	for _, c := range chunks {
		key := prefix
		if name := fileName(c.name); len(name) > len(prefix) {
			key = name[:len(prefix)+1]
		}
		groups[key] = append(groups[key], c)
	}
	if own := groups[prefix]; len(own) > 0 && prefix != "" {
		out[base+"-"+prefix+"-.gen.go"] = own // names that end here
		delete(groups, prefix)
	}
	for _, key := range sortedKeys(groups) {
		split(out, base, key, groups[key])
	}
}

// fileName is a Go name in letters that every file system has: those of other
// alphabets become their code points.
func fileName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "%x", r)
		}
	}
	return b.String()
}

// goImport is a package that generated code may use under a name.
type goImport struct{ name, path string }

// source writes a Go file of chunks with the imports that they use.
func source(header, pkg string, known []goImport, chunks []chunk) []byte {
	uses := map[string]bool{}
	size := 0
	for _, c := range chunks {
		size += len(c.text) + 1
		for name := range c.uses {
			uses[name] = true
		}
	}
	var b strings.Builder
	b.Grow(size + 1024)
	fmt.Fprintf(&b, "// %s\n\npackage %s\n", header, pkg)
	known = slices.DeleteFunc(slices.Clone(known), func(i goImport) bool { return !uses[i.name] })
	slices.SortFunc(known, func(a, b goImport) int {
		return cmp.Or(strings.Compare(a.path, b.path), strings.Compare(a.name, b.name))
	})
	switch {
	case len(known) == 1:
		b.WriteString("\nimport " + known[0].spec() + "\n")
	case len(known) > 1:
		b.WriteString("\nimport (\n")
		last := 0
		for _, group := range []func(path string) bool{
			func(path string) bool { return !strings.Contains(path, ".") },
			func(path string) bool { return strings.Contains(path, ".") && !strings.HasPrefix(path, module) },
			func(path string) bool { return strings.HasPrefix(path, module) },
		} {
			lines := ""
			for _, i := range known {
				if group(i.path) {
					lines += "\t" + i.spec() + "\n"
				}
			}
			if lines != "" && last > 0 {
				b.WriteString("\n")
			}
			b.WriteString(lines)
			last += len(lines)
		}
		b.WriteString(")\n")
	}
	under := false
	for _, c := range chunks {
		if !under || !c.alias() {
			b.WriteString("\n")
		}
		b.WriteString(c.text)
		under = c.alias()
	}
	return []byte(b.String())
}

// alias reports whether the chunk is another name for a type and nothing else. Such
// lines stand under each other.
func (c chunk) alias() bool {
	return strings.HasPrefix(c.text, "type "+c.name+" = ") && strings.Count(c.text, "\n") == 1
}

const module = "github.com/banyan-go/banyan/"

func (i goImport) spec() string {
	if pathBase(i.path) == i.name {
		return strconv.Quote(i.path)
	}
	return i.name + " " + strconv.Quote(i.path)
}
