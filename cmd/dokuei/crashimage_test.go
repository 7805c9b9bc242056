package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

const crashClass = "1.2.840.10008.5.1.4.1.1.2" // CT Image Storage

// crashImage is a data set with noise for pixels: mostly 64 × 64, now and then
// 512 × 512, so that kills fall into long writes too.
func crashImage(rnd *rand.Rand, study, series, instance string, n int) []byte {
	side := 64
	if rnd.IntN(8) == 0 {
		side = 512
	}
	pixels := make([]byte, side*side*2)
	for i := range pixels {
		pixels[i] = byte(rnd.Uint32())
	}
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", crashClass)
	d.SetString(tag.SOPInstanceUID, "UI", instance)
	d.SetString(tag.StudyDate, "DA", "20260401")
	d.SetString(tag.Modality, "CS", "CT")
	d.SetString(tag.PatientName, "PN", "Crash^Test")
	d.SetString(tag.PatientID, "LO", fmt.Sprintf("C%x", study[len(study)-4:]))
	d.SetString(tag.StudyInstanceUID, "UI", study)
	d.SetString(tag.SeriesInstanceUID, "UI", series)
	d.SetString(tag.InstanceNumber, "IS", fmt.Sprint(n+1))
	d.SetInt(tag.SamplesPerPixel, "US", 1)
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	d.SetInt(tag.Rows, "US", side)
	d.SetInt(tag.Columns, "US", side)
	d.SetInt(tag.BitsAllocated, "US", 16)
	d.SetInt(tag.BitsStored, "US", 16)
	d.SetInt(tag.HighBit, "US", 15)
	d.SetInt(tag.PixelRepresentation, "US", 1)
	d.SetBytes(tag.PixelData, "OW", pixels)
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var out bytes.Buffer
	if err := d.Encode(&out, ts); err != nil {
		panic(err) // a buffer takes everything
	}
	return out.Bytes()
}

func bufferedReader(b []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(b)) }
