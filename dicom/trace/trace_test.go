package trace_test

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/trace"
	"github.com/dokuei/dokuei/dicom/uid"
)

var update = flag.Bool("update", false, "write testdata/association.txt anew")

// secrets stand in the patient's data and must not be printed.
var secrets = []string{"Yamada", "Tarou", "山田", "PID-4711", "19500102", "ACC-0815", "Uncle", "hidden", "s3cret", "wanders", "SMUGGLED", "nurse"}

func bytesOf(t testing.TB, p pdu.PDU) []byte {
	t.Helper()
	b, err := p.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func data(t testing.TB, items ...pdu.PDV) []byte {
	t.Helper()
	return bytesOf(t, &pdu.DataTF{Items: items})
}

func command(t testing.TB, m dimse.Message, dataSet bool) []byte {
	t.Helper()
	b, err := dimse.Append(nil, m, dataSet)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func patient(t testing.TB) []byte {
	t.Helper()
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.SOPClassUID, "UI", uid.CTImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", "1.2.3.4")
	d.SetString(tag.AccessionNumber, "SH", "ACC-0815")
	d.SetString(tag.Modality, "CS", "CT")
	d.SetString(tag.BodyPartExamined, "CS", "wanders off")
	d.SetString(tag.ReferringPhysicianName, "PN", "Uncle^Bob")
	d.SetString(tag.PatientName, "PN", "Yamada^Tarou=山田^太郎")
	d.SetString(tag.PatientID, "LO", "PID-4711")
	d.SetString(tag.PatientBirthDate, "DA", "19500102")
	d.SetString(tag.PatientSex, "CS", "M")
	d.SetString(tag.New(0x0009, 0x0010), "LO", "ACME")
	d.SetString(tag.New(0x0009, 0x1001), "LO", "hidden")
	d.SetString(tag.InstanceNumber, "IS", "7")
	d.SetString(tag.SliceThickness, "CS", "SMUGGLED") // not the VR of the dictionary
	it := dataset.New()
	it.SetString(tag.ReferencedSOPInstanceUID, "UI", "1.2.5")
	it.SetString(tag.PatientName, "PN", "Yamada^Tarou")
	d.SetItems(tag.ReferencedImageSequence, it)
	d.SetInt(tag.Rows, "US", 512)
	d.SetBytes(tag.PixelData, "OW", []byte("Tarou in pixels!"))
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	if err := d.Encode(&b, ts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// piece is what one side sends.
type piece struct {
	acceptor bool
	b        []byte
}

func association(t testing.TB) []piece {
	t.Helper()
	store := command(t, &dimse.CStoreRQ{AffectedSOPClassUID: uid.CTImageStorage, MessageID: 1, AffectedSOPInstanceUID: "1.2.3.4"}, true)
	answer := command(t, &dimse.CStoreRSP{AffectedSOPClassUID: uid.CTImageStorage, MessageIDBeingRespondedTo: 1, Status: dimse.OutOfResources, OffendingElement: []uint32{0x00100010}, ErrorComment: "no room for Yamada"}, false)
	ds := patient(t)
	return []piece{
		{false, bytesOf(t, &pdu.AssociateRQ{
			Version: 1, CalledAE: "DOKUEI", CallingAE: "CT\x1b[1", ApplicationContext: pdu.ApplicationContextName,
			Contexts: []pdu.PresentationContextRQ{
				{ID: 1, AbstractSyntax: uid.CTImageStorage, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}},
				{ID: 3, AbstractSyntax: "1.2.3", TransferSyntaxes: []string{uid.ImplicitVRLittleEndian}},
			},
			User: pdu.UserInformation{
				MaximumLength: &pdu.MaximumLength{Received: 16384}, ImplementationClassUID: "1.2.3", ImplementationVersionName: "TEST",
				AsyncOperationsWindow: &pdu.AsyncOperationsWindow{Invoked: 1, Performed: 1},
				RoleSelections:        []pdu.RoleSelection{{SOPClassUID: uid.CTImageStorage, SCU: true, SCP: true}},
				ExtendedNegotiations:  []pdu.ExtendedNegotiation{{SOPClassUID: uid.CTImageStorage, Information: []byte{2, 0}}},
				CommonExtended:        []pdu.CommonExtendedNegotiation{{SOPClassUID: "1.2.3", ServiceClassUID: "1.2.840.10008.4.2"}},
				UserIdentityRQ:        &pdu.UserIdentityRQ{Kind: 2, Primary: []byte("nurse"), Secondary: []byte("s3cret")},
			},
		})},
		{true, bytesOf(t, &pdu.AssociateAC{
			Version: 1, ApplicationContext: pdu.ApplicationContextName,
			Contexts: []pdu.PresentationContextAC{{ID: 1, TransferSyntax: uid.ExplicitVRLittleEndian}, {ID: 3, Result: 3, TransferSyntax: uid.ImplicitVRLittleEndian}},
			User:     pdu.UserInformation{ImplementationClassUID: "2.25.1", UserIdentityAC: &pdu.UserIdentityAC{ServerResponse: []byte("s3cret")}},
		})},
		// The data set in three pieces, the first in the middle of a header.
		{false, data(t, pdu.PDV{ContextID: 1, Command: true, Data: store[:30]}, pdu.PDV{ContextID: 1, Command: true, Last: true, Data: store[30:]}, pdu.PDV{ContextID: 1, Data: ds[:41]})},
		{false, data(t, pdu.PDV{ContextID: 1, Data: ds[41:90]})},
		{false, data(t, pdu.PDV{ContextID: 1, Last: true, Data: ds[90:]})},
		{true, data(t, pdu.PDV{ContextID: 1, Command: true, Last: true, Data: answer})},
		{false, bytesOf(t, &pdu.ReleaseRQ{})},
		{true, bytesOf(t, &pdu.ReleaseRP{})},
	}
}

func clock() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC) }

// play prints pieces, cut as cut says.
func play(t testing.TB, pieces []piece, cut func(n int) int) string {
	t.Helper()
	var out bytes.Buffer
	a := trace.New(&out, trace.Options{Label: "#1", Now: clock})
	for _, p := range pieces {
		w := a.Requestor()
		if p.acceptor {
			w = a.Acceptor()
		}
		for b := p.b; len(b) > 0; {
			n := cut(len(b))
			if k, err := w.Write(b[:n]); k != n || err != nil {
				t.Fatalf("wrote %d of %d: %v", k, n, err)
			}
			b = b[n:]
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func whole(n int) int { return n }

func TestAssociation(t *testing.T) {
	t.Parallel()
	got := play(t, association(t), whole)
	file := filepath.Join("testdata", "association.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s", got)
	}
	for _, s := range secrets {
		if strings.Contains(got, s) {
			t.Errorf("%q is printed", s)
		}
	}
	if strings.ContainsRune(got, 0x1b) {
		t.Error("an escape reaches the terminal")
	}
}

// However the network cuts the bytes, the print is the same.
func TestCuts(t *testing.T) {
	t.Parallel()
	pieces := association(t)
	want := play(t, pieces, whole)
	if got := play(t, pieces, func(int) int { return 1 }); got != want {
		t.Errorf("byte by byte:\n%s", got)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		if got := play(t, pieces, func(n int) int { return 1 + r.IntN(n) }); got != want {
			t.Fatalf("cut at random:\n%s", got)
		}
	}
}

func TestBadStreams(t *testing.T) {
	t.Parallel()
	long := bytesOf(t, &pdu.ReleaseRQ{})
	long[5] = 8
	for name, c := range map[string]struct {
		b    []byte
		want []string
	}{
		"TLS":                  {[]byte("\x16\x03\x01\x00\xf0\x01\x00\x00"), []string{"TLS, which cannot be looked into"}},
		"HTTP":                 {[]byte("GET / HTTP/1.1\r\n"), []string{"47 45 54 20 2F 20: no DICOM"}},
		"header cut":           {[]byte("\x01\x00\x00"), []string{"ends within the header of a PDU"}},
		"body cut":             {[]byte("\x07\x00\x00\x00\x00\x04\x00"), []string{"A-ABORT, 4 bytes", "ends 3 bytes early"}},
		"length of release":    {append(long, "\x00\x00\x00\x00"...), []string{"longer than 4 bytes: skipped", "end of stream"}},
		"PDV lies":             {[]byte("\x04\x00\x00\x00\x00\x06\x00\x00\x01\x00\x01\x03\x07\x00\x00\x00\x00\x04\x00\x00\x02\x01"), []string{"item length 256", "unrecognized PDU"}},
		"PDV of no room":       {[]byte("\x04\x00\x00\x00\x00\x03\x00\x00\x01\x05\x00\x00\x00\x00\x04\x00\x00\x00\x00"), []string{"needs 6 bytes", "A-RELEASE-RQ"}},
		"command cut off":      {append(data(t, pdu.PDV{ContextID: 1, Command: true, Data: []byte("abc")}), bytesOf(t, &pdu.Abort{})...), []string{"aborted by service user", "command set broken off after 3 bytes"}},
		"command of noise":     {data(t, pdu.PDV{ContextID: 1, Command: true, Last: true, Data: []byte("noise and more noise")}), []string{"is of group"}},
		"command too long":     {data(t, pdu.PDV{ContextID: 1, Command: true, Data: make([]byte, dimse.MaxCommandLength+1)}), []string{"more than 65536 bytes: skipped"}},
		"data set of nobody":   {data(t, pdu.PDV{ContextID: 9, Last: true, Data: []byte("hidden")}), []string{`transfer syntax "": not decoded`}},
		"data set cut off":     {append(data(t, pdu.PDV{ContextID: 9, Data: []byte("hidden")}), bytesOf(t, &pdu.ReleaseRQ{})...), []string{"A-RELEASE-RQ", "data set broken off"}},
		"other context inside": {data(t, pdu.PDV{ContextID: 9, Data: []byte("hidden")}, pdu.PDV{ContextID: 7, Last: true, Data: []byte("x")}), []string{"data set broken off", "context 7"}},
		"rejection":            {bytesOf(t, &pdu.AssociateRJ{Result: 1, Source: 1, Reason: 7}), []string{"called AE title not recognized"}},
	} {
		got := play(t, []piece{{false, c.b}}, whole)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in\n%s", name, w, got)
			}
		}
		if strings.Contains(got, "hidden") {
			t.Errorf("%s: printed what may be a patient's", name)
		}
	}
}

// A data set that stops making sense is passed over, and what follows is decoded.
func TestBadDataSet(t *testing.T) {
	t.Parallel()
	p := association(t)[:2]
	p = append(p,
		piece{false, data(t, pdu.PDV{ContextID: 1, Last: true, Data: []byte("\x10\x00\x10\x00PN\xff\x00hidden")})},
		piece{false, data(t, pdu.PDV{ContextID: 1, Command: true, Last: true, Data: command(t, &dimse.CEchoRQ{AffectedSOPClassUID: uid.Verification, MessageID: 8}, false)})})
	got := play(t, p, whole)
	for _, w := range []string{"value is cut off; the rest of the data set is skipped", "C-ECHO-RQ"} {
		if !strings.Contains(got, w) {
			t.Errorf("no %q in\n%s", w, got)
		}
	}
	if strings.Contains(got, "hidden") {
		t.Error("printed what may be a patient's")
	}
}

type fullDisk struct{}

var errFull = errors.New("disk full")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestOutputFails(t *testing.T) {
	t.Parallel()
	a := trace.New(fullDisk{}, trace.Options{})
	if _, err := a.Acceptor().Write(bytesOf(t, &pdu.ReleaseRQ{})); !errors.Is(err, errFull) {
		t.Error(err)
	}
	if err := a.Close(); !errors.Is(err, errFull) {
		t.Error(err)
	}
}

// FuzzAssociation: no panic, nothing that steers a terminal, and the same print however
// the bytes are cut.
func FuzzAssociation(f *testing.F) {
	var both [2][]byte
	for _, p := range association(f) {
		i := 0
		if p.acceptor {
			i = 1
		}
		both[i] = append(both[i], p.b...)
	}
	f.Add(both[0], both[1], uint8(0))
	f.Add([]byte("\x04\x00\x00\x00\x00\x06\x00\x00\x01\x00\x01\x03"), []byte("\x16\x03\x01"), uint8(3))
	f.Fuzz(func(t *testing.T, rq, ac []byte, cut uint8) {
		at := min(len(rq), 374) // the acceptance is heard between the request and what follows it
		pieces := []piece{{false, rq[:at]}, {true, ac}, {false, rq[at:]}}
		got := play(t, pieces, func(n int) int { return min(n, int(cut)+1) })
		if want := play(t, pieces, whole); got != want {
			t.Fatalf("in pieces of %d:\n%s\nwhole:\n%s", int(cut)+1, got, want)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
			t.Fatalf("control character in %q", got)
		}
	})
}

func BenchmarkImage(b *testing.B) {
	pieces := association(b)
	ds := patient(b)
	one := append(data(b, pdu.PDV{ContextID: 1, Last: true, Data: ds}), data(b, pdu.PDV{ContextID: 1, Last: true, Data: ds})...)
	a := trace.New(new(discard), trace.Options{})
	_, _ = a.Requestor().Write(pieces[0].b)
	_, _ = a.Acceptor().Write(pieces[1].b)
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = a.Requestor().Write(one)
	}
}

type discard struct{}

func (*discard) Write(p []byte) (int, error) { return len(p), nil }
