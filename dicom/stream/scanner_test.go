package stream_test

import (
	"bytes"
	"compress/flate"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// trace writes the events of a data set one a line.
func trace(r io.Reader, ts uid.TransferSyntax, lim stream.Limits) (string, error) {
	s := stream.NewScanner(r, ts, lim)
	var out strings.Builder
	for {
		e, err := s.Next()
		if err == io.EOF {
			return out.String(), nil
		}
		if err != nil {
			return out.String(), err
		}
		out.WriteString(strings.Repeat(" ", e.Depth))
		switch e.Kind {
		case stream.KindValue:
			v, err := s.Value()
			if err != nil {
				return out.String(), err
			}
			fmt.Fprintf(&out, "%s %s %q\n", e.Tag, e.VR, v)
		case stream.KindFragment:
			v, err := s.Value()
			if err != nil {
				return out.String(), err
			}
			fmt.Fprintf(&out, "frag %q\n", v)
		case stream.KindSequence:
			fmt.Fprintf(&out, "%s %s{\n", e.Tag, e.VR)
		case stream.KindSequenceEnd, stream.KindFragmentsEnd:
			out.WriteString("}\n")
		case stream.KindItem:
			out.WriteString("[\n")
		case stream.KindItemEnd:
			out.WriteString("]\n")
		case stream.KindFragments:
			fmt.Fprintf(&out, "%s %s frags{\n", e.Tag, e.VR)
		}
	}
}

// explicit, implicit and big begin a data set of that syntax.
func explicit() *data { return builder(uid.ExplicitVRLittleEndian) }
func implicit() *data { return builder(uid.ImplicitVRLittleEndian) }
func big() *data      { return builder(uid.ExplicitVRBigEndian) }

const und = stream.Undefined

func TestScanner(t *testing.T) {
	t.Parallel()
	const (
		modality = "(0008,0060) CS \"CT\"\n"
		le       = uid.ExplicitVRLittleEndian
	)
	seq := tag.ReferencedImageSequence
	tests := []struct {
		name   string
		syntax string
		in     *data
		want   string
	}{
		{"empty", le, explicit(), ""},
		{"explicit", le, explicit().elem(tag.Modality, "CS", "CT"), modality},
		{"implicit", uid.ImplicitVRLittleEndian, implicit().elem(tag.Modality, "CS", "CT"), modality},
		{"big endian", uid.ExplicitVRBigEndian, big().elem(tag.Modality, "CS", "CT").us(tag.Rows, 258), modality + "(0028,0010) US \"\\x01\\x02\"\n"},
		{"odd length", le, explicit().elem(tag.Modality, "CS", "CTX").elem(tag.PatientID, "LO", "1"), "(0008,0060) CS \"CTX\"\n(0010,0020) LO \"1\"\n"},
		{"declared implicit, written explicit", uid.ImplicitVRLittleEndian, explicit().elem(tag.Modality, "CS", "CT"), modality},
		{"declared explicit, written implicit", le, implicit().elem(tag.Modality, "CS", "CT"), modality},
		{"declared little, written big", le, big().elem(tag.Modality, "CS", "CT"), modality},
		{"declared big, written little", uid.ExplicitVRBigEndian, explicit().elem(tag.Modality, "CS", "CT"), modality},
		{"one element without VR", le, explicit().elem(tag.Modality, "CS", "CT").elem(tag.PatientID, "", "1234").elem(tag.PatientSex, "CS", "F "), modality + "(0010,0020) LO \"1234\"\n(0010,0040) CS \"F \"\n"},
		{"VR of question marks", le, explicit().elem(tag.Modality, "CS", "CT").raw("\x10\x00\x20\x00??\x02\x0012").elem(tag.PatientSex, "CS", "F "), modality + "(0010,0020) LO \"12\"\n(0010,0040) CS \"F \"\n"},
		{"VR of NULs", le, explicit().elem(tag.Modality, "CS", "CT").raw("\x10\x00\x20\x00\x00\x00\x02\x0012").elem(tag.PatientSex, "CS", "F "), modality + "(0010,0020) LO \"12\"\n(0010,0040) CS \"F \"\n"},
		{"future VR, long form", le, explicit().elem(tag.Modality, "CS", "CT").elem(tag.PatientID, "ZZ", "12"), modality + "(0010,0020) ZZ \"12\"\n"},
		{"unknown VR, short form", le, explicit().elem(tag.Modality, "CS", "CT").raw("\x10\x00\x20\x00ZZ\x02\x0012"), modality + "(0010,0020) ZZ \"12\"\n"},
		{"private kept", uid.ImplicitVRLittleEndian, implicit().elem(tag.New(9, 0x10), "LO", "ACME").elem(tag.New(9, 0x1001), "LO", "ab"), "(0009,0010) LO \"ACME\"\n(0009,1001) UN \"ab\"\n"},
		{
			"undefined sequence and item", le,
			explicit().header(seq, "SQ", und).item(tag.Item, und).elem(tag.Modality, "CS", "CT").item(tag.ItemDelimitationItem, 0).item(tag.SequenceDelimitationItem, 0).elem(tag.PatientID, "LO", "1 "),
			"(0008,1140) SQ{\n [\n " + modality + " ]\n}\n(0010,0020) LO \"1 \"\n",
		},
		{
			"defined sequence and item", le,
			explicit().header(seq, "SQ", 18).item(tag.Item, 10).elem(tag.Modality, "CS", "CT").elem(tag.PatientID, "LO", "1 "),
			"(0008,1140) SQ{\n [\n " + modality + " ]\n}\n(0010,0020) LO \"1 \"\n",
		},
		{"UN of a known element", le, explicit().elem(tag.Modality, "UN", "CT").elem(tag.New(9, 0x1001), "UN", "ab"), modality + "(0009,1001) UN \"ab\"\n"},
		{
			"UN of a known sequence is implicit inside", le,
			explicit().elem(seq, "UN", string(implicit().item(tag.Item, 10).elem(tag.Modality, "", "CT").b)).elem(tag.PatientID, "LO", "1 "),
			"(0008,1140) SQ{\n [\n " + modality + " ]\n}\n(0010,0020) LO \"1 \"\n",
		},
		{"empty sequences", le, explicit().header(seq, "SQ", 0).header(tag.SourceImageSequence, "SQ", und).item(tag.SequenceDelimitationItem, 0), "(0008,1140) SQ{\n}\n(0008,2112) SQ{\n}\n"},
		{
			"defined item with a delimiter too", le,
			explicit().header(seq, "SQ", und).item(tag.Item, 10).elem(tag.Modality, "CS", "CT").item(tag.ItemDelimitationItem, 0).item(tag.SequenceDelimitationItem, 0),
			"(0008,1140) SQ{\n [\n " + modality + " ]\n}\n",
		},
		{
			"item delimiter missing", le,
			explicit().header(seq, "SQ", und).item(tag.Item, und).elem(tag.Modality, "CS", "CT").item(tag.SequenceDelimitationItem, 0).elem(tag.PatientID, "LO", "1 "),
			"(0008,1140) SQ{\n [\n " + modality + " ]\n}\n(0010,0020) LO \"1 \"\n",
		},
		{
			"item longer than its sequence", le,
			explicit().header(seq, "SQ", 18).item(tag.Item, 34).elem(tag.Modality, "CS", "CT").elem(tag.PatientID, "LO", "1 "),
			"(0008,1140) SQ{\n [\n " + modality + " ]\n}\n(0010,0020) LO \"1 \"\n",
		},
		{
			"UN of undefined length is implicit inside", le,
			explicit().header(tag.New(9, 0x1001), "UN", und).item(tag.Item, und).elem(tag.Modality, "", "CT").item(tag.ItemDelimitationItem, 0).item(tag.SequenceDelimitationItem, 0).elem(tag.PatientID, "LO", "1 "),
			"(0009,1001) UN{\n [\n " + modality + " ]\n}\n(0010,0020) LO \"1 \"\n",
		},
		{
			"UN of undefined length, explicit inside", le,
			explicit().header(tag.New(9, 0x1001), "UN", und).item(tag.Item, und).elem(tag.Modality, "CS", "CT").item(tag.ItemDelimitationItem, 0).item(tag.SequenceDelimitationItem, 0),
			"(0009,1001) UN{\n [\n " + modality + " ]\n}\n",
		},
		{
			"private of undefined length in implicit", uid.ImplicitVRLittleEndian,
			implicit().elem(tag.Modality, "CS", "CT").header(tag.New(9, 0x1001), "", und).item(tag.Item, 10).elem(tag.Modality, "", "CT").item(tag.SequenceDelimitationItem, 0),
			modality + "(0009,1001) UN{\n [\n " + modality + " ]\n}\n",
		},
		{"SQ that holds no items", le, explicit().elem(seq, "SQ", "nonsense").elem(tag.PatientID, "LO", "1 "), "(0008,1140) UN \"nonsense\"\n(0010,0020) LO \"1 \"\n"},
		{
			"encapsulated", uid.JPEGBaseline8Bit,
			explicit().header(tag.PixelData, "OB", und).item(tag.Item, 0).item(tag.Item, 2).raw("ab").item(tag.Item, 2).raw("cd").item(tag.SequenceDelimitationItem, 0),
			"(7FE0,0010) OB frags{\nfrag \"\"\nfrag \"ab\"\nfrag \"cd\"\n}\n",
		},
		{"zero padding at the end", le, explicit().elem(tag.Modality, "CS", "CT").raw(strings.Repeat("\x00", 301)), modality},
		{"three zeros at the end", le, explicit().elem(tag.Modality, "CS", "CT").raw("\x00\x00\x00"), modality},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for name, r := range map[string]io.Reader{
				"whole":   bytes.NewReader(tt.in.b),
				"unsized": io.MultiReader(bytes.NewReader(tt.in.b)),
				"bytes":   iotest.OneByteReader(bytes.NewReader(tt.in.b)),
				"errdata": iotest.DataErrReader(bytes.NewReader(tt.in.b)),
			} {
				got, err := trace(r, syntax(tt.syntax), stream.Limits{})
				if err != nil || got != tt.want {
					t.Errorf("%s: %v\n%swant\n%s%s", name, err, got, tt.want, hex.Dump(tt.in.b))
				}
			}
		})
	}
}

