package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// DateLayout is how PHP writes dates and times, and the zone of those that do
// not say theirs.
type DateLayout struct {
	parts []datePart
	zone  *time.Location
}

// datePart is one letter of PHP's date(), or, when letter is 0, text.
type datePart struct {
	letter byte
	text   string
}

// dateLetters are the letters that a layout can have, and how many digits they
// stand for at most; 0: another form.
var dateLetters = map[byte]int{
	'Y': 4, 'm': 2, 'n': 2, 'd': 2, 'j': 2, 'H': 2, 'G': 2, 'i': 2, 's': 2, 'u': 6, 'v': 3,
	'M': 0, 'D': 0, 'O': 0, 'P': 0, 'p': 0,
}

// ErrNoZone is the error of a layout whose times mean nothing without a zone.
var ErrNoZone = errors.New("the zone of its times is missing")

// NewDateLayout reads a layout in the letters of PHP's date(): Y m n M d j D H
// G i s u v O P p, and a backslash before what stands for itself. zone is where
// clocks of times without an offset stand; it may be nil for layouts that have
// no time or say the offset.
func NewDateLayout(layout string, zone *time.Location) (DateLayout, error) {
	l := DateLayout{zone: zone}
	seen := ""
	for i := 0; i < len(layout); i++ {
		c := layout[i]
		_, known := dateLetters[c]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		switch {
		case c == '\\' && i+1 < len(layout):
			i++
			l.text(layout[i : i+1])
		case c == '\\':
			return l, errors.New("it ends with a backslash that escapes nothing")
		case letter && !known:
			return l, fmt.Errorf("%q is not a letter that can be read back; those are Y m n M d j D H G i s u v O P p", c)
		case known && strings.IndexByte(seen, c) >= 0:
			return l, fmt.Errorf("%q stands there twice", c)
		case known:
			seen += string(c)
			l.parts = append(l.parts, datePart{letter: c})
		default:
			l.text(layout[i : i+1])
		}
	}
	for _, need := range []struct{ letters, what string }{{"Y", "year (Y)"}, {"mnM", "month (m)"}, {"dj", "day (d)"}} {
		if !strings.ContainsAny(seen, need.letters) {
			return l, errors.New("it has no " + need.what)
		}
	}
	if l.hasTime() && zone == nil && !strings.ContainsAny(seen, "OPp") {
		return l, ErrNoZone
	}
	return l, nil
}

func (l *DateLayout) text(s string) { l.parts = append(l.parts, datePart{text: s}) }

func (l *DateLayout) hasTime() bool {
	return slices.ContainsFunc(l.parts, func(p datePart) bool { return p.letter == 'H' || p.letter == 'G' })
}

// zoned are layouts that say the offset: they mean one thing only.
var zoned = func() (out []DateLayout) {
	for _, layout := range []string{`Y-m-d\TH:i:sO`, `Y-m-d H:i:sP`, `D, d M Y H:i:s O`} {
		l, err := NewDateLayout(layout, nil)
		if err != nil {
			panic(err) // of a constant
		}
		out = append(out, l)
	}
	return out
}()

// maxDateText bounds what is taken for a date.
const maxDateText = 64

// date appends what text means to dst, as RFC 3339 writes it: for the format
// date or date-time.
func (n *Normalisation) date(dst, text []byte, format string) ([]byte, bool) {
	for _, list := range [][]DateLayout{n.Dates, zoned} {
		for i := range list {
			c, ok := list[i].read(text)
			if !ok {
				continue
			}
			if out, ok := c.write(dst, format, list[i].zone); ok {
				return out, true
			}
		}
	}
	return dst, false
}

// clock is a date and a time as they were written.
type clock struct {
	year, month, day     int
	hour, minute, second int
	fraction             string // digits
	timed, offset        bool
	east                 int // seconds
}

// read reads all of text.
func (l *DateLayout) read(text []byte) (c clock, ok bool) {
	t := string(text)
	for _, p := range l.parts {
		switch {
		case p.letter == 0:
			rest, found := strings.CutPrefix(t, p.text)
			if !found {
				return c, false
			}
			t = rest
		default:
			if t, ok = c.part(p.letter, t); !ok {
				return c, false
			}
		}
	}
	return c, t == ""
}

const months, days = "JanFebMarAprMayJunJulAugSepOctNovDec", "MonTueWedThuFriSatSun"

// part reads one letter's part of t and returns the rest.
func (c *clock) part(letter byte, t string) (rest string, ok bool) {
	switch letter {
	case 'M':
		i := -1
		if len(t) >= 3 {
			i = strings.Index(months, t[:3])
		}
		if i < 0 || i%3 != 0 {
			return t, false
		}
		c.month = i/3 + 1
		return t[3:], true
	case 'D':
		if len(t) < 3 {
			return t, false
		}
		i := strings.Index(days, t[:3])
		return t[3:], i >= 0 && i%3 == 0
	case 'O', 'P', 'p':
		return c.readOffset(letter, t)
	}
	digits := dateLetters[letter]
	n, v := 0, 0
	for n < len(t) && n < digits && t[n]-'0' <= 9 {
		v = v*10 + int(t[n]-'0')
		n++
	}
	short := letter == 'j' || letter == 'n' || letter == 'G' // without leading zeros
	if n == 0 || !short && n < digits || short && n > 1 && t[0] == '0' {
		return t, false
	}
	switch letter {
	case 'Y':
		c.year = v
	case 'm', 'n':
		c.month = v
	case 'd', 'j':
		c.day = v
	case 'H', 'G':
		c.hour, c.timed = v, true
	case 'i':
		c.minute = v
	case 's':
		c.second = v
	case 'u', 'v':
		c.fraction = t[:n]
	}
	return t[n:], true
}

