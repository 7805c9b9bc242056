package sr_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/internal/shareddata"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
)

// Real scanners' headers, with what is odd in them, give valid documents.
func TestRealSources(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	var files []string
	for _, pattern := range []string{"series/*/*", "charset/*", "enhanced/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, f := range found {
			if st, err := os.Stat(f); err != nil || !st.Mode().IsRegular() {
				continue
			}
			// One or two of each series: their headers are alike.
			if seen[filepath.Dir(f)]++; pattern == "series/*/*" && seen[filepath.Dir(f)] > 1 {
				continue
			}
			files = append(files, f)
		}
	}
	checked := 0
	for _, name := range files {
		source := header(name)
		if source == nil {
			continue // the folder holds notes and pieces as well
		}
		checked++
		t.Run(filepath.Base(filepath.Dir(name))+"/"+filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			c := reportstest.Context()
			c.Source = source
			r := reportstest.Sample()
			r.Patient = reports.Patient{
				Name: source.String(tag.PatientName), PatientID: source.String(tag.PatientID), IssuerOfPatientID: source.String(tag.IssuerOfPatientID),
				BirthDate: source.String(tag.PatientBirthDate), Sex: source.String(tag.PatientSex),
			}
			r.Study.StudyInstanceUID = source.String(tag.StudyInstanceUID)
			r.Study.Date, r.Study.Time = source.String(tag.StudyDate), source.String(tag.StudyTime)
			r.Study.StudyID, r.Study.AccessionNumber = source.String(tag.StudyID), source.String(tag.AccessionNumber)
			r.Study.Description, r.Study.ReferringPhysician = source.String(tag.StudyDescription), source.String(tag.ReferringPhysicianName)
			for _, w := range []reports.Writer{sr.Writer{}, pdf.Writer{}} {
				d, err := w.Write(r, c)
				if err != nil {
					t.Fatal(err)
				}
				reportstest.Validate(t, reportstest.File(t, d.Dataset), r.Study.StudyInstanceUID)
			}
		})
	}
	t.Logf("%d real headers", checked)
}

func header(name string) *dataset.Dataset {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	_, d, _, err := dataset.ReadFile(f, stream.Limits{})
	if err != nil || d.String(tag.StudyInstanceUID) == "" {
		return nil
	}
	return d
}
