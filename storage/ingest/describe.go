package ingest

import (
	"bufio"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/storage/catalog"
)

// Describe says what the catalog would keep of a Part 10 file of a hospital, without
// keeping it. A file that ends, or was cut, within its pixels will do.
func Describe(facilityID string, r io.Reader) (catalog.Arrival, error) {
	b := bufio.NewReader(r)
	m, _, err := stream.ReadMeta(b)
	if err != nil {
		return catalog.Arrival{}, err
	}
	s := stream.NewScanner(b, stream.SyntaxFor(m.TransferSyntaxUID), stream.Limits{MaxHeaderBytes: headerMax, MaxElements: 100_000})
	d, err := new(collector).collect(s)
	if err != nil && !(stream.Truncated(err) && hasPixels(d)) {
		return catalog.Arrival{}, errors.Join(err, io.ErrUnexpectedEOF)
	}
	return arrival(d, Meta{SOPClassUID: m.MediaStorageSOPClassUID, SOPInstanceUID: m.MediaStorageSOPInstanceUID, TransferSyntaxUID: m.TransferSyntaxUID}, facilityID), nil
}
