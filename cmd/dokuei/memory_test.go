package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// A 2 GB multi-frame object is stored, and its picture made, in a server that
// stays small: the data set is streamed, never held.
func TestTwoGigabytesInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the 2 GB object is left out")
	}
	const (
		class  = "1.2.840.10008.5.1.4.1.1.7.3" // Multi-frame Grayscale Word Secondary Capture
		frames = 4095                          // of 512 × 512 × 16 bit
		frame  = 512 * 512 * 2
		most   = 300 << 20
	)
	s := serve(t, newData(t, network))
	scu, err := service.Dial(t.Context(), s.DICOM, service.DialOptions{
		CallingAE: "MINAMI_CT", CalledAE: "DOKUEI",
		Contexts: []service.Context{{AbstractSyntax: class, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = scu.Close(t.Context()) }()

	instance := uid.New()
	var header bytes.Buffer
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", class)
	d.SetString(tag.SOPInstanceUID, "UI", instance)
	d.SetString(tag.Modality, "CS", "OT")
	d.SetString(tag.PatientID, "LO", "LARGE")
	d.SetString(tag.StudyInstanceUID, "UI", uid.New())
	d.SetString(tag.SeriesInstanceUID, "UI", uid.New())
	d.SetString(tag.NumberOfFrames, "IS", fmt.Sprint(frames))
	d.SetInt(tag.SamplesPerPixel, "US", 1)
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	d.SetInt(tag.Rows, "US", 512)
	d.SetInt(tag.Columns, "US", 512)
	d.SetInt(tag.BitsAllocated, "US", 16)
	d.SetInt(tag.BitsStored, "US", 16)
	d.SetInt(tag.HighBit, "US", 15)
	d.SetInt(tag.PixelRepresentation, "US", 0)
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	if err := d.Encode(&header, ts); err != nil {
		t.Fatal(err)
	}
	length := uint32(frames * frame)
	header.Write([]byte{0xe0, 0x7f, 0x10, 0x00, 'O', 'W', 0, 0, byte(length), byte(length >> 8), byte(length >> 16), byte(length >> 24)})

	status, err := scu.Store(t.Context(), service.StoreObject{
		SOPClassUID: class, SOPInstanceUID: instance, TransferSyntaxUID: uid.ExplicitVRLittleEndian,
		Data: io.MultiReader(&header, io.LimitReader(&ramp{}, frames*frame)),
	})
	if err != nil || status != dimse.Success {
		t.Fatalf("status %v, %v", status, err)
	}
	u := s.signIn(t, "minami", password)
	st := u.study(u.studies()[0].ID)
	i := st.SeriesList[0].Instances[0]
	if i.Frames != frames {
		t.Errorf("%d frames, want %d", i.Frames, frames)
	}
	for _, path := range []string{"/preview", "/frames/1", fmt.Sprint("/frames/", frames)} {
		if status, _, h := u.raw("GET", "/instances/"+i.ID+path, nil); status != 200 || h.Get("X-Dokuei-Placeholder") != "" {
			t.Errorf("%s: status %d, placeholder %q", path, status, h.Get("X-Dokuei-Placeholder"))
		}
	}
	t.Logf("a multi-frame object of %d MiB is stored and shown", frames*frame>>20)
	s.within(t, most)
}

// within holds the largest resident set a server has had against a number of bytes.
func (s *server) within(t *testing.T, most int) {
	t.Helper()
	peak := peakMemory(t, s.cmd.Process.Pid)
	t.Logf("the server took %d MiB", peak>>20)
	if peak > most && !raceEnabled {
		t.Errorf("that is more than %d", most>>20)
	}
}

// ramp is an endless stream of rising bytes.
type ramp struct{ next byte }

func (r *ramp) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.next
		r.next++
	}
	return len(p), nil
}

// peakMemory is the highest resident set of a process so far. Elsewhere than on
// Linux nothing is measured.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Logf("memory is not measured here: %v", err)
		return 0
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(raw)
	if m == nil {
		t.Fatalf("no VmHWM in %s", raw)
	}
	kb, _ := strconv.Atoi(string(m[1]))
	return kb << 10
}
