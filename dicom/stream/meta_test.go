package stream_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

func file(t testing.TB, m stream.Meta, dataSet []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := stream.WriteMeta(&b, m)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteMeta: %d of %d, %v", n, b.Len(), err)
	}
	b.Write(dataSet)
	return b.Bytes()
}

func TestMetaRoundTrip(t *testing.T) {
	t.Parallel()
	want := stream.Meta{
		MediaStorageSOPClassUID: uid.CTImageStorage, MediaStorageSOPInstanceUID: "1.2.3",
		TransferSyntaxUID: uid.ExplicitVRLittleEndian, ImplementationClassUID: "1.2.4",
		ImplementationVersionName: "TEST_1", SourceAE: "KAIFU_CT",
	}
	in := file(t, want, explicit().elem(tag.Modality, "CS", "CT").b)
	br := bufio.NewReader(bytes.NewReader(in))
	got, n, err := stream.ReadMeta(br)
	if err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	if rest, _ := io.ReadAll(br); n != int64(len(in)-len(rest)) || len(rest) != 10 {
		t.Errorf("consumed %d, left %d", n, len(rest))
	}
	own := file(t, stream.Meta{TransferSyntaxUID: uid.ExplicitVRLittleEndian}, nil)
	if !bytes.Equal(own, file(t, stream.Meta{TransferSyntaxUID: uid.ExplicitVRLittleEndian}, nil)) {
		t.Error("not deterministic")
	}
	if !bytes.Contains(own, []byte(uid.ImplementationVersionName)) || !bytes.Equal(own[:128], make([]byte, 128)) {
		t.Error("implementation or preamble")
	}
}

func TestReadMetaOfOthers(t *testing.T) {
	t.Parallel()
	set := explicit().elem(tag.SpecificCharacterSet, "CS", "ISO_IR 100").elem(tag.Modality, "CS", "CT").b
	whole := file(t, stream.Meta{TransferSyntaxUID: uid.JPEGBaseline8Bit}, set)
	wrongLength := bytes.Clone(whole)
	wrongLength[140] = 0xff
	implicitMeta := implicit().elem(tag.TransferSyntaxUID, "", uid.ExplicitVRLittleEndian+"\x00").b
	tests := []struct {
		name   string
		in     []byte
		syntax string
	}{
		{"whole", whole, uid.JPEGBaseline8Bit},
		{"wrong group length", wrongLength, uid.JPEGBaseline8Bit},
		{"no preamble", whole[128:], uid.JPEGBaseline8Bit},
		{"no preamble, no prefix", whole[132:], uid.JPEGBaseline8Bit},
		{"no meta, explicit", set, uid.ExplicitVRLittleEndian},
		{"no meta, implicit", implicit().elem(tag.SpecificCharacterSet, "", "ISO_IR 100").elem(tag.Modality, "", "CT").b, uid.ImplicitVRLittleEndian},
		{"no meta, big endian", big().elem(tag.SpecificCharacterSet, "CS", "ISO_IR 100").elem(tag.Modality, "CS", "CT").b, uid.ExplicitVRBigEndian},
		{"prefix and no meta", append(append(make([]byte, 128), "DICM"...), set...), uid.ExplicitVRLittleEndian},
		{"implicit meta", append(append(append(make([]byte, 128), "DICM"...), implicitMeta...), set...), uid.ExplicitVRLittleEndian},
		{"meta without syntax", file(t, stream.Meta{MediaStorageSOPInstanceUID: "1.2"}, implicit().elem(tag.Modality, "", "CT").b), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			br := bufio.NewReader(bytes.NewReader(tt.in))
			m, n, err := stream.ReadMeta(br)
			if err != nil {
				t.Fatal(err)
			}
			if tt.syntax != "" && m.TransferSyntaxUID != tt.syntax {
				t.Errorf("syntax %q", m.TransferSyntaxUID)
			}
			rest, _ := io.ReadAll(br)
			if n != int64(len(tt.in)-len(rest)) {
				t.Errorf("consumed %d of %d with %d left", n, len(tt.in), len(rest))
			}
			if tt.syntax == "" {
				return
			}
			got, err := trace(bytes.NewReader(rest), stream.SyntaxFor(m.TransferSyntaxUID), stream.Limits{})
			if err != nil || !strings.Contains(got, "(0008,0060) CS \"CT\"") {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestNotDICOM(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"empty": "", "text": strings.Repeat("Dear doctor, ", 40), "png": "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\x01", 200),
		"zeros": strings.Repeat("\x00", 600), "pdf": "%PDF-1.7\n" + strings.Repeat("x", 300), "zip": "PK\x03\x04" + strings.Repeat("y", 300),
		"jpeg": "\xff\xd8\xff\xe0\x00\x10JFIF\x00" + strings.Repeat("\x00", 300),
	} {
		_, _, err := stream.ReadMeta(bufio.NewReader(strings.NewReader(in)))
		var f *stream.FormatError
		if !errors.Is(err, stream.ErrNotDICOM) || !errors.As(err, &f) {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := append(make([]byte, 128), "DICM\x02\x00\x02\x01OB\x00\x00\xff\xff\xff\x7f"...)
	if _, _, err := stream.ReadMeta(bufio.NewReader(bytes.NewReader(long))); !errors.Is(err, stream.ErrLimit) {
		t.Errorf("2 GiB of private meta: %v", err)
	}
	cut := file(t, stream.Meta{TransferSyntaxUID: uid.ExplicitVRLittleEndian}, nil)
	for n := 145; n < len(cut); n++ {
		m, _, err := stream.ReadMeta(bufio.NewReader(bytes.NewReader(cut[:n])))
		if err == nil && m.TransferSyntaxUID == "" || err != nil && !stream.Truncated(err) && !errors.Is(err, stream.ErrNotDICOM) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}
