package stream_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// data builds the bytes of a data set by hand, independent of package dataset.
type data struct {
	b        []byte
	implicit bool
	big      bool
}

func (d *data) order() binary.AppendByteOrder {
	if d.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (d *data) header(t tag.Tag, vr string, length uint32) *data {
	o := d.order()
	d.b = o.AppendUint16(d.b, t.Group())
	d.b = o.AppendUint16(d.b, t.Element())
	switch {
	case d.implicit || vr == "":
		d.b = o.AppendUint32(d.b, length)
	case stream.ParseVR(vr).Long():
		d.b = append(d.b, vr...)
		d.b = append(d.b, 0, 0)
		d.b = o.AppendUint32(d.b, length)
	default:
		d.b = append(d.b, vr...)
		d.b = o.AppendUint16(d.b, uint16(length))
	}
	return d
}

func (d *data) elem(t tag.Tag, vr, value string) *data {
	d.header(t, vr, uint32(len(value)))
	d.b = append(d.b, value...)
	return d
}

func (d *data) us(t tag.Tag, v uint16) *data {
	d.header(t, "US", 2)
	d.b = d.order().AppendUint16(d.b, v)
	return d
}

// item writes an item header or a delimiter.
func (d *data) item(t tag.Tag, length uint32) *data { return d.header(t, "", length) }

func (d *data) raw(s string) *data { d.b = append(d.b, s...); return d }

func syntax(u string) uid.TransferSyntax { return stream.SyntaxFor(u) }

func builder(u string) *data {
	ts := syntax(u)
	return &data{implicit: !ts.ExplicitVR, big: ts.BigEndian}
}

// ctHeader returns a CT header of the size and shape that scanners send.
func ctHeader(tb testing.TB, u string) []byte {
	tb.Helper()
	d := builder(u)
	d.elem(tag.SpecificCharacterSet, "CS", `\ISO 2022 IR 87 `)
	d.elem(tag.ImageType, "CS", `ORIGINAL\PRIMARY\AXIAL\HELIX`)
	d.elem(tag.SOPClassUID, "UI", uid.CTImageStorage+"\x00")
	d.elem(tag.SOPInstanceUID, "UI", "1.2.392.200036.9116.2.5.1.48.1215508268.1137032600.437")
	for i, t := range []tag.Tag{tag.StudyDate, tag.SeriesDate, tag.AcquisitionDate, tag.ContentDate} {
		d.elem(t, "DA", fmt.Sprintf("2026010%d", i))
	}
	for i, t := range []tag.Tag{tag.StudyTime, tag.SeriesTime, tag.AcquisitionTime, tag.ContentTime} {
		d.elem(t, "TM", fmt.Sprintf("10150%d.00000 ", i))
	}
	d.elem(tag.AccessionNumber, "SH", "A20260101-001 ")
	d.elem(tag.Modality, "CS", "CT")
	d.elem(tag.Manufacturer, "LO", "EXAMPLE ")
	for i := range 4 {
		t := []tag.Tag{tag.ReferencedStudySequence, tag.ReferencedPerformedProcedureStepSequence, tag.ReferencedImageSequence, tag.SourceImageSequence}[i]
		d.header(t, "SQ", stream.Undefined)
		for range 3 {
			d.item(tag.Item, stream.Undefined)
			d.elem(tag.ReferencedSOPClassUID, "UI", uid.CTImageStorage+"\x00")
			d.elem(tag.ReferencedSOPInstanceUID, "UI", "1.2.392.200036.9116.2.5.1.48.1215508268.1137032600.43")
			d.item(tag.ItemDelimitationItem, 0)
		}
		d.item(tag.SequenceDelimitationItem, 0)
	}
	for i := range 40 {
		d.elem(tag.New(0x0009, 0x1000+uint16(i)), "LO", "private value ")
	}
	d.elem(tag.PatientName, "PN", "Yamada^Tarou")
	d.elem(tag.PatientID, "LO", "12345678")
	for i := range 30 {
		d.elem(tag.New(0x0018, 0x1100+uint16(i)*0x10), "DS", "120.00")
	}
	d.elem(tag.StudyInstanceUID, "UI", "1.2.392.200036.9116.2.5.1.48.1215508268.11370")
	d.elem(tag.ImagePositionPatient, "DS", `-125.00\-130.5\12.25 `)
	d.us(tag.Rows, 512).us(tag.Columns, 512)
	for i := range 60 {
		d.elem(tag.New(0x7005, 0x1000+uint16(i)), "SH", "0123456789")
	}
	d.elem(tag.PixelData, "OW", strings.Repeat("\x00", 512*512*2))
	return d.b
}
