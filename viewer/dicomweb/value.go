package dicomweb

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/storage/catalog"
)

// mostSwapped bounds a big endian value, which has to be turned round in memory.
const mostSwapped = 64 << 20

// findValue reads a Part 10 file up to the value at a path and gives a reader of it,
// little endian.
func findValue(r io.Reader, path []step) (io.Reader, int64, error) {
	in := bufio.NewReader(r)
	m, _, err := stream.ReadMeta(in)
	if err != nil {
		return nil, 0, err
	}
	s := stream.NewScanner(in, stream.SyntaxFor(m.TransferSyntaxUID), stream.Limits{})
	at, items := 0, 0 // steps taken, items of the sequence of the step seen
	for {
		e, err := s.Next()
		if errors.Is(err, io.EOF) {
			return nil, 0, catalog.ErrNotFound
		}
		if err != nil {
			return nil, 0, err
		}
		here := path[at]
		switch {
		case e.Kind == stream.KindSequence && e.Depth == at && e.Tag == here.tag && here.item > 0:
			items = 0
		case e.Kind == stream.KindItem && e.Depth == at+1 && e.Tag == here.tag && here.item > 0:
			if items++; items == here.item {
				at++
			}
		case e.Kind == stream.KindItemEnd && e.Depth <= at:
			return nil, 0, catalog.ErrNotFound // the item has no such element
		case e.Kind == stream.KindValue && e.Depth == at && e.Tag == here.tag && here.item == 0 && !e.PixelData():
			if !e.BigEndian || e.VR.Unit() < 2 {
				return s.ValueReader(), int64(e.Length), nil
			}
			b, err := io.ReadAll(io.LimitReader(s.ValueReader(), mostSwapped+1))
			if err == nil && len(b) > mostSwapped {
				err = stream.ErrLimit
			}
			if err != nil {
				return nil, 0, err
			}
			stream.SwapBytes(b, e.VR.Unit())
			return bytes.NewReader(b), int64(len(b)), nil
		}
	}
}