func nested(n int) *data {
	d := explicit()
	for range n {
		d.header(tag.ReferencedImageSequence, "SQ", und).item(tag.Item, und)
	}
	for range n {
		d.item(tag.ItemDelimitationItem, 0).item(tag.SequenceDelimitationItem, 0)
	}
	return d
}

func TestRefused(t *testing.T) {
	t.Parallel()
	seq := tag.ReferencedImageSequence
	tests := []struct {
		name   string
		in     *data
		lim    stream.Limits
		path   string
		reason string
		is     error
	}{
		{"cut header", explicit().raw("\x08\x00\x60\x00C"), stream.Limits{}, "", "header is cut off", io.ErrUnexpectedEOF},
		{"cut long header", explicit().raw("\x08\x00\x60\x00OB\x00\x00\x01"), stream.Limits{}, "(0008,0060)", "header is cut off", io.ErrUnexpectedEOF},
		{"cut value", explicit().header(tag.Modality, "CS", 10).raw("CT"), stream.Limits{}, "(0008,0060)", "value is cut off", io.ErrUnexpectedEOF},
		{"cut item", explicit().header(seq, "SQ", und).item(tag.Item, und).elem(tag.Modality, "CS", "CT"), stream.Limits{}, "(0008,1140)[1]", "data ends inside a sequence", io.ErrUnexpectedEOF},
		{"cut sequence", explicit().header(seq, "SQ", und).item(tag.Item, 10).elem(tag.Modality, "CS", "CT"), stream.Limits{}, "(0008,1140)[1]", "data ends inside a sequence", io.ErrUnexpectedEOF},
		{"4 GiB value", explicit().header(tag.PixelData, "OB", 0xfffffffe).raw("x"), stream.Limits{}, "(7FE0,0010)", "value is longer than", stream.ErrLimit},
		{"value past its item", explicit().header(seq, "SQ", und).item(tag.Item, 12).elem(tag.Modality, "CS", "CTCTCT"), stream.Limits{}, "(0008,1140)[1].(0008,0060)", "length reaches 2 bytes beyond", nil},
		{"depth 257", nested(257), stream.Limits{}, "(0008,1140)[1].(0008,1140)[1].(0008,1140)[1].(0008,1140)[1].….", "sequences nest deeper than 256", stream.ErrLimit},
		{"elements", explicit().elem(tag.Modality, "CS", "CT").elem(tag.PatientID, "LO", "1 "), stream.Limits{MaxElements: 1}, "", "more than 1 elements", stream.ErrLimit},
		{"header bytes", explicit().elem(tag.Modality, "CS", "CT").elem(tag.PatientID, "LO", "1 "), stream.Limits{MaxHeaderBytes: 15}, "(0010,0020)", "header is longer than 15 bytes", stream.ErrLimit},
		{"item at the top", explicit().elem(tag.Modality, "CS", "CT").item(tag.Item, 0), stream.Limits{}, "(FFFE,E000)", "item outside of a sequence", nil},
		{"no item in a sequence", explicit().header(seq, "SQ", und).elem(tag.Modality, "CS", "CT"), stream.Limits{}, "(0008,1140)", "where an item is due", nil},
		{"undefined length of a CS", explicit().raw("\x08\x00\x60\x00UT\x00\x00\xff\xff\xff\xffabcdefgh"), stream.Limits{}, "(0008,0060)", "undefined length with VR UT", nil},
		{"fragment of undefined length", explicit().header(tag.PixelData, "OB", und).item(tag.Item, und), stream.Limits{}, "(7FE0,0010)", "fragment of undefined length", nil},
		{"garbage at the end", explicit().elem(tag.Modality, "CS", "CT").raw("\x00\x00\x00\x00\x00\x00\x00\x00garbage"), stream.Limits{}, "(0000,0000)", "element (0000,0000)", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := trace(io.MultiReader(bytes.NewReader(tt.in.b)), syntax(uid.ExplicitVRLittleEndian), tt.lim)
			var f *stream.FormatError
			if !errors.As(err, &f) {
				t.Fatalf("%v", err)
			}
			if !strings.HasPrefix(f.Path, tt.path) || !strings.HasPrefix(f.Reason, tt.reason) && !strings.Contains(f.Reason, tt.reason) {
				t.Errorf("path %q, reason %q", f.Path, f.Reason)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v is not %v", err, tt.is)
			}
			if f.Offset < 0 || f.Offset > int64(len(tt.in.b)) {
				t.Errorf("offset %d of %d", f.Offset, len(tt.in.b))
			}
		})
	}
	if _, err := trace(bytes.NewReader(nested(256).b), syntax(uid.ExplicitVRLittleEndian), stream.Limits{}); err != nil {
		t.Errorf("256 levels: %v", err)
	}
}

