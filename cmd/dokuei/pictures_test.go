package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/viewer/preview"
)

// An image that cannot be shown is kept, and log and outbox say so, without a word
// of the patient.
func TestImageThatCannotBeShown(t *testing.T) {
	t.Parallel()
	s := serve(t, newData(t, network))
	scu, err := service.Dial(t.Context(), s.DICOM, service.DialOptions{
		CallingAE: "MINAMI_CT", CalledAE: "DOKUEI",
		Contexts: []service.Context{{AbstractSyntax: uid.SecondaryCaptureImageStorage, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = scu.Close(t.Context()) }()
	d := dataset.New()
	instance := uid.New()
	d.SetString(tag.SOPClassUID, "UI", uid.SecondaryCaptureImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", instance)
	d.SetString(tag.StudyInstanceUID, "UI", uid.New())
	d.SetString(tag.SeriesInstanceUID, "UI", uid.New())
	d.SetString(tag.PatientName, "PN", "GEHEIM^NAME")
	d.SetString(tag.PatientID, "LO", "GEHEIM-ID")
	d.SetInt(tag.SamplesPerPixel, "US", 1)
	d.SetInt(tag.Rows, "US", 512) // of which eight bytes have come
	d.SetInt(tag.Columns, "US", 512)
	d.SetInt(tag.BitsAllocated, "US", 8)
	d.SetInt(tag.BitsStored, "US", 8)
	d.SetInt(tag.HighBit, "US", 7)
	d.SetInt(tag.PixelRepresentation, "US", 0)
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	d.SetBytes(tag.PixelData, "OB", make([]byte, 8))
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	if err := d.Encode(&b, ts); err != nil {
		t.Fatal(err)
	}
	status, err := scu.Store(t.Context(), service.StoreObject{
		SOPClassUID: uid.SecondaryCaptureImageStorage, SOPInstanceUID: instance, TransferSyntaxUID: uid.ExplicitVRLittleEndian, Data: &b,
	})
	if err != nil || status != dimse.Success {
		t.Fatalf("status %v, %v", status, err)
	}

	rows, err := db.Open(t.Context(), "sqlite:"+filepath.Join(s.Data, "dokuei.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	eventually(t, "an event tells of the image", func() bool {
		list, err := catalog.EventsAfter(t.Context(), rows.Read(t.Context()), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if e.Kind == preview.EventPlaceholder {
				return e.FacilityID == "minami" && e.StudyID != "" && e.Ref != ""
			}
		}
		return false
	})
	// The event stands before its line in the log.
	s.logged(t, "image cannot be shown")
	if log := s.log.String(); strings.Contains(log, "GEHEIM") {
		t.Errorf("log:\n%s", log)
	}
}

func TestPictureReserve(t *testing.T) {
	t.Parallel()
	for originals, want := range map[int64]int64{-1: 0, 0: 0, 1 << 30: 2 << 30} {
		if got := pictureReserve(originals); got != want {
			t.Errorf("%d: %d, want %d", originals, got, want)
		}
	}
}

// Profiles are for this machine alone.
func TestListenProfile(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:6060", "example.org:6060", "127.0.0.1"} {
		if l, err := listenProfile(addr); err == nil {
			l.Close()
			t.Errorf("%s was taken", addr)
		}
	}
	l, err := listenProfile("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
