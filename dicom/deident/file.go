package deident

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/transcode"
	"github.com/dokuei/dokuei/dicom/uid"
)

// ErrBurnedIn: the object says that its pixels name the patient, and no mask covers
// them.
var ErrBurnedIn = errors.New("deident: the image has burned-in text (0028,0301) and no mask fits its device: add one")

// limits bound the header that is held.
var limits = stream.Limits{MaxHeaderBytes: 64 << 20, MaxValueBytes: 16 << 20}

// Written names an object that was written.
type Written struct{ SOPInstanceUID, TransferSyntaxUID string }

// File reads a Part 10 file and writes it de-identified. Pixels keep their transfer
// syntax, unless they are masked: those that were compressed are compressed again
// without loss, in the same transfer syntax or in lossless JPEG, where these know such
// pixels, else written native. An error may come after a part has been written; that part is to be thrown
// away.
func (p *Profile) File(w io.Writer, r io.Reader) (Written, error) {
	meta, d, pixels, err := dataset.ReadFile(r, limits)
	if err != nil {
		return Written{}, err
	}
	return p.object(w, d, pixels, stream.SyntaxFor(meta.TransferSyntaxUID))
}

func (p *Profile) object(w io.Writer, d *dataset.Dataset, pixels *stream.PixelData, ts uid.TransferSyntax) (Written, error) {
	areas := AreasOf(p.config.Masks, d)
	if len(areas) == 0 && BurnedIn(d) && pixels != nil && !p.config.BurnedIn {
		return Written{}, ErrBurnedIn
	}
	p.Dataset(d)
	if len(areas) > 0 && pixels != nil {
		d.SetString(tag.BurnedInAnnotation, "CS", "NO")
	}
	if !ts.Encapsulated {
		ts, _ = uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	}
	if pixels == nil {
		return written(d, ts), dataset.WriteFile(w, d, ts)
	}
	if len(areas) == 0 {
		return written(d, ts), writeFile(w, d, ts, pixels, nil)
	}
	if !pixels.Encapsulated {
		return written(d, ts), writeFile(w, d, ts, pixels, areas)
	}
	if !transcode.Possible(ts.UID, uid.ExplicitVRLittleEndian) {
		return Written{}, fmt.Errorf("deident: %s cannot be decoded to be masked", uid.Name(ts.UID))
	}
	coded := raw(d, ts, pixels)
	defer coded.Close()
	native, from := transcode.Reader(coded, ts.UID, uid.ExplicitVRLittleEndian, limits), ts.UID
	defer native.Close()
	ts, _ = uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	d, decoded, err := dataset.ReadHeader(native, ts, limits)
	if err != nil {
		return Written{}, err
	}
	if decoded == nil {
		return Written{}, errors.New("deident: pixel data is lost in decoding")
	}
	if f := again(from, d); f != nil {
		ts, _ = uid.LookupTransferSyntax(f.ts)
		if err := dataset.WriteFile(w, d, ts); err != nil {
			return Written{}, err
		}
		return written(d, ts), f.write(w, decoded, areas)
	}
	return written(d, ts), writeFile(w, d, ts, decoded, areas)
}

func written(d *dataset.Dataset, ts uid.TransferSyntax) Written {
	return Written{SOPInstanceUID: d.String(tag.SOPInstanceUID), TransferSyntaxUID: ts.UID}
}

// raw is the object without file meta information as something to read from. Close it.
func raw(d *dataset.Dataset, ts uid.TransferSyntax, pixels *stream.PixelData) io.ReadCloser {
	pr, pw := io.Pipe()
	go func() {
		err := d.Encode(pw, ts)
		if err == nil {
			err = writePixels(pw, pixels, d, nil)
		}
		pw.CloseWithError(err)
	}()
	return pr
}

func writeFile(w io.Writer, d *dataset.Dataset, ts uid.TransferSyntax, pixels *stream.PixelData, areas []Area) error {
	if err := dataset.WriteFile(w, d, ts); err != nil {
		return err
	}
	return writePixels(w, pixels, d, areas)
}

// writePixels writes the element and reads on to the end of what came.
func writePixels(to io.Writer, px *stream.PixelData, d *dataset.Dataset, areas []Area) error {
	w := bufio.NewWriterSize(to, 32<<10)
	length := px.Length + px.Length&1
	if px.Encapsulated {
		length = stream.Undefined
	} else if length >= stream.Undefined {
		return fmt.Errorf("deident: pixel data of %d bytes does not fit a length field", px.Length)
	}
	vr := px.VR
	if !vr.Known() || !vr.Long() {
		vr = stream.OW
	}
	header(w, px.Tag, vr, uint32(length))
	var err error
	switch {
	case px.Encapsulated:
		err = fragments(w, px)
	case len(areas) > 0:
		var l layout
		if l, err = layoutOf(d); err == nil {
			err = maskRows(w, swapped(px), l, areas)
		}
	default:
		_, err = io.Copy(w, swapped(px))
	}
	if err == nil {
		err = px.Finish()
	}
	if err != nil {
		return err
	}
	if px.Length%2 == 1 && !px.Encapsulated {
		_ = w.WriteByte(0)
	}
	return w.Flush()
}

func header(w *bufio.Writer, t tag.Tag, vr stream.VR, length uint32) {
	var b [12]byte
	binary.LittleEndian.PutUint16(b[0:], t.Group())
	binary.LittleEndian.PutUint16(b[2:], t.Element())
	b[4], b[5] = byte(vr>>8), byte(vr)
	binary.LittleEndian.PutUint32(b[8:], length)
	_, _ = w.Write(b[:]) // the error shows at Flush
}

// fragments copies encapsulated pixel data (PS3.5 A.4).
func fragments(w *bufio.Writer, px *stream.PixelData) error {
	offsets := px.BasicOffsetTable()
	item(w, tag.Item, uint32(4*len(offsets)))
	for _, o := range offsets {
		_, _ = w.Write(binary.LittleEndian.AppendUint32(nil, o))
	}
	for {
		_, length, r, err := px.NextFragment()
		if err == io.EOF {
			item(w, tag.SequenceDelimitationItem, 0)
			return nil
		}
		if err != nil {
			return err
		}
		item(w, tag.Item, uint32(length+length&1))
		if _, err := io.Copy(w, r); err != nil {
			return err
		}
		if length%2 == 1 {
			_ = w.WriteByte(0)
		}
	}
}

func item(w *bufio.Writer, t tag.Tag, length uint32) {
	var b [8]byte
	binary.LittleEndian.PutUint16(b[0:], t.Group())
	binary.LittleEndian.PutUint16(b[2:], t.Element())
	binary.LittleEndian.PutUint32(b[4:], length)
	_, _ = w.Write(b[:])
}

// swapped gives native pixel data little end first.
func swapped(px *stream.PixelData) io.Reader {
	if !px.BigEndian || px.VR.Unit() < 2 {
		return px.Reader()
	}
	return &swapper{r: bufio.NewReaderSize(px.Reader(), 32<<10), unit: px.VR.Unit()}
}

type swapper struct {
	r    *bufio.Reader
	unit int
	cell [8]byte
	left []byte
}

func (s *swapper) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if len(s.left) == 0 {
			k, err := io.ReadFull(s.r, s.cell[:s.unit])
			if k == 0 {
				if n > 0 {
					return n, nil
				}
				return 0, err
			}
			if k == s.unit {
				stream.SwapBytes(s.cell[:k], k)
			}
			s.left = s.cell[:k]
		}
		k := copy(b[n:], s.left)
		s.left, n = s.left[k:], n+k
	}
	return n, nil
}
