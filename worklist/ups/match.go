package ups

import (
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/worklist/matching"
)

// matches applies the matching of PS3.4 C.2.2.2 to every key of a request: single
// value, list of UIDs, wild card, range, sequence. A key without a value, or one
// the step does not have, matches everything.
func matches(key, d *dataset.Dataset) bool {
	for _, t := range key.Tags() {
		if t == tag.SpecificCharacterSet || t == tag.TimezoneOffsetFromUTC || !d.Has(t) {
			continue
		}
		if items := key.Items(t); len(items) > 0 {
			if items[0].Len() > 0 && !slices.ContainsFunc(d.Items(t), func(i *dataset.Dataset) bool { return matches(items[0], i) }) {
				return false
			}
			continue
		}
		want := key.Strings(t)
		if len(want) == 0 || len(want) == 1 && want[0] == "" {
			continue
		}
		vr, _ := d.VR(t)
		if !matchValues(vr.String(), want, d.Strings(t)) {
			return false
		}
	}
	return true
}

func matchValues(vr string, want, have []string) bool {
	if len(have) == 0 {
		have = []string{""}
	}
	return slices.ContainsFunc(want, func(w string) bool {
		return slices.ContainsFunc(have, func(h string) bool { return matchValue(vr, w, h) })
	})
}

func matchValue(vr, want, have string) bool {
	switch vr {
	case "DA", "DT":
		return inRange(want, have)
	case "PN":
		if strings.Contains(want, "=") {
			return matching.Wild(catalog.Fold(want), catalog.Fold(have))
		}
		groups := append(strings.Split(have, "="), have)
		return slices.ContainsFunc(groups, func(g string) bool { return matching.Wild(catalog.Fold(want), catalog.Fold(g)) })
	case "LO", "SH", "LT", "ST", "UT":
		return matching.Wild(catalog.Fold(want), catalog.Fold(have))
	case "UI":
		return want == have
	}
	return matching.Wild(want, have)
}

// inRange matches a date or a time in a range, PS3.4 C.2.2.2.5: A-B, -B, A- or one
// moment, which lasts as long as it is precise.
func inRange(want, have string) bool {
	at, _, ok := moment(have)
	if !ok {
		return false
	}
	if from, until, ok := moment(want); ok {
		return !at.Before(from) && at.Before(until)
	}
	for i := range len(want) {
		if want[i] != '-' {
			continue
		}
		from, _, fromOK := moment(want[:i])
		_, until, untilOK := moment(want[i+1:])
		if (fromOK || i == 0) && (untilOK || i == len(want)-1) && (fromOK || untilOK) {
			return (!fromOK || !at.Before(from)) && (!untilOK || at.Before(until))
		}
	}
	return false
}

// layouts of DA and DT, PS3.5 Table 6.2-1, with how far the next one is.
var layouts = []struct {
	layout string
	after  func(time.Time) time.Time
}{
	{"20060102150405", func(t time.Time) time.Time { return t.Add(time.Second) }},
	{"200601021504", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	{"2006010215", func(t time.Time) time.Time { return t.Add(time.Hour) }},
	{"20060102", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"200601", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
}

// moment reads a DA or DT: its beginning and its end. Without an offset it is
// in local time.
func moment(s string) (from, until time.Time, ok bool) {
	s = strings.TrimSpace(s)
	location := time.Local
	if n := len(s); n > 8 && (s[n-5] == '+' || s[n-5] == '-') {
		zone, err := time.Parse("-0700", s[n-5:])
		if err != nil {
			return from, until, false
		}
		location, s = zone.Location(), s[:n-5]
	}
	s, _, _ = strings.Cut(s, ".") // fractions of a second do not matter here
	for _, l := range layouts {
		if len(s) == len(l.layout) {
			t, err := time.ParseInLocation(l.layout, s, location)
			return t, l.after(t), err == nil
		}
	}
	return from, until, false
}