// readOffset reads +0100 (O), +01:00 (P) or that or Z (p).
func (c *clock) readOffset(letter byte, t string) (rest string, ok bool) {
	if letter == 'p' && strings.HasPrefix(t, "Z") {
		c.offset = true
		return t[1:], true
	}
	length, minutes := 6, 4
	if letter == 'O' {
		length, minutes = 5, 3
	}
	if len(t) < length || t[0] != '+' && t[0] != '-' || letter != 'O' && t[3] != ':' {
		return t, false
	}
	for _, i := range []int{1, 2, minutes, minutes + 1} {
		if t[i]-'0' > 9 {
			return t, false
		}
	}
	number := func(i int) int { return int(t[i]-'0')*10 + int(t[i+1]-'0') }
	c.offset, c.east = true, number(1)*3600+number(minutes)*60
	if t[0] == '-' {
		c.east = -c.east
	}
	return t[length:], number(1) < 24 && number(minutes) < 60
}

// write appends c in the format date or date-time. It is not ok for what is no
// date, and for a time of day that the zone's clocks did not show.
func (c *clock) write(dst []byte, format string, zone *time.Location) ([]byte, bool) {
	if c.offset {
		zone = time.FixedZone("", c.east)
	}
	if zone == nil {
		zone = time.UTC
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, 0, zone)
	if c.year < 1 || t.Year() != c.year || int(t.Month()) != c.month || t.Day() != c.day ||
		t.Hour() != c.hour || t.Minute() != c.minute || t.Second() != c.second {
		return dst, false
	}
	fraction := strings.TrimRight(c.fraction, "0")
	switch {
	case format == "date" && c.hour|c.minute|c.second == 0 && fraction == "":
		return t.AppendFormat(dst, time.DateOnly), true
	case format != "date-time" || !c.timed:
		return dst, false
	}
	// When clocks go back an hour is there twice. PHP means the first.
	if first := earlier(t); !first.IsZero() {
		t = first
	}
	dst = t.AppendFormat(dst, "2006-01-02T15:04:05")
	if fraction != "" {
		dst = append(append(dst, '.'), fraction...)
	}
	return t.AppendFormat(dst, "Z07:00"), true
}

// earlier returns the instant before t at which the clocks of its zone showed
// the same; zero when there is none.
func earlier(t time.Time) time.Time {
	start, _ := t.ZoneBounds()
	if start.IsZero() {
		return time.Time{}
	}
	_, now := t.Zone()
	_, before := start.Add(-time.Second).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); before > now && first.Before(start) {
		return first
	}
	return time.Time{}
}

// microseconds is how a DateTime writes its date into an object.
var microseconds = func() DateLayout {
	l, err := NewDateLayout("Y-m-d H:i:s.u", time.UTC)
	if err != nil {
		panic(err) // of a constant
	}
	return l
}()

// serialised appends the date of a DateTime that was written as an object. Its
// zone is an offset, a name such as Europe/Berlin, or an abbreviation, of which
// only those that mean UTC are certain.
func serialised(dst, date []byte, zone, format string) ([]byte, bool) {
	c, ok := microseconds.read(date)
	if !ok {
		return dst, false
	}
	if rest, ok := c.readOffset('P', zone); ok && rest == "" {
		return c.write(dst, format, nil)
	}
	c.offset = false
	switch {
	case zone == "Z" || zone == "UTC" || zone == "GMT":
		return c.write(dst, format, time.UTC)
	case !strings.Contains(zone, "/") || len(zone) > maxDateText:
		return dst, false
	}
	location, err := zones.load(zone)
	if err != nil {
		return dst, false
	}
	return c.write(dst, format, location)
}

// zones keeps what was read of the zone database, which is on disk. Names come
// from answers: what is kept is bounded.
var zones zoneCache

type zoneCache struct {
	mu   sync.Mutex
	seen map[string]*time.Location // nil: there is no such zone
}

func (z *zoneCache) load(name string) (*time.Location, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	location, known := z.seen[name]
	if !known {
		const most = 600 // there are fewer names than that
		if len(z.seen) >= most {
			return nil, errUnknownZone
		}
		if z.seen == nil {
			z.seen = map[string]*time.Location{}
		}
		location, _ = time.LoadLocation(name)
		z.seen[name] = location
	}
	if location == nil {
		return nil, errUnknownZone
	}
	return location, nil
}

var errUnknownZone = errors.New("there is no such time zone")
