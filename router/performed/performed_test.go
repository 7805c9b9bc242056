package performed_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/router/performed"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const class = uid.ModalityPerformedProcedureStep

// TestOnEachEngine holds everything against every database.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		for name, test := range map[string]func(*testing.T, *db.DB){"step": testStep, "declared": testDeclared} {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	})
}

// suite is a Desk behind an SCP in memory. The calling AE title is the hospital.
type suite struct {
	t        *testing.T
	db       *db.DB
	door     *ultest.Listener
	desk     *performed.Desk
	declared chan struct{}
}

func newSuite(t *testing.T, d *db.DB) *suite {
	s := &suite{t: t, db: d, door: ultest.Listen(), declared: make(chan struct{}, 10)}
	worklisttest.Facility(t, s.db, "kaifu", "KAIFU")
	worklisttest.Facility(t, s.db, "minami", "MINAMI")
	s.desk = performed.New(s.db, performed.Options{
		Facility: func(peer any) (string, bool) { f, ok := peer.(string); return f, ok },
		Declared: func() { s.declared <- struct{}{} },
	})
	handler := service.Normalized{Serve: s.desk.Serve}
	scp, err := service.NewSCP(service.SCPConfig{
		Normalized: map[string]service.Normalized{class: handler, performed.RetrieveClass: handler},
		Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "DOKUEI"}, Grace: time.Second, Policy: func(_ context.Context, r ul.Request) ul.Decision {
			return ul.Decision{Accept: true, Peer: map[string]string{"KAIFU": "kaifu", "MINAMI": "minami"}[r.CallingAE]}
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []func(context.Context) error{s.desk.Run, func(ctx context.Context) error { return scp.Serve(ctx, s.door) }} {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- f(ctx) }()
		t.Cleanup(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	return s
}

func (s *suite) as(ae string) *service.Client {
	s.t.Helper()
	c, err := service.Dial(s.t.Context(), "memory", service.DialOptions{CallingAE: ae, CalledAE: "DOKUEI", Dialer: s.door, Contexts: []service.Context{
		{AbstractSyntax: class, TransferSyntaxes: []string{uid.ImplicitVRLittleEndian}},
		{AbstractSyntax: performed.RetrieveClass, TransferSyntaxes: []string{uid.ImplicitVRLittleEndian}},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func begun(study string) *dataset.Dataset {
	d, scheduled := dataset.New(), dataset.New()
	scheduled.SetString(tag.StudyInstanceUID, "UI", study)
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetItems(tag.ScheduledStepAttributesSequence, scheduled)
	d.SetString(tag.PatientName, "PN", "YAMADA^TARO=山田^太郎")
	d.SetString(tag.PerformedProcedureStepID, "SH", "PPS1")
	d.SetString(tag.PerformedProcedureStepStatus, "CS", "IN PROGRESS")
	return d
}

func ended(status string, images ...string) *dataset.Dataset {
	d, series := dataset.New(), dataset.New()
	var refs []*dataset.Dataset
	for _, i := range images {
		r := dataset.New()
		r.SetString(tag.ReferencedSOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.2")
		r.SetString(tag.ReferencedSOPInstanceUID, "UI", i)
		refs = append(refs, r)
	}
	series.SetItems(tag.ReferencedImageSequence, refs...)
	d.SetString(tag.PerformedProcedureStepStatus, "CS", status)
	d.SetString(tag.PatientName, "PN", "SOMEBODY^ELSE")
	if len(images) > 0 {
		d.SetItems(tag.PerformedSeriesSequence, series)
	}
	return d
}

func (s *suite) create(c *service.Client, instance string, d *dataset.Dataset) service.NormalizedAnswer {
	s.t.Helper()
	a, err := c.Create(s.t.Context(), class, class, instance, d)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s *suite) set(c *service.Client, instance string, d *dataset.Dataset) dimse.Status {
	s.t.Helper()
	a, err := c.Set(s.t.Context(), class, class, instance, d)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Status
}

func testStep(t *testing.T, d *db.DB) {
	s := newSuite(t, d)
	c := s.as("KAIFU")
	without := func(drop ...tag.Tag) *dataset.Dataset {
		d := begun("1.2.3")
		for _, x := range drop {
			d.Delete(x)
		}
		return d
	}
	for name, x := range map[string]struct {
		d    *dataset.Dataset
		want dimse.Status
	}{
		"no attributes": {nil, dimse.MissingAttribute},
		"no status":     {without(tag.PerformedProcedureStepStatus), dimse.InvalidAttributeValue},
		"no study":      {without(tag.ScheduledStepAttributesSequence), dimse.MissingAttribute},
		"no step ID":    {without(tag.PerformedProcedureStepID), dimse.MissingAttribute},
		"no UID":        {begun("study 1"), dimse.MissingAttribute},
	} {
		if a := s.create(c, "1.2", x.d); a.Status != x.want {
			t.Errorf("%s: %s, want %s", name, a.Status, x.want)
		}
	}
	if a := s.create(c, "1.2", begun("1.2.3")); a.Status != dimse.Success || a.SOPInstanceUID != "1.2" {
		t.Fatal(a)
	}
	if a := s.create(c, "1.2", begun("1.2.3")); a.Status != dimse.DuplicateSOPInstance {
		t.Error("twice:", a.Status)
	}
	named := s.create(c, "", begun("1.2.3"))
	if named.Status != dimse.Success || !uid.Valid(named.SOPInstanceUID) {
		t.Error("without a SOP Instance UID:", named)
	}
	if got := s.set(s.as("MINAMI"), "1.2", ended("COMPLETED", "1.1")); got != dimse.NoSuchSOPInstance {
		t.Error("another hospital's step:", got)
	}
	for _, x := range []struct {
		name string
		d    *dataset.Dataset
		want dimse.Status
	}{
		{"no such status", ended("LOST"), dimse.InvalidAttributeValue},
		{"completed without series", ended("COMPLETED"), dimse.MissingAttribute},
		{"still in progress", ended("IN PROGRESS", "1.1"), dimse.Success},
		{"completed", ended("COMPLETED", "1.1", "1.2"), dimse.Success},
		{"changed afterwards", ended("COMPLETED", "1.1"), dimse.ProcessingFailure},
	} {
		if got := s.set(c, "1.2", x.d); got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
	a, err := c.GetAttributes(t.Context(), performed.RetrieveClass, performed.RetrieveClass, "1.2", uint32(tag.PatientName), uint32(tag.PerformedProcedureStepStatus))
	if err != nil || a.Status != dimse.Success || a.Data.String(tag.PatientName) != "YAMADA^TARO=山田^太郎" || a.Data.String(tag.PerformedProcedureStepStatus) != "COMPLETED" {
		t.Error(a, err)
	}
}

// The images of all steps that have ended are the declared content of the study,
// whichever comes first, images or step.
func testDeclared(t *testing.T, d *db.DB) {
	s := newSuite(t, d)
	c := s.as("KAIFU")
	study := func(id string) catalog.Study {
		t.Helper()
		st, err := catalog.StudyByID(t.Context(), s.db.Read(t.Context()), identity.Everything(), id)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	images := worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.3", Quiet: time.Hour}

	// Two steps; images of the first and the second are there before the second ends.
	s.create(c, "1.1", begun("1.2.3"))
	s.create(c, "1.2", begun("1.2.3"))
	arrived := worklisttest.Arrive(t, s.db, images)
	worklisttest.Arrive(t, s.db, images)
	if got := s.set(c, "1.1", ended("COMPLETED", "9.1")); got != dimse.Success {
		t.Fatal(got)
	}
	if st := study(arrived.StudyID); st.DeclaredInstances != 0 {
		t.Error("declared while a step is in progress:", st.DeclaredInstances)
	}
	if got := s.set(c, "1.2", ended("DISCONTINUED", "9.2")); got != dimse.Success {
		t.Fatal(got)
	}
	<-s.declared
	if st := study(arrived.StudyID); st.DeclaredInstances != 2 || st.ReleaseAt.After(db.Now()) {
		t.Errorf("declared %d, released %v", st.DeclaredInstances, st.ReleaseAt)
	}

	// The step ends before its image comes.
	s.create(c, "1.3", begun("4.5.6"))
	if got := s.set(c, "1.3", ended("COMPLETED", "9.3")); got != dimse.Success {
		t.Fatal(got)
	}
	images.StudyUID = "4.5.6"
	later := worklisttest.Arrive(t, s.db, images)
	s.desk.Wake()
	<-s.declared
	if st := study(later.StudyID); st.DeclaredInstances != 1 {
		t.Errorf("declared %d", st.DeclaredInstances)
	}
}
