package document

import (
	"encoding/binary"
	"testing"
)

// The profile holds together: its size, its signature, and each tag within it.
func TestProfile(t *testing.T) {
	t.Parallel()
	p := sRGB()
	if int(binary.BigEndian.Uint32(p)) != len(p) || string(p[36:40]) != "acsp" || string(p[12:20]) != "mntrRGB " {
		t.Fatalf("the header is wrong: %q", p[:40])
	}
	n := int(binary.BigEndian.Uint32(p[128:]))
	types := map[string]string{"desc": "desc", "cprt": "text", "wtpt": "XYZ ", "rXYZ": "XYZ ", "gXYZ": "XYZ ", "bXYZ": "XYZ ", "rTRC": "curv", "gTRC": "curv", "bTRC": "curv"}
	if n != len(types) {
		t.Fatalf("%d tags", n)
	}
	var white [3]int32
	for i := range n {
		e := p[132+12*i:]
		at, size := int(binary.BigEndian.Uint32(e[4:])), int(binary.BigEndian.Uint32(e[8:]))
		name := string(e[:4])
		if at%4 != 0 || at+size > len(p) || string(p[at:at+4]) != types[name] {
			t.Errorf("tag %s at %d, %d bytes: %q", name, at, size, p[at:at+4])
			continue
		}
		if types[name] == "XYZ " && name != "wtpt" {
			for c := range 3 {
				white[c] += int32(binary.BigEndian.Uint32(p[at+8+4*c:]))
			}
		}
	}
	// White is the sum of the colorants: D50.
	for c, want := range [3]float64{0.9642, 1, 0.8249} {
		if got := float64(white[c]) / 65536; got < want-0.001 || got > want+0.001 {
			t.Errorf("the colorants add up to %.4f, want %.4f", got, want)
		}
	}
}
