package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// slices writes a small CT study of n slices (64 × 64) into a new folder, one
// file each, and returns the folder and the Study Instance UID.
func slices(t testing.TB, n int, change ...func(d *dataset.Dataset, slice int)) (dir, studyUID string) {
	t.Helper()
	dir, studyUID = t.TempDir(), uid.New()
	series := uid.New()
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	for i := range n {
		d := dataset.New()
		d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
		d.SetString(tag.ImageType, "CS", "ORIGINAL", "PRIMARY", "AXIAL")
		d.SetString(tag.SOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.2")
		d.SetString(tag.SOPInstanceUID, "UI", fmt.Sprintf("%s.%d", series, i+1))
		d.SetString(tag.StudyDate, "DA", "20260401")
		d.SetString(tag.StudyTime, "TM", "093000")
		d.SetString(tag.AccessionNumber, "SH", "ACC1")
		d.SetString(tag.Modality, "CS", "CT")
		d.SetString(tag.Manufacturer, "LO", "Dokuei tests")
		d.SetString(tag.ReferringPhysicianName, "PN", "Tanaka^Jiro=田中^次郎=たなか^じろう")
		d.SetString(tag.StudyDescription, "LO", "頭部単純CT")
		d.SetString(tag.PatientName, "PN", "Yoshida^Hanako=𠮷田^花子=よしだ^はなこ")
		d.SetString(tag.PatientID, "LO", "P0001")
		d.SetString(tag.PatientBirthDate, "DA", "19480203")
		d.SetString(tag.PatientSex, "CS", "F")
		d.SetString(tag.BodyPartExamined, "CS", "HEAD")
		d.SetString(tag.SliceThickness, "DS", "5")
		d.SetString(tag.KVP, "DS", "120")
		d.SetString(tag.StudyInstanceUID, "UI", studyUID)
		d.SetString(tag.SeriesInstanceUID, "UI", series)
		d.SetString(tag.StudyID, "SH", "1")
		d.SetString(tag.SeriesNumber, "IS", "2")
		d.SetString(tag.AcquisitionNumber, "IS", "1")
		d.SetString(tag.InstanceNumber, "IS", fmt.Sprint(i+1))
		d.SetString(tag.ImagePositionPatient, "DS", "-16", "-16", fmt.Sprint(5*i))
		d.SetString(tag.ImageOrientationPatient, "DS", "1", "0", "0", "0", "1", "0")
		d.SetString(tag.FrameOfReferenceUID, "UI", series+".0")
		d.SetString(tag.PositionReferenceIndicator, "LO")
		d.SetInt(tag.SamplesPerPixel, "US", 1)
		d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
		d.SetInt(tag.Rows, "US", 64)
		d.SetInt(tag.Columns, "US", 64)
		d.SetString(tag.PixelSpacing, "DS", "0.5", "0.5")
		d.SetInt(tag.BitsAllocated, "US", 16)
		d.SetInt(tag.BitsStored, "US", 16)
		d.SetInt(tag.HighBit, "US", 15)
		d.SetInt(tag.PixelRepresentation, "US", 1)
		d.SetString(tag.WindowCenter, "DS", "40")
		d.SetString(tag.WindowWidth, "DS", "80")
		d.SetString(tag.RescaleIntercept, "DS", "0")
		d.SetString(tag.RescaleSlope, "DS", "1")
		d.SetString(tag.RescaleType, "LO", "HU")
		d.SetString(tag.RequestedProcedureDescription, "LO", "脳卒中疑い")
		pixels := make([]byte, 64*64*2)
		for p := range 64 * 64 {
			binary.LittleEndian.PutUint16(pixels[2*p:], uint16(int16(p%80+i-20)))
		}
		d.SetBytes(tag.PixelData, "OW", pixels)
		for _, fn := range change {
			fn(d, i)
		}
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%03d.dcm", i+1)))
		if err != nil {
			t.Fatal(err)
		}
		if err := dataset.WriteFile(f, d, ts); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir, studyUID
}

// send sends a folder to the server through our own sender.
func (s *server) send(t testing.TB, aet string, paths ...string) {
	t.Helper()
	mustRun(t, append([]string{"send", "--to", s.DICOM, "--aet", aet, "--aec", "DOKUEI", "--no-resume"}, paths...)...)
}

// study is what the tests look at of the API's study.
type study struct {
	ID          string
	Instances   int
	Series      int
	State       string
	ReportState string
	ReportID    *string
	Reopened    int
	Conflicts   int
	Patient     struct{ Name, Ideographic, PatientID string }
	Deliveries  struct{ Delivered, Pending, Failed int }
	ReceivedAck *struct{ At string }
	SeriesList  []struct {
		Modality  string
		Instances []struct {
			ID, SOPInstanceUID, Displayable, Origin string
			Frames, Rows, Columns                   int
		}
	}
	Workitems []workitem
}

type workitem struct {
	ID, State, Priority, Kind, Readiness string
	Replaces, ReplacedBy                 *string
	Study                                *study
	Reasons                              []struct {
		Rule            string
		Matched, Chosen bool
	}
}

// studies lists what the user sees.
func (u *user) studies() []study {
	u.t.Helper()
	var page struct{ Items []study }
	u.must("GET", "/studies?limit=200", nil, &page)
	return page.Items
}

func (u *user) study(id string) study {
	u.t.Helper()
	var s study
	u.must("GET", "/studies/"+id, nil, &s)
	return s
}

func (u *user) worklist(state string) []workitem {
	u.t.Helper()
	var page struct{ Items []workitem }
	u.must("GET", "/worklist?limit=200&state="+state, nil, &page)
	return page.Items
}

// firstTask waits for the first Workitem on the reader's list, and until its study is
// whole: a STAT stands there from its first image.
func (u *user) firstTask() workitem {
	u.t.Helper()
	var items []workitem
	eventually(u.t, "a study is on the reader's list", func() bool {
		items = u.worklist("open")
		return len(items) > 0 && u.study(items[0].Study.ID).State == "complete"
	})
	return items[0]
}