// TestReaderError checks that a broken connection is not taken for a broken file.
func TestReaderError(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	in := ctHeader(t, uid.ExplicitVRLittleEndian)[:3000]
	for n := 0; n < len(in); n += 7 {
		r := io.MultiReader(bytes.NewReader(in[:n]), iotest.ErrReader(broken))
		if _, err := trace(r, syntax(uid.ExplicitVRLittleEndian), stream.Limits{}); !errors.Is(err, broken) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}

func deflated(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bomb is Pixel Data of n MiB of zeros. A flushed block that only refers to zeros
// before it may be repeated, so it need not be compressed n times.
func bomb(t testing.TB, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	write := func(b []byte) {
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	write(explicit().header(tag.PixelData, "OW", uint32(n)<<20).b)
	zeros := make([]byte, 1<<20)
	write(zeros)
	start := out.Len()
	write(zeros)
	return append(out.Bytes(), bytes.Repeat(out.Bytes()[start:], n-2)...)
}

func TestDeflated(t *testing.T) {
	t.Parallel()
	ts := syntax(uid.DeflatedExplicitVRLittleEndian)
	in := explicit().elem(tag.Modality, "CS", "CT").b
	for name, b := range map[string][]byte{
		"raw":  deflated(t, in),
		"pad":  append(deflated(t, in), 0),
		"zlib": append([]byte{0x78, 0x9c}, deflated(t, in)...),
	} {
		if got, err := trace(bytes.NewReader(b), ts, stream.Limits{}); err != nil || got != "(0008,0060) CS \"CT\"\n" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	bomb := bomb(t, 80)
	for name, lim := range map[string]stream.Limits{"ratio": {}, "bytes": {MaxInflate: 1 << 20}} {
		s := stream.NewScanner(bytes.NewReader(bomb), ts, lim)
		if err := s.Finish(); !errors.Is(err, stream.ErrLimit) {
			t.Errorf("bomb of %d bytes, %s: %v", len(bomb), name, err)
		}
	}
	damaged := deflated(t, ctHeader(t, uid.ExplicitVRLittleEndian))
	damaged = damaged[:len(damaged)/2]
	if err := stream.NewScanner(bytes.NewReader(damaged), ts, stream.Limits{}).Finish(); !stream.Truncated(err) {
		t.Errorf("cut stream: %v", err)
	}
}

func TestNoAllocations(t *testing.T) {
	for _, ts := range []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian} {
		in := ctHeader(t, ts)
		r := bytes.NewReader(in)
		s := stream.NewScanner(r, syntax(ts), stream.Limits{})
		n := testing.AllocsPerRun(20, func() {
			r.Reset(in)
			s.Reset(r, syntax(ts), stream.Limits{})
			for {
				e, err := s.Next()
				if err == io.EOF {
					return
				}
				if err == nil && e.Kind == stream.KindValue && e.Length < 1000 {
					_, err = s.Value()
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", uid.Name(ts), n)
		}
	}
}

func ExampleScanner() {
	in := explicit().elem(tag.Modality, "CS", "CT").elem(tag.PatientID, "LO", "12")
	s := stream.NewScanner(bytes.NewReader(in.b), syntax(uid.ExplicitVRLittleEndian), stream.Limits{})
	for {
		e, err := s.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		v, err := s.Value()
		fmt.Println(e.Tag, e.VR, string(v), err)
	}
	// Output:
	// (0008,0060) CS CT <nil>
	// (0010,0020) LO 12 <nil>
}
