package calendar

import (
	"math"
	"time"
)

// Tokyo is the time of Japan.
var Tokyo = time.FixedZone("JST", 9*60*60)

// Day is a date in Japan.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf is the date in Japan at a moment.
func DayOf(t time.Time) Day {
	y, m, d := t.In(Tokyo).Date()
	return Day{y, m, d}
}

// Start is midnight at which the day begins.
func (d Day) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, Tokyo) }

// Add is n days later.
func (d Day) Add(n int) Day { return DayOf(d.Start().AddDate(0, 0, n)) }

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.Start().Weekday() }

// String is the date as 2026-11-28.
func (d Day) String() string { return d.Start().Format(time.DateOnly) }

// Holiday names the public holiday a day is; empty: none.
func Holiday(d Day) string {
	if name := statutory(d); name != "" {
		return name
	}
	// §3.2: a holiday on a Sunday moves to the next day that is none.
	for before := d.Add(-1); statutory(before) != ""; before = before.Add(-1) {
		if before.Weekday() == time.Sunday {
			return "振替休日"
		}
	}
	// §3.3: a day between two holidays.
	if statutory(d.Add(-1)) != "" && statutory(d.Add(1)) != "" {
		return "国民の休日"
	}
	return ""
}

// statutory is §2 with the exceptions of single years.
func statutory(d Day) string {
	is := func(m time.Month, day int) bool { return d.Month == m && d.Day == day }
	monday := func(m time.Month, n int) bool {
		return d.Month == m && d.Weekday() == time.Monday && (d.Day-1)/7 == n-1
	}
	games := d.Year == 2020 || d.Year == 2021
	switch {
	case is(time.January, 1):
		return "元日"
	case monday(time.January, 2):
		return "成人の日"
	case is(time.February, 11):
		return "建国記念の日"
	case d.Year >= 2020 && is(time.February, 23), d.Year <= 2018 && is(time.December, 23):
		return "天皇誕生日"
	case d.Month == time.March && d.Day == equinox(d.Year, 20.8431):
		return "春分の日"
	case is(time.April, 29):
		return "昭和の日"
	case d.Year == 2019 && is(time.May, 1), d.Year == 2019 && is(time.October, 22):
		return "即位の日"
	case is(time.May, 3):
		return "憲法記念日"
	case is(time.May, 4):
		return "みどりの日"
	case is(time.May, 5):
		return "こどもの日"
	case !games && monday(time.July, 3), d.Year == 2020 && is(time.July, 23), d.Year == 2021 && is(time.July, 22):
		return "海の日"
	case d.Year >= 2016 && !games && is(time.August, 11), d.Year == 2020 && is(time.August, 10), d.Year == 2021 && is(time.August, 8):
		return "山の日"
	case monday(time.September, 3):
		return "敬老の日"
	case d.Month == time.September && d.Day == equinox(d.Year, 23.2488):
		return "秋分の日"
	case !games && monday(time.October, 2), d.Year == 2020 && is(time.July, 24), d.Year == 2021 && is(time.July, 23):
		return "スポーツの日"
	case is(time.November, 3):
		return "文化の日"
	case is(time.November, 23):
		return "勤労感謝の日"
	}
	return ""
}

// equinox is the day of the month, for the years 1980 to 2099.
func equinox(year int, base float64) int {
	n := year - 1980
	return int(math.Floor(base + 0.242194*float64(n) - math.Floor(float64(n)/4)))
}
