package ingest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

// ownSR is a report as package reports writes it, as far as storage looks.
func ownSR(t *testing.T, study string) ingest.Own {
	t.Helper()
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", uid.BasicTextSRStorage)
	d.SetString(tag.SOPInstanceUID, "UI", study+".9.1")
	d.SetString(tag.StudyInstanceUID, "UI", study)
	d.SetString(tag.SeriesInstanceUID, "UI", study+".9")
	d.SetString(tag.Modality, "CS", "SR")
	d.SetString(tag.PatientID, "LO", "P1")
	d.SetString(tag.Manufacturer, "LO", "Dokuei")
	d.SetString(tag.ManufacturerModelName, "LO", "Dokuei reports")
	m, b := encode(t, d, uid.ExplicitVRLittleEndian)
	return ingest.Own{FacilityID: "kaifu", Actor: "u1", Meta: m, Data: bytes.NewReader(b)}
}

// picture is what a catalog says, without IDs and times of its own.
func picture(t *testing.T, d *db.DB) string {
	t.Helper()
	ctx, tx := t.Context(), d.Read(t.Context())
	var out strings.Builder
	list, _, err := catalog.Studies(ctx, tx, identity.Everything(), catalog.StudyQuery{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for _, st := range list {
		st.ID, st.PatientRef, st.Patient.ID = "", "", ""
		st.State, st.ReleaseAt, st.FirstArrival, st.LastArrival, st.CompletedAt = "", time.Time{}, time.Time{}, time.Time{}, time.Time{}
		b, _ := json.Marshal(st)
		lines[st.StudyInstanceUID] = string(b)
	}
	rows, err := catalog.InstancesAfter(ctx, tx, identity.Everything(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range rows {
		i.ID, i.StudyID, i.SeriesID, i.SourceAE, i.ReceivedAt = "", "", "", "", time.Time{}
		b, _ := json.Marshal(i)
		lines[i.SOPInstanceUID] = string(b)
	}
	kept, err := catalog.VersionsAfter(ctx, tx, "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range kept {
		lines[v.SHA256] = v.ObjectKey
	}
	b, _ := json.MarshalIndent(lines, "", " ") // sorted by key
	fmt.Fprintf(&out, "%s", b)
	return out.String()
}

func TestRebuild(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		s := siteOn(t, open(t))
		other := func(d *dataset.Dataset) {
			d.SetString(tag.StudyInstanceUID, "UI", "1.2.4")
			d.SetString(tag.SeriesInstanceUID, "UI", "1.2.4.1")
			d.SetString(tag.SOPInstanceUID, "UI", "1.2.4.1."+d.String(tag.InstanceNumber))
			d.SetString(tag.PatientID, "LO", "P2")
		}
		for n := range 4 {
			s.mustStore(kaifu, ct(n))
			s.mustStore(kaifu, ct(n, other))
		}
		s.pass(24 * time.Hour) // the next day's folder
		s.mustStore(kaifu, ct(2, set(tag.StudyDescription, "LO", "頭部CT 造影")))
		s.mustStore(ingest.Source{FacilityID: "minami", CallingAE: "M"}, ct(1))
		_, err := s.in.StoreOwn(t.Context(), []ingest.Own{ownSR(t, "1.2.3")}, nil)
		s.must(err)
		before := picture(t, s.db)

		// What is no instance, or not what its key says, is left and told of.
		s.must(objecttest.Put(t.Context(), s.objects, "kaifu/20260401/"+strings.Repeat("0", 64)+".dcm", []byte("not DICOM")))
		_, whole := encode(t, ct(9), uid.ExplicitVRLittleEndian)
		s.must(objecttest.Put(t.Context(), s.objects, "kaifu/20260401/"+strings.Repeat("1", 64)+".dcm", append([]byte{}, whole...)))

		d := open(t)
		in := ingest.New(s.objects, d, ingest.Options{Now: s.clock})
		var left []string
		facilities := map[string]int{}
		opt := ingest.RebuildOptions{
			Facility: func(_ context.Context, id string) error { facilities[id]++; return nil },
			Left:     func(key string, _ error) { left = append(left, key) },
		}
		done, err := in.Rebuild(t.Context(), opt)
		s.must(err)
		if done.Objects != 13 || done.Instances != 10 || done.Reports != 1 || done.Conflicts != 1 || done.Left != 2 || len(left) != 2 {
			t.Errorf("%+v, left %v", done, left)
		}
		if facilities["kaifu"] != 1 || facilities["minami"] != 1 || len(facilities) != 2 {
			t.Errorf("facilities asked for: %v", facilities)
		}
		if after := picture(t, d); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		reported, err := catalog.StudyByUID(t.Context(), d.Read(t.Context()), identity.Everything(), "kaifu", "1.2.3")
		s.must(err)
		unread, err := catalog.StudyByUID(t.Context(), d.Read(t.Context()), identity.Everything(), "kaifu", "1.2.4")
		s.must(err)
		if reported.State != catalog.Complete || unread.State != catalog.Receiving || unread.ReleaseAt.After(s.pass(time.Second)) {
			t.Errorf("reported %s, unread %s, due %v", reported.State, unread.State, unread.ReleaseAt)
		}

		// Again: everything is known.
		done, err = in.Rebuild(t.Context(), opt)
		s.must(err)
		if done.Known != 11 || done.Instances != 0 || done.Conflicts != 0 {
			t.Errorf("again: %+v", done)
		}

		stop := errors.New("not registered")
		_, err = ingest.New(s.objects, open(t), ingest.Options{}).Rebuild(t.Context(), ingest.RebuildOptions{
			Facility: func(context.Context, string) error { return stop },
		})
		if !errors.Is(err, stop) {
			t.Error(err)
		}
	})
}

// Old keys, spread over folders by their hash, are understood as well.
func TestRebuildReadsAnyFolder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.mustStore(kaifu, ct(1))
	root := filepath.Join(s.dir, "objects", "objects")
	key := s.keys()[0]
	to := filepath.Join(root, "kaifu", "ab", "cd", filepath.Base(key))
	s.must(os.MkdirAll(filepath.Dir(to), 0o700))
	s.must(os.Rename(filepath.Join(root, filepath.FromSlash(key)), to))
	d := dbtest.Open(t, filepath.Join(t.TempDir(), "new.db"))
	done, err := ingest.New(s.objects, d, ingest.Options{}).Rebuild(t.Context(), ingest.RebuildOptions{})
	s.must(err)
	if done.Instances != 1 {
		t.Errorf("%+v", done)
	}
}

// A rate holds the reading back.
func TestVerifyRate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for n := range 3 {
		s.mustStore(kaifu, ct(n))
	}
	begin := time.Now()
	v, err := s.in.Verify(t.Context(), ingest.VerifyOptions{Rate: 20_000}, nil)
	s.must(err)
	want := time.Duration(float64(v.Bytes) / 20_000 * float64(time.Second))
	if took := time.Since(begin); took < want/2 {
		t.Errorf("%d bytes in %v, want about %v", v.Bytes, took, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = s.in.Verify(ctx, ingest.VerifyOptions{Rate: 1}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
