package narrow

import (
	"bytes"
	"strings"
)

var (
	refWord     = []byte("$ref")
	local       = []byte("#/components/")
	mappingWord = []byte("mapping:")
)

// references collects the components that a piece of YAML names, and more rather
// than less: a description may name some as well.
func (s *yamlScanner) references(text []byte, out []string) []string {
	for rest := text; ; {
		at := bytes.IndexByte(rest, '$')
		if at < 0 {
			break
		}
		rest = rest[at:]
		word := rest[:wordEnd(rest)]
		after := bytes.TrimLeft(bytes.TrimLeft(rest[len(word):], `"'`), " ")
		if len(after) > 0 && after[0] == ':' {
			value := bytes.TrimLeft(bytes.TrimLeft(after[1:], " "), `"'`)
			switch {
			case bytes.Equal(word, refWord):
				// A property of that name has its schema below.
				if empty := len(value) == 0 || value[0] == '\n' || value[0] == '\r'; empty {
					s.odd = true
				} else if _, ok := s.names.component(value[:refEnd(value)]); !ok {
					s.odd = true
				}
			case isAnchor(string(word)):
				s.odd = true
			}
		}
		rest = rest[max(len(word), 1):]
	}
	for rest := text; ; {
		at := bytes.Index(rest, local)
		if at < 0 {
			break
		}
		rest = rest[at:]
		end := refEnd(rest)
		if key, ok := s.names.component(rest[:end]); ok {
			out = append(out, key)
		}
		rest = rest[end:]
	}
	return s.mappings(text, out)
}

// mappings collects what the mappings of discriminators name without a reference.
func (s *yamlScanner) mappings(text []byte, out []string) []string {
	for {
		at := bytes.Index(text, mappingWord)
		if at < 0 {
			return out
		}
		start := bytes.LastIndexByte(text[:at], '\n') + 1
		indent := at - start
		alone := len(bytes.TrimLeft(text[start:at], " ")) == 0
		text = text[at+len(mappingWord):]
		first, rest := cutLine(text)
		if first = bytes.TrimSpace(first); len(first) > 0 && first[0] != '#' || !alone {
			s.odd = s.odd || bytes.HasPrefix(first, []byte("{")) && !bytes.Contains(first, local)
			continue
		}
		for len(rest) > 0 {
			var l []byte
			l, rest = cutLine(rest)
			trimmed := bytes.TrimLeft(l, " ")
			if len(bytes.TrimSpace(l)) == 0 {
				continue
			}
			if len(l)-len(trimmed) <= indent {
				break
			}
			_, value, found := bytes.Cut(trimmed, []byte(": "))
			if name, ok := scalar(string(value)); found && ok && name != "" {
				if key, ok := s.names.mapped([]byte(name)); ok {
					out = append(out, key)
				} else if !strings.Contains(name, " ") {
					s.odd = true
				}
			}
		}
	}
}

func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, newline)
	return line, rest
}

// wordEnd is where a keyword that starts with $ ends.
func wordEnd(text []byte) int {
	end := 1
	for end < len(text) && (text[end] >= 'a' && text[end] <= 'z' || text[end] >= 'A' && text[end] <= 'Z') {
		end++
	}
	return end
}

func refEnd(text []byte) int {
	if end := bytes.IndexAny(text, "\"' \t\r\n,}])"); end >= 0 {
		return end
	}
	return len(text)
}
