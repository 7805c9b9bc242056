package deident_test

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

var key = []byte("0123456789abcdef0123456789abcdef")

func profile(t testing.TB, options ...deident.Option) *deident.Profile {
	t.Helper()
	p, err := deident.New(deident.Config{Options: options, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// listed is a line of Table E.1-1 as the test reads it for itself.
type listed struct {
	at      tag.Tag
	basic   string
	options map[deident.Option]string
}

func lines(t *testing.T) (out []listed) {
	t.Helper()
	raw, err := os.ReadFile("table.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		hex := strings.NewReplacer("XX", "02", "PRIVATE", "00111001").Replace(strings.Replace(f[0], "XXXXXX", "020010", 1))
		n, err := strconv.ParseUint(hex, 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		l := listed{at: tag.Tag(n), basic: f[1], options: map[deident.Option]string{}}
		for _, cell := range f[2:] {
			for o := range strings.FieldsSeq(cell) {
				name, code, _ := strings.Cut(o, "=")
				l.options[deident.Option(name)] = code
			}
		}
		out = append(out, l)
	}
	return out
}

// vrOf is a VR of the attribute, a text where the dictionary knows none.
func vrOf(at tag.Tag) string {
	if at == tag.New(0x300A, 0x0054) { // Table Top Position Alignment UID, newer than the dictionary
		return "UI"
	}
	if e, ok := tag.Lookup(at); ok {
		vr, _, _ := strings.Cut(e.VRs, " ")
		return vr
	}
	return "LO"
}

const secret = "Yamada"

// put sets an attribute to a value that says who it is.
func put(d *dataset.Dataset, at tag.Tag) {
	switch vr := vrOf(at); vr {
	case "SQ":
		it := dataset.New()
		it.SetString(tag.ReferencedSOPInstanceUID, "UI", "1.2.3.4")
		it.SetString(tag.PatientName, "PN", secret+"^Taro")
		if at != tag.ReferencedImageSequence && at != tag.SourceImageSequence {
			it.SetString(tag.New(0x0040, 0xA160), "UT", "said "+secret+" himself") // Text Value, which the table does not list
		}
		d.SetItems(at, it)
	case "UI":
		d.SetString(at, vr, "1.2.3.4")
	case "DA":
		d.SetString(at, vr, "20260401")
	case "DT":
		d.SetString(at, vr, "20260401093000.5+0900")
	case "TM":
		d.SetString(at, vr, "093000")
	case "AS":
		d.SetString(at, vr, "078Y")
	case "DS", "IS":
		d.SetString(at, vr, "42")
	case "OB", "OW", "UN", "OF", "OD", "OL":
		d.SetBytes(at, vr, []byte("Yamada01Yamada01"))
	case "US", "SS", "UL", "SL", "FL", "FD":
		d.SetInt(at, vr, 42)
	default:
		d.SetString(at, vr, secret+" was here")
	}
}

// alike is what a data set has for an attribute, to be compared.
func alike(t *testing.T, d *dataset.Dataset, at tag.Tag) string {
	t.Helper()
	one := dataset.New()
	one.Set(at, d)
	var b bytes.Buffer
	ts := stream.SyntaxFor("1.2.840.10008.1.2.1")
	if err := one.Encode(&b, ts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every attribute of Table E.1-1 under the Basic Profile and under each option, at
// the top and inside a sequence: what the table says is what happens.
func TestEveryListedAttribute(t *testing.T) {
	t.Parallel()
	all := lines(t)
	if len(all) < 650 {
		t.Fatalf("%d attributes", len(all))
	}
	checked := map[string]int{}
	for _, o := range append([]deident.Option{""}, deident.Options()...) {
		var options []deident.Option
		if o != "" {
			options = append(options, o)
		}
		p := profile(t, options...)
		for _, l := range all {
			if g := l.at.Group(); g <= 2 || l.at == tag.PatientName || l.at == tag.PatientID {
				continue // no part of a data set, or replaced by the pseudonym: others test that
			}
			code := l.basic
			if with, says := l.options[o]; says {
				code = with
			}
			if l.at.Private() {
				code = "X" // none that is known to be safe; see TestWhatIsNotListed
			}
			checked[code]++
			d, inner := dataset.New(), dataset.New()
			d.SetString(tag.PatientName, "PN", secret+"^Taro")
			put(inner, l.at)
			put(d, l.at)
			if l.at != procedureCodes {
				d.SetItems(procedureCodes, inner)
			}
			was := alike(t, d, l.at)
			p.Dataset(d)
			for _, place := range []*dataset.Dataset{d, d.Item(procedureCodes)} {
				if place.Len() == 0 && l.at == procedureCodes {
					continue
				}
				check(t, place, l.at, code, was, o)
			}
		}
	}
	for _, code := range []string{"X", "Z", "D", "K", "C", "U", "X/Z", "X/D", "Z/D", "X/Z/D", "X/Z/U*"} {
		if checked[code] == 0 {
			t.Errorf("no attribute with the action %s", code)
		}
	}
	t.Log(checked)
}

// procedureCodes is a sequence that the table does not list.
var procedureCodes = tag.New(0x0008, 0x1032)

func check(t *testing.T, d *dataset.Dataset, at tag.Tag, code, was string, o deident.Option) {
	t.Helper()
	is := ""
	if d.Has(at) {
		is = alike(t, d, at)
	}
	vr := vrOf(at)
	bad := func(why string) { t.Errorf("%s (%s) under %q, %s: %s", at, vr, o, code, why) }
	if strings.Contains(is, secret) && code != "K" && (code != "C" || vr != "OW" && vr != "OB") {
		bad("it still says who it is")
	}
	switch code {
	case "X":
		if d.Has(at) {
			bad("not removed")
		}
	case "Z", "X/Z":
		if !d.Has(at) || d.String(at) != "" || len(d.Items(at)) > 0 {
			bad("not empty")
		}
	case "D", "X/D", "Z/D", "X/Z/D":
		switch {
		case !d.Has(at), is == was:
			bad("no dummy")
		case vr == "SQ" && d.Item(at).String(tag.ReferencedSOPInstanceUID) == "1.2.3.4" && o != deident.RetainUIDs:
			bad("the UIDs in its items were not replaced")
		}
	case "U":
		if u := d.String(at); !strings.HasPrefix(u, "2.25.") {
			bad("not replaced: " + u)
		}
	case "X/Z/U*":
		if u := d.Item(at).String(tag.ReferencedSOPInstanceUID); !strings.HasPrefix(u, "2.25.") {
			bad("not replaced in its item: " + u)
		}
	case "K":
		if vr != "SQ" && vr != "PN" && is != was {
			bad("not kept")
		}
		if vr == "SQ" && len(d.Items(at)) != 1 {
			bad("not kept")
		}
	case "C":
		if !d.Has(at) {
			bad("not kept")
		}
	}
}

func TestWhatIsNotListed(t *testing.T) {
	t.Parallel()
	d := dataset.New()
	d.SetString(tag.New(0x0018, 0x0015), "CS", "HEAD") // Body Part Examined
	d.SetString(tag.New(0x0044, 0x0102), "LO", "x")    // even, in no dictionary
	d.SetString(tag.New(0x0010, 0x0FFE), "LO", secret)
	d.SetString(tag.New(0x0011, 0x0010), "LO", "ACME")
	d.SetString(tag.New(0x0011, 0x1001), "LO", secret)
	d.SetString(tag.New(0x0019, 0x0010), "LO", "SIEMENS MR HEADER")
	d.SetString(tag.New(0x0019, 0x100C), "IS", "1000")
	d.SetString(tag.New(0x0019, 0x1044), "LO", secret)
	profile(t, deident.RetainSafePrivate).Dataset(d)
	for at, want := range map[tag.Tag]bool{
		tag.New(0x0018, 0x0015): true, tag.New(0x0010, 0x0FFE): false, tag.New(0x0011, 0x0010): false, tag.New(0x0011, 0x1001): false,
		tag.New(0x0019, 0x0010): true, tag.New(0x0019, 0x100C): true, tag.New(0x0019, 0x1044): false,
	} {
		if d.Has(at) != want {
			t.Errorf("%s: kept %v", at, d.Has(at))
		}
	}
}
