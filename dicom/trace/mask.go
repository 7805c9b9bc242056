package trace

import (
	"strings"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Mask says whether the value of e could tell who the patient is. What may be shown is
// listed, all else is masked: binary numbers, UIDs, AE titles, code strings and decimals
// of standard elements outside of group 0010, where sender and dictionary (PS3.6) agree
// on the VR and the characters are those of the VR (PS3.5 Table 6.2-1), so that a name
// in the wrong place does not slip through. Dates and every kind of free text are
// masked, as PS3.15 Annex E removes them.
func Mask(e stream.Element, value []byte) bool {
	switch e.Tag {
	case tag.PixelData, tag.FloatPixelData, tag.DoubleFloatPixelData:
		return false // shown by their size only
	}
	d, ok := tag.Lookup(e.Tag)
	if !ok || e.Tag.Group() == 0x0010 || e.Tag.Private() {
		return true
	}
	k := kindOf(e.VR)
	if k == hidden || k != kindOf(stream.ParseVR(d.VR)) {
		return true
	}
	if k == binaryNumber {
		return false
	}
	return strings.Trim(string(value), string(k)+" \x00") != ""
}

// kind is a group of VRs whose values may be shown, named by its characters.
type kind string

const (
	hidden       kind = ""
	binaryNumber kind = "binary"
	digits            = "0123456789"
	capitals          = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func kindOf(vr stream.VR) kind {
	switch vr {
	case stream.US, stream.SS, stream.UL, stream.SL, stream.UV, stream.SV, stream.FL, stream.FD, stream.AT:
		return binaryNumber
	case stream.UI:
		return digits + `.\`
	case stream.DS, stream.IS:
		return digits + `+-.Ee\`
	case stream.CS:
		return capitals + digits + `_\`
	case stream.AE:
		return capitals + digits + `_-.\`
	}
	return hidden
}
