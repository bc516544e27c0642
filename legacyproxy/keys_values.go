package legacyproxy

import (
	"strings"
	"time"

	"github.com/banyan-go/banyan/config"
)

// valueKeys say how PHP wants values written.
type valueKeys struct {
	Values *valuesFile `yaml:"values"`
}

type valuesFile struct {
	config.At
	Lists    config.Value[string] `yaml:"lists"`
	Booleans config.Value[string] `yaml:"booleans"`
	Nulls    config.Value[string] `yaml:"nulls"`
	Dates    *datesFile           `yaml:"dates"`
}

type datesFile struct {
	config.At
	DateTime config.Value[string] `yaml:"date-time"`
	Date     config.Value[string] `yaml:"date"`
	Zone     config.Value[string] `yaml:"zone"`
}

// valueSettings is how PHP wants values written.
type valueSettings struct {
	values *valueForms // nil: as the client wrote them
}

// valueForms are the forms of values. The zero value has the forms that PHP's
// own http_build_query writes.
type valueForms struct {
	lists    listForm
	yes, no  string // of booleans; empty: 1 and 0, and as they are in JSON
	nulls    bool   // null is an empty text, not left out
	dateTime *phpDate
	date     *phpDate
	zone     *time.Location
}

// listForm is how a list stands in a query or form.
type listForm string

const (
	listIndexed  listForm = "indexed"  // b[0]=1&b[1]=2
	listBrackets listForm = "brackets" // b[]=1&b[]=2
	listComma    listForm = "comma"    // b=1,2
	listJSON     listForm = "json"     // b=[1,2], and objects as JSON as well
)

func (p *parser) valueKeys(s *valueSettings, f *valueKeys) {
	if f.Values == nil {
		return
	}
	v := f.Values
	out := &valueForms{
		lists: listForm(p.word(v.Lists, "values: lists", string(listIndexed), string(listBrackets), string(listComma), string(listJSON))),
		nulls: p.word(v.Nulls, "values: nulls", "omit", "empty") == "empty",
	}
	if v.Booleans.Set() {
		yes, no, ok := strings.Cut(v.Booleans.V, "/")
		if !ok || yes == no || !printable(yes+no) {
			p.fault(v.Booleans.Pos, "write them like 1/0 or yes/no", "values: booleans: want two different words with a slash between them, found %q", v.Booleans.V)
		}
		out.yes, out.no = yes, no
	}
	if v.Dates != nil {
		p.dates(out, v.Dates)
	}
	s.values = out
}

func (p *parser) dates(out *valueForms, f *datesFile) {
	layout := func(v config.Value[string], key string) *phpDate {
		if !v.Set() {
			return nil
		}
		d, err := parsePHPDate(v.V)
		if err != nil {
			p.fault(v.Pos, "write it as PHP's date() wants it: Y-m-d H:i:s", "values: dates: %s: %v", key, err)
		}
		return d
	}
	out.dateTime, out.date = layout(f.DateTime, "date-time"), layout(f.Date, "date")
	if !f.DateTime.Set() && !f.Date.Set() {
		p.fault(f.At.Pos, "add date-time or date", "values: dates has no layout")
	}
	out.zone = time.UTC
	if f.Zone.Set() {
		zone, err := time.LoadLocation(f.Zone.V)
		if err != nil || f.Zone.V == "" || f.Zone.V == "Local" {
			p.fault(f.Zone.Pos, "write a name such as Europe/Berlin or UTC", "values: dates: %q is no time zone", f.Zone.V)
			return
		}
		out.zone = zone
	} else if out.dateTime != nil && !out.dateTime.zoned {
		p.fault(f.DateTime.Pos, "add zone: Europe/Berlin", "values: dates: a date-time without an offset needs the zone of PHP's clocks")
	}
}
