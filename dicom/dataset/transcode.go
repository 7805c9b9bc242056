package dataset

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
)

// ErrCompressed is wrapped when Transcode is asked to compress or decompress.
var ErrCompressed = errors.New("pixel data is compressed")

// Transcode reads a data set in one transfer syntax and writes it in another, both
// uncompressed: implicit or explicit VR, little or big endian, deflated or not. The
// header is held in memory within lim, Pixel Data passes through in pieces. Elements
// behind the Pixel Data (PS3.3 §C.12.1.1.3 digital signatures, which no longer hold,
// and padding) are dropped, as are group lengths.
func Transcode(w io.Writer, r io.Reader, from, to uid.TransferSyntax, lim stream.Limits) error {
	if from.Encapsulated || to.Encapsulated {
		return fmt.Errorf("dataset: %s to %s: %w", from.Name, to.Name, ErrCompressed)
	}
	if lim.MaxValueBytes <= 0 {
		lim.MaxValueBytes = 64 << 20
	}
	d, p, err := ReadHeader(r, from, lim)
	if err != nil {
		return err
	}
	if p == nil {
		return d.Encode(w, to)
	}
	if p.Encapsulated {
		return fmt.Errorf("dataset: fragments in %s: %w", from.Name, ErrCompressed)
	}
	return d.encode(w, to, func(e *encoder) error {
		vr := p.VR
		if !vr.Known() {
			vr = stream.OW
		}
		n := (p.Length + 1) &^ 1
		e.header(p.Tag, vr, uint32(n))
		if err := copySwapped(e.w, p, e.order == binary.BigEndian); err != nil {
			return err
		}
		if n > p.Length {
			if err := e.w.WriteByte(0); err != nil {
				return err
			}
		}
		return p.Finish()
	})
}

// copySwapped copies native Pixel Data in the byte order asked for.
func copySwapped(w *bufio.Writer, p *stream.PixelData, big bool) error {
	unit := 1
	if p.BigEndian != big {
		unit = p.VR.Unit()
	}
	buf := make([]byte, min(p.Length+1, 64<<10)) // a multiple of every unit when it is not the last
	r := p.Reader()
	for left := p.Length; left > 0; {
		n := int(min(left, int64(len(buf))))
		if _, err := io.ReadFull(r, buf[:n]); err != nil {
			return err
		}
		stream.SwapBytes(buf[:n], unit)
		if _, err := w.Write(buf[:n]); err != nil {
			return err
		}
		left -= int64(n)
	}
	return nil
}
