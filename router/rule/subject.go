package rule

import (
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// prepared is a subject with its texts folded once for all rules.
type prepared struct {
	facility   string
	modalities []string
	bodyParts  []string
	texts      []string
	sex        string
	age        int
	ageKnown   bool
	priority   worklist.Priority
}

// maxText bounds one text of a request: more of it says nothing new.
const maxText = 64 << 10

func prepare(s Subject) prepared {
	p := prepared{facility: s.FacilityID, modalities: s.Modalities, bodyParts: s.BodyParts, sex: s.Sex}
	for _, t := range s.Texts {
		if len(t) > maxText {
			t = strings.ToValidUTF8(t[:maxText], "")
		}
		if t = fold(t); t != "" {
			p.texts = append(p.texts, t)
		}
	}
	p.age, p.ageKnown = age(s)
	p.priority = requested(s.Priority, p.texts)
	return p
}

// Hospital fills in what is agreed with the hospital, at the moment s.At.
func (s Subject) Hospital(p worklist.FacilityProfile, cal calendar.Calendar) Subject {
	s.Mode = p.Mode
	if h, err := calendar.ParseHours(p.Hours); err == nil {
		s.Open = h.Open(cal, s.At)
	}
	return s
}

// age gives whole years at the date of the study, from the birth date (DA,
// PS3.5 Table 6.2-1) or else the age string (AS: nnnD, nnnW, nnnM, nnnY).
func age(s Subject) (int, bool) {
	if born, err := time.Parse("20060102", s.BirthDate); err == nil && !s.Date.IsZero() && !born.After(s.Date) {
		years := s.Date.Year() - born.Year()
		if s.Date.Month() < born.Month() || s.Date.Month() == born.Month() && s.Date.Day() < born.Day() {
			years--
		}
		return max(years, 0), true
	}
	if len(s.Age) != 4 {
		return 0, false
	}
	n, err := strconv.Atoi(s.Age[:3])
	if err != nil || n < 0 {
		return 0, false
	}
	switch s.Age[3] {
	case 'Y':
		return n, true
	case 'M':
		return n / 12, true
	case 'W':
		return n / 52, true
	case 'D':
		return n / 365, true
	}
	return 0, false
}

func (a AgeRange) match(p prepared) (bool, sentence) {
	if !p.ageKnown {
		return false, sayAgeUnknown
	}
	ok := (a.Min == nil || p.age >= *a.Min) && (a.Max == nil || p.age <= *a.Max)
	return ok, sayAge(ok, p.age, a)
}
