package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// As published by the Cabinet Office (国民の祝日), years with every special rule.
var published = map[int]string{
	2009: "0101 0112 0211 0320 0429 0503 0504 0505 0506 0720 0921 0922 0923 1012 1103 1123 1223",
	2015: "0101 0112 0211 0321 0429 0503 0504 0505 0506 0720 0921 0922 0923 1012 1103 1123 1223",
	2019: "0101 0114 0211 0321 0429 0430 0501 0502 0503 0504 0505 0506 0715 0811 0812 0916 0923 1014 1022 1103 1104 1123",
	2020: "0101 0113 0211 0223 0224 0320 0429 0503 0504 0505 0506 0723 0724 0810 0921 0922 1103 1123",
	2021: "0101 0111 0211 0223 0320 0429 0503 0504 0505 0722 0723 0808 0809 0920 0923 1103 1123",
	2024: "0101 0108 0211 0212 0223 0320 0429 0503 0504 0505 0506 0715 0811 0812 0916 0922 0923 1014 1103 1104 1123",
	2025: "0101 0113 0211 0223 0224 0320 0429 0503 0504 0505 0506 0721 0811 0915 0923 1013 1103 1123 1124",
	2026: "0101 0112 0211 0223 0320 0429 0503 0504 0505 0506 0720 0811 0921 0922 0923 1012 1103 1123",
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	for year, want := range published {
		got := ""
		for d := (Day{year, 1, 1}); d.Year == year; d = d.Add(1) {
			if Holiday(d) != "" {
				if got != "" {
					got += " "
				}
				got += d.Start().Format("0102")
			}
		}
		if got != want {
			t.Errorf("%d\n got %s\nwant %s", year, got, want)
		}
	}
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, Tokyo)
	if err != nil {
		panic(err)
	}
	return t
}

func hours(t testing.TB, lines ...string) Hours {
	t.Helper()
	h, err := ParseHours(lines)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestWorkingTime(t *testing.T) {
	t.Parallel()
	c := Calendar{Closures: []Closure{YearEnd}}
	office := hours(t, "mon-fri 08:30-17:00", "sat 08:30-12:00")
	night := hours(t, "fri-sat 22:00-06:00", "holiday 22:00-06:00")
	for _, x := range []struct {
		name  string
		hours Hours
		from  string
		add   time.Duration
		want  string
	}{
		{"within a day", office, "2026-11-25 09:00", 4 * time.Hour, "2026-11-25 13:00"},
		{"over night", office, "2026-11-25 16:00", 2 * time.Hour, "2026-11-26 09:30"},
		{"over a weekend", office, "2026-11-28 11:00", 2 * time.Hour, "2026-11-30 09:30"},
		{"before opening", office, "2026-11-25 03:00", time.Hour, "2026-11-25 09:30"},
		{"over a holiday", office, "2026-11-20 16:30", time.Hour, "2026-11-21 09:00"},
		{"over three days of holiday", office, "2026-09-19 11:30", time.Hour, "2026-09-24 09:00"},
		{"over the year's end", office, "2026-12-28 16:30", time.Hour, "2027-01-04 09:00"},
		{"past midnight", night, "2026-11-28 23:00", 8 * time.Hour, "2026-12-04 23:00"},
		{"no hours: wall time", nil, "2026-12-31 23:00", 3 * time.Hour, "2027-01-01 02:00"},
	} {
		from := at(x.from)
		got := x.hours.Add(c, from, x.add)
		if !got.Equal(at(x.want)) {
			t.Errorf("%s: %s, want %s", x.name, got.In(Tokyo).Format("2006-01-02 15:04"), x.want)
		}
		if back := x.hours.Between(c, from, got); back != x.add {
			t.Errorf("%s: between is %s, want %s", x.name, back, x.add)
		}
	}
	if d := c.NextClinicalDay(at("2026-12-28 10:00")); d != (Day{2027, 1, 4}) {
		t.Errorf("next clinical day after 28 December is %s", d)
	}
	if d := c.NextClinicalDay(at("2026-09-18 10:00")); d != (Day{2026, 9, 24}) {
		t.Errorf("next clinical day before the autumn holidays is %s", d)
	}
}

// Adding working time and measuring it are each other's inverse.
func TestAddAndBetween(t *testing.T) {
	t.Parallel()
	c := Calendar{Closures: []Closure{YearEnd}}
	all := []Hours{hours(t, "mon-fri 08:30-17:00"), hours(t, "daily 07:00-23:00"), hours(t, "mon,wed 20:00-04:00", "holiday 09:00-12:00"), nil}
	rapid.Check(t, func(t *rapid.T) {
		h := rapid.SampledFrom(all).Draw(t, "hours")
		from := at("2026-01-01 00:00").Add(time.Duration(rapid.IntRange(0, 366*24*60).Draw(t, "from")) * time.Minute)
		add := time.Duration(rapid.IntRange(1, 60*60).Draw(t, "add")) * time.Minute
		to := h.Add(c, from, add)
		if got := h.Between(c, from, to); got != add {
			t.Fatalf("%s + %s = %s, between %s", from, add, to, got)
		}
		if !h.Open(c, to.Add(-time.Second)) {
			t.Fatalf("%s is when the hours are closed", to)
		}
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "mon", "mon 9-17", "mon 09:00-25:00", "xyz 09:00-10:00", "mon 09:00-09:00", "mon 09:60-10:00", "mon- 09:00-10:00"} {
		if _, err := ParseHours([]string{bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	for _, bad := range []string{"", "13-01", "12-29/", "12-29/02-30"} {
		if _, err := ParseClosure(bad); err == nil {
			t.Errorf("closure %q was taken", bad)
		}
	}
	never := hours(t, "mon 09:00-10:00")
	never[0].Days = [7]bool{}
	if got := never.Add(Calendar{}, at("2026-01-01 00:00"), time.Hour); !got.Equal(at("2026-01-01 01:00")) {
		t.Errorf("hours that never open: %s", got)
	}
}
