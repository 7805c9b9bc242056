package tag_test

import (
	"fmt"
	"testing"

	suyashkumar "github.com/suyashkumar/dicom/pkg/tag"

	"github.com/dokuei/dokuei/dicom/tag"
)

func TestTag(t *testing.T) {
	t.Parallel()
	if tag.New(0x0010, 0x0020) != tag.PatientID || tag.PatientID.String() != "(0010,0020)" || tag.New(0x7FE0, 0x10) != tag.PixelData {
		t.Error(tag.PatientID)
	}
	p := tag.New(0x0029, 0x1010)
	if !p.Private() || p.PrivateCreator() || tag.PatientID.Private() || !tag.New(0x0029, 0x0010).PrivateCreator() {
		t.Error("private")
	}
	if p.Group() != 0x29 || p.Element() != 0x1010 || p.Keyword() != "(0029,1010)" || tag.PatientID.Keyword() != "PatientID" {
		t.Error(p)
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	for k, want := range map[tag.Tag]string{
		tag.PatientName: "PN", tag.SmallestImagePixelValue: "US", tag.PixelData: "OB", tag.ContentSequence: "SQ",
		tag.New(0x6002, 0x3000): "OB", tag.New(0x601E, 0x0010): "US", tag.New(0x5004, 0x0005): "US",
		tag.New(0x0020, 0x3142): "CS", tag.New(0x0019, 0x0010): "LO", tag.New(0x0018, 0x0000): "UL", tag.CommandField: "US",
	} {
		if e, ok := tag.Lookup(k); !ok || e.VR != want {
			t.Errorf("%s: %+v, want %s", k, e, want)
		}
	}
	for _, k := range []tag.Tag{tag.New(0x0019, 0x1001), tag.New(0x0018, 0xfffe), tag.New(0x6002, 0xfff0), tag.New(0x0019, 0x0001)} {
		if e, ok := tag.Lookup(k); ok {
			t.Errorf("%s is %+v", k, e)
		}
	}
	if k, ok := tag.ByKeyword("TransferSyntaxUID"); !ok || k != tag.TransferSyntaxUID {
		t.Error(k)
	}
	if _, ok := tag.ByKeyword(""); ok {
		t.Error("an empty keyword")
	}
}

func TestLookupAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _, _ = tag.Lookup(tag.Rows); _, _ = tag.Lookup(tag.New(0x6002, 0x3000)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestDictionary compares the whole table with that of an independent library.
func TestDictionary(t *testing.T) {
	t.Parallel()
	n := 0
	for k, e := range tag.All() {
		if got, ok := tag.Lookup(k); !ok || got != e {
			t.Errorf("%s: %+v", k, got)
		}
		if k.Group() == 0 {
			continue
		}
		other, err := suyashkumar.Find(suyashkumar.Tag{Group: k.Group(), Element: k.Element()})
		if err != nil {
			t.Errorf("%s: %v", k, err)
			continue
		}
		n++
		if other.Keyword != e.Keyword || other.VRs[0] != e.VR && e.VR != "" || other.Retired != e.Retired || other.VM != e.VM {
			t.Errorf("%s: %+v, other %+v", k, e, other)
		}
	}
	if n < 4500 {
		t.Errorf("%d entries compared", n)
	}
}

func ExampleLookup() {
	e, _ := tag.Lookup(tag.StudyInstanceUID)
	fmt.Println(tag.StudyInstanceUID, e.VR, e.Name)
	// Output: (0020,000D) UI Study Instance UID
}
