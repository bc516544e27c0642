package goserver

import (
	"strings"
	"unicode"

	"github.com/banyan-go/banyan/internal/contract"
)

// initialisms are words that names have in capitals, in capitals; nil is none.
// They apply to what a contract calls things, not to what x-go-name asks for.
type initialisms map[string]bool

func initialismsOf(cfg contract.TargetConfig) initialisms {
	in := initialisms{}
	for _, word := range cfg.Initialisms {
		in[word] = true
	}
	return in
}

// goName is goName with the words that are initialisms in capitals: with SKU,
// "sku_code" is SKUCode and "orderSku2" is OrderSKU2.
func (in initialisms) goName(name string) string { return in.capital(goName(name)) }

// longName is goName with its symbols in words.
func (in initialisms) longName(name string) string { return in.capital(longName(name)) }

func (in initialisms) capital(name string) string {
	if len(in) == 0 {
		return name
	}
	var b strings.Builder
	for _, word := range camelWords(name) {
		stem := strings.TrimRightFunc(word, unicode.IsDigit)
		if upper := strings.ToUpper(word); in[upper] {
			word = upper
		} else if upper := strings.ToUpper(stem); in[upper] {
			word = upper + word[len(stem):]
		}
		b.WriteString(word)
	}
	return b.String()
}

// camelWords tells the words of a Go name apart: one begins with a capital after
// anything else, and with the last of several capitals where small letters
// follow, so that HTTPSku is HTTP and Sku. Digits belong to the word before them.
func camelWords(name string) []string {
	var out []string
	letters := []rune(name)
	from := 0
	for i := 1; i < len(letters); i++ {
		if !unicode.IsUpper(letters[i]) {
			continue
		}
		if !unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]) {
			out = append(out, string(letters[from:i]))
			from = i
		}
	}
	return append(out, string(letters[from:]))
}
