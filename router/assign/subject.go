package assign

import (
	"slices"
	"time"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
)

// SubjectOf is a study as the rules see it. What was written here (reports)
// says nothing about where the study should go and is passed over.
func SubjectOf(s catalog.Study, series []catalog.Series) rule.Subject {
	out := rule.Subject{
		FacilityID: s.FacilityID,
		BirthDate:  s.Patient.BirthDate,
		Age:        s.Patient.Age,
		Sex:        s.Patient.Sex,
		Date:       studyDate(s),
		Request:    s.RequestText, Description: s.Description,
	}
	text := func(t string) {
		if t != "" && !slices.Contains(out.Texts, t) {
			out.Texts = append(out.Texts, t)
		}
	}
	code := func(list *[]string, v string) {
		if v != "" && !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
	text(s.RequestText)
	text(s.Description)
	code(&out.BodyParts, s.BodyPart)
	received := 0
	for _, x := range series {
		if x.Origin == catalog.Dokuei {
			continue
		}
		received++
		code(&out.Modalities, x.Modality)
		code(&out.BodyParts, x.BodyPart)
		text(x.Description)
		text(x.Protocol)
		out.Images += x.InstanceCount
		out.Series = append(out.Series, rule.Series{Modality: x.Modality, BodyPart: x.BodyPart, Description: x.Description, Protocol: x.Protocol, Images: x.InstanceCount})
	}
	if received == 0 {
		out.Modalities = s.Modalities
	}
	return out
}

// studyDate is the Study Date (0008,0020), or the day of arrival without one.
func studyDate(s catalog.Study) time.Time {
	if t, err := time.Parse("20060102", s.StudyDate); err == nil {
		return t
	}
	return s.FirstArrival
}
