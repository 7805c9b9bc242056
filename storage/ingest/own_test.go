package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
)

// report is a small SR into the study of ct.
func report(tb testing.TB, instance string) ingest.Own {
	d := ct(1, without(tag.PixelData, tag.Rows, tag.Columns, tag.SamplesPerPixel, tag.BitsAllocated), set(tag.SOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.88.11"),
		set(tag.SOPInstanceUID, "UI", instance), set(tag.SeriesInstanceUID, "UI", "1.2.3.99"), set(tag.Modality, "CS", "SR"))
	title := dataset.New()
	title.SetString(tag.CodeMeaning, "LO", "読影報告")
	d.SetItems(tag.ConceptNameCodeSequence, title)
	m, b := encode(tb, d, uid.ExplicitVRLittleEndian)
	return ingest.Own{FacilityID: "kaifu", Actor: "user-1", Meta: m, Data: bytes.NewReader(b)}
}

func ownTransaction(t *testing.T, s *site) {
	r := s.mustStore(kaifu, ct(1))
	s.pass(time.Minute)
	s.complete(r.StudyID)
	refused := errors.New("claim lost")
	_, err := s.in.StoreOwn(t.Context(), []ingest.Own{report(t, "1.2.9.1"), report(t, "1.2.9.2")},
		func(context.Context, db.Tx, []ingest.Result) error { return refused })
	if !errors.Is(err, refused) || s.count("instances") != 1 || len(s.stored) != 1 {
		t.Fatalf("%v: %d instances, %d told", err, s.count("instances"), len(s.stored))
	}
	var seen []ingest.Result
	done, err := s.in.StoreOwn(t.Context(), []ingest.Own{report(t, "1.2.9.1"), report(t, "1.2.9.2")},
		func(_ context.Context, _ db.Tx, done []ingest.Result) error { seen = slices.Clone(done); return nil })
	s.must(err)
	if !slices.Equal(seen, done) || len(done) != 2 || done[0].StudyID != r.StudyID {
		t.Fatalf("%+v %+v", seen, done)
	}
	st := s.study(r.StudyID)
	if st.State != catalog.Complete || st.Instances != 1 || st.Series != 1 || st.Own != 2 || st.Reopened != 0 || !slices.Equal(st.Modalities, []string{"CT"}) {
		t.Errorf("our report moved the ledger: %+v", st)
	}
	list, err := catalog.SeriesOf(t.Context(), s.db.Read(t.Context()), identity.Everything(), st.ID)
	s.must(err)
	if len(list) != 2 || list[1].Origin != catalog.Dokuei || list[1].Instances[0].Displayable() != "document" || list[1].Instances[0].Header.Title != "読影報告" {
		t.Errorf("series: %+v", list)
	}
	if len(s.stored) != 3 || s.stored[2].Origin != catalog.Dokuei {
		t.Errorf("told: %+v", s.stored)
	}
	s.verifyAudit()
}

func TestOwnNeedsAStudy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, err := s.in.StoreOwn(t.Context(), []ingest.Own{report(t, "1.2.9.1")}, nil)
	if !errors.Is(err, catalog.ErrNotFound) || s.count("studies") != 0 {
		t.Error(err)
	}
}

func TestOwnNeverOverwrites(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.mustStore(kaifu, ct(1))
	own := report(t, "1.2.3.1.1") // the UID of the image
	if _, err := s.in.StoreOwn(t.Context(), []ingest.Own{own}, nil); !errors.Is(err, ingest.ErrTaken) {
		t.Error(err)
	}
}

// What a hospital's archive sends back is our own object again.
func TestOwnComesBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.mustStore(kaifu, ct(1))
	done, err := s.in.StoreOwn(t.Context(), []ingest.Own{report(t, "1.2.9.1")}, nil)
	s.must(err)
	s.pass(time.Minute)
	s.complete(r.StudyID)
	again := report(t, "1.2.9.1")
	back, err := s.in.Store(t.Context(), kaifu, again.Meta, again.Data)
	s.must(err)
	if !back.Duplicate || back.InstanceID != done[0].InstanceID || s.study(r.StudyID).State != catalog.Complete {
		t.Errorf("%+v", back)
	}
}
