package charset_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dokuei/dokuei/dicom/charset"
)

var fuzzSets = []string{
	"", "ISO_IR 100", `\ISO 2022 IR 87`, `ISO 2022 IR 13\ISO 2022 IR 87\ISO 2022 IR 159`, `\ISO 2022 IR 149`, `\ISO 2022 IR 58`,
	"ISO_IR 192", "GB18030", "GBK", "ISO_IR 13", "ISO_IR 166", `ISO 2022 IR 6\ISO 2022 IR 126\ISO 2022 IR 144`,
}

// FuzzDecode decodes anything under any label: the result is valid Unicode, the same
// each time, and not much longer than what came in.
func FuzzDecode(f *testing.F) {
	for i := range fuzzSets {
		f.Add(byte(i), "PN", []byte("Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"))
		f.Add(byte(i), "LO", []byte("\x93\x8c\x8b\x9e\\\xb1\xb2 \xe5\xb1\xb1"))
		f.Add(byte(i), "ST", []byte("\x1b$)C\xfb\xf3\r\n\x1b$)A\xb5\xda\x1b-F\xc4\x1b"))
	}
	f.Fuzz(func(t *testing.T, which byte, vr string, raw []byte) {
		d := charset.NewDecoder(strings.Split(fuzzSets[int(which)%len(fuzzSets)], `\`))
		s, q := d.Decode(vr, raw)
		if !utf8.ValidString(s) {
			t.Fatalf("%q", s)
		}
		if len(s) > 3*len(raw) {
			t.Fatalf("%d bytes of %d", len(s), len(raw))
		}
		if again, q2 := d.Decode(vr, raw); again != s || q2 != q {
			t.Fatalf("%q, then %q", s, again)
		}
		if q != charset.Damaged && strings.ContainsRune(s, utf8.RuneError) && !strings.Contains(string(raw), "\xef\xbf\xbd") && !strings.Contains(string(raw), "\x84\x31\xa4\x37") {
			t.Fatalf("%v with replacements: %q", q, s)
		}
	})
}

// forms are the signs that Microsoft's and JIS's tables of JIS X 0208 name differently.
var forms = strings.NewReplacer("～", "〜", "∥", "‖", "－", "−", "￠", "¢", "￡", "£", "￢", "¬")

// FuzzPersonName decodes and splits names and writes them back: what a set can hold
// comes back as it was.
func FuzzPersonName(f *testing.F) {
	f.Add(byte(2), "Yamada^Tarou=山田^太郎=やまだ^たろう")
	f.Add(byte(3), "ﾔﾏﾀﾞ^ﾀﾛｳ=鄧^花=とう^はなこ")
	f.Add(byte(4), "Hong^Gildong=洪^吉洞=홍^길동")
	f.Add(byte(5), "Zhang^XiaoDong=张^小东=")
	f.Add(byte(1), "Buc^Jérôme")
	f.Fuzz(func(t *testing.T, which byte, name string) {
		sets := strings.Split(fuzzSets[int(which)%len(fuzzSets)], `\`)
		b, lossless := charset.Encode(sets, "PN", name)
		got, q := charset.NewDecoder(sets).Decode("PN", b)
		a, i, p := charset.SplitPN(got)
		if strings.Count(name, "=") == 2 && lossless && strings.ContainsAny(a+i+p, "=") {
			t.Fatalf("%q %q %q", a, i, p)
		}
		// Text without a label of its own may be taken for something better.
		got, name = forms.Replace(got), forms.Replace(name)
		if lossless && q == charset.Exact && strings.TrimRight(got, "= \x00") != strings.TrimRight(name, "= \x00") {
			t.Fatalf("%q under %q came back as %q (% x)", name, sets, got, b)
		}
	})
}
