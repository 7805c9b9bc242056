package matching

import (
	"errors"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
)

var errRange = errors.New("is neither a date or time nor a range of them")

// span is a range of dates or of times, PS3.4 C.2.2.2.5. An end that is open is
// empty. What is less precise stands for all that begins with it.
type span struct{ from, to string }

func parseRange(vr, v string) (span, error) {
	from, to, ranged := strings.Cut(v, "-")
	s := span{clean(from), clean(to)}
	for _, end := range []string{s.from, s.to} {
		if !valid(vr, end) {
			return span{}, errRange
		}
	}
	if !ranged {
		s.to = s.from
	}
	if s == (span{}) {
		return span{}, errRange
	}
	return s, nil
}

// clean takes out the separators of ACR-NEMA 2.0, which PS3.5 Table 6.2-1 asks
// to be read, and fractions of a second, which do not matter here.
func clean(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), ":", "")
	if len(s) == 10 && s[4] == '.' && s[7] == '.' {
		return strings.ReplaceAll(s, ".", "")
	}
	s, _, _ = strings.Cut(s, ".")
	return s
}

func valid(vr, s string) bool {
	if strings.Trim(s, "0123456789") != "" {
		return false
	}
	if vr == "DA" {
		return s == "" || len(s) == 8
	}
	return len(s) <= 6 && len(s)%2 == 0
}

func (s span) holds(have string) bool {
	have = clean(have)
	return have != "" && have >= s.from && (s.to == "" || have[:min(len(have), len(s.to))] <= s.to)
}

// ranged reports whether a range is asked of both the date and the time, with
// ends that belong together: a time without its date is a time of any day.
func (at Moment) ranged(key *dataset.Dataset) bool {
	d, t := key.String(at.Date), key.String(at.Time)
	dFrom, dTo, dOK := strings.Cut(d, "-")
	tFrom, tTo, tOK := strings.Cut(t, "-")
	return dOK && tOK && (strings.TrimSpace(tFrom) == "" || strings.TrimSpace(dFrom) != "") && (strings.TrimSpace(tTo) == "" || strings.TrimSpace(dTo) != "")
}

func (at Moment) condition(key *dataset.Dataset) (func(*dataset.Dataset) bool, error) {
	days, err := parseRange("DA", key.String(at.Date))
	if err != nil {
		return nil, &KeyError{at.Date, err.Error()}
	}
	times, err := parseRange("TM", key.String(at.Time))
	if err != nil {
		return nil, &KeyError{at.Time, err.Error()}
	}
	from, to := days.from+times.from, days.to+times.to
	return func(d *dataset.Dataset) bool {
		day, time := clean(d.String(at.Date)), clean(d.String(at.Time))
		return day != "" && span{from, to}.holds(day+(time + "000000")[:6])
	}, nil
}

// Days are the first and the last day a key of VR DA can match, empty where it
// is open, so that a list need not be read further. The Matcher decides.
func Days(values []string) (from, to string) {
	if len(values) != 1 {
		return "", ""
	}
	s, err := parseRange("DA", strings.Trim(values[0], " \x00"))
	if err != nil {
		return "", ""
	}
	return s.from, s.to
}
