package dataset

import (
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// WriteFile writes d as a Part 10 file (PS3.10 §7): file meta information made from
// the SOP class and instance of d, then the data set. The same d gives the same bytes.
func WriteFile(w io.Writer, d *Dataset, ts uid.TransferSyntax) error {
	m := stream.Meta{
		MediaStorageSOPClassUID:    d.String(tag.SOPClassUID),
		MediaStorageSOPInstanceUID: d.String(tag.SOPInstanceUID),
		TransferSyntaxUID:          ts.UID,
	}
	if !uid.Valid(m.MediaStorageSOPClassUID) || !uid.Valid(m.MediaStorageSOPInstanceUID) {
		return fmt.Errorf("dataset: no valid SOP Class UID and SOP Instance UID to write a file with")
	}
	if _, err := stream.WriteMeta(w, m); err != nil {
		return err
	}
	return d.Encode(w, ts)
}
