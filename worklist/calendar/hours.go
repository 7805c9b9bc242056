package calendar

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Span is a part of some days of the week, in minutes from midnight. One that
// ends before it begins ends on the next day.
type Span struct {
	Days     [7]bool // by time.Weekday
	Holidays bool    // also on days that are closed otherwise
	From, To int
}

// Hours are the spans in which somebody works. None: always.
type Hours []Span

var (
	spanForm = regexp.MustCompile(`^([a-z,-]+) (\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$`)
	dayNames = map[string]time.Weekday{
		"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
	}
)

// ParseHours reads spans like "mon-fri 08:30-17:15", "sat,holiday 09:00-12:00" and
// "daily 00:00-24:00"; daily is every day, holidays too.
func ParseHours(lines []string) (Hours, error) {
	var h Hours
	for _, line := range lines {
		s, err := parseSpan(strings.TrimSpace(strings.ToLower(line)))
		if err != nil {
			return nil, err
		}
		h = append(h, s)
	}
	return h, nil
}

func parseSpan(line string) (Span, error) {
	bad := fmt.Errorf("%q: hours are written like \"mon-fri 08:30-17:15\"", line)
	m := spanForm.FindStringSubmatch(line)
	if m == nil {
		return Span{}, bad
	}
	var s Span
	for _, part := range strings.Split(m[1], ",") {
		if !s.add(part) {
			return Span{}, bad
		}
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+2]) //nolint:errcheck // digits by the expression
	}
	s.From, s.To = n[0]*60+n[1], n[2]*60+n[3]
	if n[1] > 59 || n[3] > 59 || s.From >= 24*60 || s.To > 24*60 || s.From == s.To {
		return Span{}, bad
	}
	return s, nil
}

// add takes one word of days: mon, mon-fri, daily, holiday.
func (s *Span) add(word string) bool {
	switch word {
	case "daily":
		s.Days, s.Holidays = [7]bool{true, true, true, true, true, true, true}, true
		return true
	case "holiday":
		s.Holidays = true
		return true
	}
	first, last, isRange := strings.Cut(word, "-")
	from, ok := dayNames[first]
	to, ok2 := from, true
	if isRange {
		to, ok2 = dayNames[last]
	}
	if !ok || !ok2 {
		return false
	}
	for d := from; ; d = (d + 1) % 7 {
		s.Days[d] = true
		if d == to {
			return true
		}
	}
}

// Calendar is the days on which nobody works beside weekends of the hours: public
// holidays, and closures of a house.
type Calendar struct {
	Closures []Closure
}

// Closure is a part of every year that is closed: 12-29 to 01-03.
type Closure struct{ FromMonth, FromDay, ToMonth, ToDay int }

// YearEnd is the closure of public offices, 行政機関の休日に関する法律 §1.
var YearEnd = Closure{12, 29, 1, 3}

// ParseClosure reads "12-29/01-03" or a single "08-15".
func ParseClosure(s string) (Closure, error) {
	from, to, isRange := strings.Cut(s, "/")
	if !isRange {
		to = from
	}
	a, err := time.Parse("2006-01-02", "2024-"+from)
	b, err2 := time.Parse("2006-01-02", "2024-"+to)
	if err != nil || err2 != nil {
		return Closure{}, fmt.Errorf("%q: a closure is written like \"12-29/01-03\"", s)
	}
	return Closure{int(a.Month()), a.Day(), int(b.Month()), b.Day()}, nil
}

func (c Closure) on(d Day) bool {
	at, from, to := int(d.Month)*100+d.Day, c.FromMonth*100+c.FromDay, c.ToMonth*100+c.ToDay
	if from <= to {
		return from <= at && at <= to
	}
	return at >= from || at <= to
}

// Closed reports whether a day is a public holiday or within a closure.
func (c Calendar) Closed(d Day) bool {
	for _, x := range c.Closures {
		if x.on(d) {
			return true
		}
	}
	return Holiday(d) != ""
}

// Clinical reports whether a day is one on which hospitals see patients: neither
// weekend nor closed.
func (c Calendar) Clinical(d Day) bool {
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday && !c.Closed(d)
}

// NextClinicalDay is the first clinical day after the one of a moment
// (画像診断管理加算2: reported by the next clinical day).
func (c Calendar) NextClinicalDay(t time.Time) Day {
	d := DayOf(t).Add(1)
	for !c.Clinical(d) {
		d = d.Add(1)
	}
	return d
}

// windows are the moments between which the hours are open on a day, those that
// run past midnight included whole.
func (h Hours) windows(c Calendar, d Day) [][2]time.Time {
	if len(h) == 0 {
		return [][2]time.Time{{d.Start(), d.Add(1).Start()}}
	}
	closed := c.Closed(d)
	var list [][2]time.Time
	for _, s := range h {
		if closed && !s.Holidays || !closed && !s.Days[d.Weekday()] {
			continue
		}
		from, to := d.Start().Add(time.Duration(s.From)*time.Minute), d.Start().Add(time.Duration(s.To)*time.Minute)
		if s.To <= s.From {
			to = to.AddDate(0, 0, 1)
		}
		list = append(list, [2]time.Time{from, to})
	}
	return list
}

// Spans are the parts of a time that lie within the hours, in order; those that touch
// are one.
func (h Hours) Spans(c Calendar, from, to time.Time) [][2]time.Time {
	var list [][2]time.Time
	for at := from; at.Before(to); {
		next, open := h.edge(c, at)
		if next.After(to) {
			next = to
		}
		if open {
			if n := len(list); n > 0 && list[n-1][1].Equal(at) {
				list[n-1][1] = next
			} else {
				list = append(list, [2]time.Time{at, next})
			}
		}
		at = next
	}
	return list
}

// Open reports whether a moment is within the hours.
func (h Hours) Open(c Calendar, t time.Time) bool {
	d := DayOf(t)
	for _, day := range []Day{d.Add(-1), d} {
		for _, w := range h.windows(c, day) {
			if !t.Before(w[0]) && t.Before(w[1]) {
				return true
			}
		}
	}
	return false
}

// maxDays ends a search through hours that never open.
const maxDays = 400

// Add is the moment at which so much time within the hours has passed since t.
// Hours that never open count as always open.
func (h Hours) Add(c Calendar, t time.Time, working time.Duration) time.Time {
	at, left := t, working
	for n := 0; n < maxDays; {
		next, open := h.edge(c, at)
		if open {
			if span := next.Sub(at); span >= left {
				return at.Add(left)
			}
			left -= next.Sub(at)
		}
		if DayOf(next) != DayOf(at) {
			n++
		}
		at = next
	}
	return t.Add(working)
}

// edge is the next moment at which the hours open or close, at most until the end
// of the day, and whether they are open until then.
func (h Hours) edge(c Calendar, t time.Time) (next time.Time, open bool) {
	d := DayOf(t)
	next, open = d.Add(1).Start(), h.Open(c, t)
	for _, day := range []Day{d.Add(-1), d} {
		for _, w := range h.windows(c, day) {
			for _, e := range w {
				if e.After(t) && e.Before(next) {
					next = e
				}
			}
		}
	}
	return next, open
}

// Between is how much time within the hours lies between two moments.
func (h Hours) Between(c Calendar, from, to time.Time) time.Duration {
	var sum time.Duration
	for _, s := range h.Spans(c, from, to) {
		sum += s[1].Sub(s[0])
	}
	return sum
}
