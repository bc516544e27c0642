package swagger2

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// write prints a document with an indent of two. What the library cannot write
// in the style that suits people is written in quotes.
func write(doc *yaml.Node) ([]byte, error) {
	tidy(doc, false)
	text, err := encode(doc)
	if err == nil && sameDocument(text, doc) {
		return text, nil
	}
	tidy(doc, true)
	if text, err = encode(doc); err == nil && !sameDocument(text, doc) {
		err = fmt.Errorf("what is written does not read as what was meant")
	}
	return text, err
}

func encode(doc *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err := safely(func() error { return enc.Encode(doc) })
	if err == nil {
		err = enc.Close()
	}
	return out.Bytes(), err
}
