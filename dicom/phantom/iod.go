package phantom

import (
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// series is what the instances of one series have in common.
type series struct {
	order       Order
	study       *Study
	uid         string
	number      int
	description string
	start       time.Time
	position    string  // Patient Position (0018,5100)
	thickness   float64 // mm
	spacing     float64 // mm between slices
}

func newSeries(o Order, st *Study, number int, description string) *series {
	return &series{
		order: o, study: st, number: number, description: description,
		uid:      o.name("series " + strconv.Itoa(number)),
		start:    o.StudyTime.Add(time.Duration(number) * 4 * time.Minute),
		position: "HFS",
	}
}

// instance lists one image of the series; render fills in the pixels and what
// only this image has.
func (s *series) instance(class string, number int, g grid, render func(d *dataset.Dataset, pix []int16)) Instance {
	sop := s.order.name("series " + strconv.Itoa(s.number) + " instance " + strconv.Itoa(number))
	return Instance{
		SOPClassUID: class, SOPInstanceUID: sop, TransferSyntaxUID: uid.ExplicitVRLittleEndian,
		SeriesInstanceUID: s.uid, SeriesNumber: s.number, InstanceNumber: number,
		write: func(w io.Writer) error {
			d := dataset.New()
			s.common(d, class, sop, number)
			s.plane(d, g)
			pix := make([]int16, g.size*g.size)
			render(d, pix)
			raw := make([]byte, 2*len(pix))
			for i, v := range pix {
				raw[2*i], raw[2*i+1] = byte(v), byte(uint16(v)>>8)
			}
			d.SetBytes(tag.PixelData, "OW", raw)
			ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
			if err := d.Encode(w, ts); err != nil {
				return fmt.Errorf("phantom: series %d instance %d: %w", s.number, number, err)
			}
			return nil
		},
	}
}

// common writes the Patient, General Study, General Series, General Equipment,
// General Image and SOP Common modules (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1, C.7.5.1,
// C.7.6.1, C.12.1).
func (s *series) common(d *dataset.Dataset, class, sop string, number int) {
	o := s.order
	sets := o.CharacterSet
	if len(sets) == 0 {
		sets = []string{"ISO_IR 192"}
	}
	d.SetString(tag.SpecificCharacterSet, "CS", sets...)
	d.SetString(tag.SOPClassUID, "UI", class)
	d.SetString(tag.SOPInstanceUID, "UI", sop)
	d.SetString(tag.InstanceCreatorUID, "UI", uid.ImplementationClassUID)
	at := s.start.Add(time.Duration(number) * 700 * time.Millisecond)
	for _, t := range []struct {
		date, time tag.Tag
		at         time.Time
	}{
		{tag.StudyDate, tag.StudyTime, o.StudyTime},
		{tag.SeriesDate, tag.SeriesTime, s.start},
		{tag.AcquisitionDate, tag.AcquisitionTime, at},
		{tag.ContentDate, tag.ContentTime, at},
		{tag.InstanceCreationDate, tag.InstanceCreationTime, at},
	} {
		d.SetString(t.date, "DA", t.at.Format("20060102"))
		d.SetString(t.time, "TM", t.at.Format("150405"))
	}
	d.SetString(tag.TimezoneOffsetFromUTC, "SH", o.StudyTime.Format("-0700"))
	d.SetString(tag.AccessionNumber, "SH", o.AccessionNumber)
	d.SetString(tag.Modality, "CS", s.study.Modality)
	d.SetString(tag.Manufacturer, "LO", "Dokuei")
	d.SetString(tag.ManufacturerModelName, "LO", "Phantom")
	d.SetString(tag.SoftwareVersions, "LO", uid.ImplementationVersionName)
	d.SetString(tag.DeviceSerialNumber, "LO", formatSeed(o.Seed))
	d.SetString(tag.InstitutionName, "LO", o.Institution)
	d.SetString(tag.ReferringPhysicianName, "PN", o.ReferringPhysician)
	d.SetString(tag.StudyDescription, "LO", s.study.Description)
	d.SetString(tag.SeriesDescription, "LO", s.description)

	d.SetString(tag.PatientName, "PN", o.PatientName)
	d.SetString(tag.PatientID, "LO", o.PatientID)
	d.SetString(tag.PatientSex, "CS", o.Sex)
	d.SetString(tag.PatientBirthDate, "DA")
	if !o.BirthDate.IsZero() {
		d.SetString(tag.PatientBirthDate, "DA", o.BirthDate.Format("20060102"))
		d.SetString(tag.PatientAge, "AS", fmt.Sprintf("%03dY", years(o.BirthDate, o.StudyTime)))
	}
	d.SetString(tag.BodyPartExamined, "CS", s.study.BodyPart)
	d.SetString(tag.PatientPosition, "CS", s.position)

	d.SetString(tag.StudyInstanceUID, "UI", s.study.StudyInstanceUID)
	d.SetString(tag.SeriesInstanceUID, "UI", s.uid)
	d.SetString(tag.StudyID, "SH", o.AccessionNumber)
	d.SetInt(tag.SeriesNumber, "IS", s.number)
	d.SetInt(tag.AcquisitionNumber, "IS", 1)
	d.SetInt(tag.InstanceNumber, "IS", number)
	d.SetString(tag.BurnedInAnnotation, "CS", "NO")
	d.SetString(tag.LossyImageCompression, "CS", "00")
	s.request(d)
}

// request writes what was asked for, where scanners put it: in the Request
// Attributes Sequence (PS3.3 Table 10-9) and, as many do, beside it.
func (s *series) request(d *dataset.Dataset) {
	o := s.order
	code := dataset.New()
	value, meaning := procedureCode(s.study)
	code.SetString(tag.CodeValue, "SH", value)
	code.SetString(tag.CodingSchemeDesignator, "SH", "LN")
	code.SetString(tag.CodeMeaning, "LO", meaning)
	d.SetString(tag.RequestedProcedureDescription, "LO", o.Procedure)
	d.SetItems(tag.RequestedProcedureCodeSequence, code)
	if o.Request != "" {
		d.SetString(tag.ReasonForTheRequestedProcedure, "LO", o.Request)
	}
	item := dataset.New()
	item.SetString(tag.RequestedProcedureID, "SH", o.AccessionNumber)
	item.SetString(tag.ScheduledProcedureStepID, "SH", o.AccessionNumber)
	item.SetString(tag.RequestedProcedureDescription, "LO", o.Procedure)
	if o.Request != "" {
		item.SetString(tag.ReasonForTheRequestedProcedure, "LO", o.Request)
	}
	d.SetItems(tag.RequestAttributesSequence, item)
}

// procedureCode is the LOINC code of the examination.
func procedureCode(st *Study) (value, meaning string) {
	switch {
	case st.Modality == "MR":
		return "24590-2", "MR Brain"
	case st.BodyPart == "CHEST":
		return "24627-2", "CT Chest"
	}
	return "30799-1", "CT Head WO contrast"
}

func years(born, at time.Time) int {
	n := at.Year() - born.Year()
	if at.Month() < born.Month() || at.Month() == born.Month() && at.Day() < born.Day() {
		n--
	}
	return max(n, 0)
}

// plane writes the Frame of Reference, Image Plane and the geometry of the
// Image Pixel module (PS3.3 C.7.4.1, C.7.6.2, C.7.6.3).
func (s *series) plane(d *dataset.Dataset, g grid) {
	d.SetString(tag.FrameOfReferenceUID, "UI", s.order.name("frame of reference"))
	d.SetString(tag.PositionReferenceIndicator, "LO")
	first := g.point(0, 0)
	d.SetFloat(tag.ImagePositionPatient, "DS", round(first.x), round(first.y), round(first.z))
	d.SetFloat(tag.ImageOrientationPatient, "DS", 1, 0, 0, 0, 1, 0)
	d.SetFloat(tag.SliceLocation, "DS", round(g.z))
	d.SetFloat(tag.SliceThickness, "DS", s.thickness)
	d.SetFloat(tag.SpacingBetweenSlices, "DS", s.spacing)
	d.SetFloat(tag.PixelSpacing, "DS", float64(g.spacing), float64(g.spacing))
	d.SetInt(tag.SamplesPerPixel, "US", 1)
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	d.SetInt(tag.Rows, "US", g.size)
	d.SetInt(tag.Columns, "US", g.size)
	d.SetInt(tag.BitsAllocated, "US", 16)
	d.SetInt(tag.BitsStored, "US", 12)
	d.SetInt(tag.HighBit, "US", 11)
	d.SetInt(tag.PixelRepresentation, "US", 0)
}

// round keeps four decimals, which a DS has room for.
func round(v float32) float64 {
	f := float64(v) * 1e4
	if f < 0 {
		return float64(int64(f-0.5)) / 1e4
	}
	return float64(int64(f+0.5)) / 1e4
}
