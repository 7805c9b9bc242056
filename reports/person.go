package reports

import (
	"strconv"
	"strings"
	"time"
)

// JST is the time zone printed on reports: Japan has one, without summer time.
var JST = time.FixedZone("JST", 9*60*60)

// PersonName is one decoded name of VR PN in its three component groups,
// PS3.5 §6.2.1, each written for a reader: components joined by spaces.
type PersonName struct {
	Alphabetic, Ideographic, Phonetic string
}

// ParsePersonName splits a decoded PN value.
func ParsePersonName(pn string) PersonName {
	var n PersonName
	for i, group := range strings.SplitN(pn, "=", 3) {
		words := strings.FieldsFunc(group, func(r rune) bool { return r == '^' || r == ' ' || r == '\u3000' })
		text := strings.Join(words, " ")
		switch i {
		case 0:
			n.Alphabetic = text
		case 1:
			n.Ideographic = text
		case 2:
			n.Phonetic = text
		}
	}
	return n
}

// In returns the name as written in a language: kanji before romaji in
// Japanese, the other way round otherwise.
func (n PersonName) In(language string) string {
	first, second := n.Alphabetic, n.Ideographic
	if language == "ja" {
		first, second = second, first
	}
	switch {
	case first != "":
		return first
	case second != "":
		return second
	}
	return n.Phonetic
}

// Age returns the whole years between two DICOM dates (VR DA); false when
// either is not a date or the birth lies after the day.
func Age(birthDate, on string) (int, bool) {
	birth, err1 := time.Parse("20060102", birthDate)
	day, err2 := time.Parse("20060102", on)
	if err1 != nil || err2 != nil || day.Before(birth) {
		return 0, false
	}
	years := day.Year() - birth.Year()
	if day.Month() < birth.Month() || day.Month() == birth.Month() && day.Day() < birth.Day() {
		years--
	}
	return years, true
}

// PrintDate writes a DICOM date the way people read it; what is no date is
// returned as it is.
func PrintDate(da, language string) string {
	d, err := time.Parse("20060102", da)
	if err != nil {
		return da
	}
	if language == "ja" {
		return strconv.Itoa(d.Year()) + "年" + strconv.Itoa(int(d.Month())) + "月" + strconv.Itoa(d.Day()) + "日"
	}
	return d.Format("2 January 2006")
}

// PrintTime writes hours and minutes of a DICOM time (VR TM).
func PrintTime(tm string) string {
	if len(tm) < 4 || strings.Trim(tm[:4], "0123456789") != "" {
		return ""
	}
	return tm[:2] + ":" + tm[2:4]
}
