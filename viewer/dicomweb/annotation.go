package dicomweb

import (
	"strings"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// lines are what is written into a picture (PS3.18 §8.3.5.1.1): patient is who it is
// of, technique how it was made. A name is written in letters; one that has none
// is left out, the Patient ID says who it is.
func (how *rendering) lines(d *dataset.Dataset) (out []string) {
	add := func(parts ...string) {
		var line []string
		for _, p := range parts {
			if p = strings.TrimSpace(p); p != "" && !strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r > '~' }) {
				line = append(line, p)
			}
		}
		if len(line) > 0 {
			out = append(out, strings.Join(line, "  "))
		}
	}
	with := func(name string, t tag.Tag, unit string) string {
		if v := d.String(t); v != "" {
			return strings.TrimSpace(name + " " + v + unit)
		}
		return ""
	}
	if how.patient {
		alphabetic, _, _ := charset.SplitPN(d.String(tag.PatientName))
		add(strings.TrimSpace(strings.ReplaceAll(alphabetic, "^", " ")))
		add(d.String(tag.PatientID), d.String(tag.PatientBirthDate), d.String(tag.PatientSex))
		add(d.String(tag.StudyDate), d.String(tag.AccessionNumber))
	}
	if how.technique {
		add(d.String(tag.Modality), d.String(tag.SeriesDescription))
		add(with("Se", tag.SeriesNumber, ""), with("Im", tag.InstanceNumber, ""))
		add(with("", tag.KVP, " kV"), with("", tag.XRayTubeCurrent, " mA"), with("TR", tag.RepetitionTime, ""), with("TE", tag.EchoTime, ""))
		add(with("", tag.SliceThickness, " mm"), with("at", tag.SliceLocation, " mm"))
	}
	return out
}
