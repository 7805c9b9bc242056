package stream

import (
	"encoding/binary"
	"io"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// WriteMeta writes 128 zeros, DICM and group 0002 (PS3.10 §7.1) and returns how many
// bytes that was. The same m gives the same bytes. Without an implementation class of
// its own m gets ours.
func WriteMeta(w io.Writer, m Meta) (int64, error) {
	if m.ImplementationClassUID == "" {
		m.ImplementationClassUID, m.ImplementationVersionName = uid.ImplementationClassUID, uid.ImplementationVersionName
	}
	b := make([]byte, preamble, 512)
	b = append(b, "DICM"...)
	b = append(b, 0x02, 0, 0, 0, 'U', 'L', 4, 0, 0, 0, 0, 0)
	start := len(b)
	// (0002,0001) File Meta Information Version, OB 00 01.
	b = append(b, 0x02, 0, 0x01, 0, 'O', 'B', 0, 0, 2, 0, 0, 0, 0, 1)
	b = appendMeta(b, tag.MediaStorageSOPClassUID, UI, m.MediaStorageSOPClassUID)
	b = appendMeta(b, tag.MediaStorageSOPInstanceUID, UI, m.MediaStorageSOPInstanceUID)
	b = appendMeta(b, tag.TransferSyntaxUID, UI, m.TransferSyntaxUID)
	b = appendMeta(b, tag.ImplementationClassUID, UI, m.ImplementationClassUID)
	if m.ImplementationVersionName != "" {
		b = appendMeta(b, tag.ImplementationVersionName, SH, m.ImplementationVersionName)
	}
	if m.SourceAE != "" {
		b = appendMeta(b, tag.SourceApplicationEntityTitle, AE, m.SourceAE)
	}
	binary.LittleEndian.PutUint32(b[start-4:], uint32(len(b)-start))
	n, err := w.Write(b)
	return int64(n), err
}

func appendMeta(b []byte, t tag.Tag, vr VR, v string) []byte {
	if len(v) > 0xfffe {
		v = v[:0xfffe]
	}
	n := (len(v) + 1) &^ 1
	b = binary.LittleEndian.AppendUint16(b, t.Group())
	b = binary.LittleEndian.AppendUint16(b, t.Element())
	b = append(b, byte(vr>>8), byte(vr))
	b = binary.LittleEndian.AppendUint16(b, uint16(n))
	b = append(b, v...)
	if n > len(v) {
		pad := byte(' ')
		if vr == UI {
			pad = 0
		}
		b = append(b, pad)
	}
	return b
}
