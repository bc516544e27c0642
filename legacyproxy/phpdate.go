package legacyproxy

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// phpDate is a layout of PHP's date().
type phpDate struct {
	layout string
	zoned  bool // it says the offset or counts seconds
}

// phpLetters write one letter of a layout each.
var phpLetters = map[byte]func(t time.Time) string{
	'Y': goLayout("2006"), 'y': goLayout("06"), 'm': goLayout("01"), 'n': goLayout("1"), 'M': goLayout("Jan"), 'F': goLayout("January"),
	'd': goLayout("02"), 'j': goLayout("2"), 'D': goLayout("Mon"), 'l': goLayout("Monday"),
	'H': goLayout("15"), 'h': goLayout("03"), 'g': goLayout("3"), 'i': goLayout("04"), 's': goLayout("05"), 'a': goLayout("pm"), 'A': goLayout("PM"),
	'O': goLayout("-0700"), 'P': goLayout("-07:00"), 'p': goLayout("Z07:00"), 'c': goLayout("2006-01-02T15:04:05-07:00"),
	'G': func(t time.Time) string { return strconv.Itoa(t.Hour()) },
	'v': func(t time.Time) string { return fmt.Sprintf("%03d", t.Nanosecond()/1e6) },
	'u': func(t time.Time) string { return fmt.Sprintf("%06d", t.Nanosecond()/1e3) },
	'U': func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) },
	'e': func(t time.Time) string { return t.Location().String() },
}

func goLayout(layout string) func(time.Time) string {
	return func(t time.Time) string { return t.Format(layout) }
}

// parsePHPDate checks a layout.
func parsePHPDate(layout string) (*phpDate, error) {
	d := &phpDate{layout: layout}
	letters := 0
	for i := 0; i < len(layout); i++ {
		c := layout[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		switch _, known := phpLetters[c]; {
		case c == '\\':
			if i++; i == len(layout) {
				return nil, fmt.Errorf("%q ends in a backslash", layout)
			}
		case letter && !known:
			return nil, fmt.Errorf("%q is not a letter that can be written", c)
		case known:
			letters++
			d.zoned = d.zoned || strings.IndexByte("OPpceU", c) >= 0
		}
	}
	if letters == 0 {
		return nil, fmt.Errorf("%q has no letter of a date", layout)
	}
	return d, nil
}

// format writes t, whose zone is the one that PHP's clocks show.
func (d *phpDate) format(t time.Time) string {
	var out strings.Builder
	for i := 0; i < len(d.layout); i++ {
		c := d.layout[i]
		if c == '\\' {
			i++
			out.WriteByte(d.layout[i])
		} else if write := phpLetters[c]; write != nil {
			out.WriteString(write(t))
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// rewrite is a text of the format date or date-time as PHP wants it, or the
// text itself where it is none or nothing is declared for it.
func (v *valueForms) rewrite(text, format string) string {
	switch {
	case format == "date-time" && v.dateTime != nil:
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return v.dateTime.format(t.In(v.zone))
		}
	case format == "date" && v.date != nil:
		if t, err := time.ParseInLocation(time.DateOnly, text, v.zone); err == nil {
			return v.date.format(t)
		}
	}
	return text
}
