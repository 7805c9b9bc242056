package pixel_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"time"

	"github.com/dokuei/dokuei/dicom/phantom"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
)

// A thumbnail of a CT slice, from the file to the windowed picture.
func Example() {
	slice := phantom.HeadCT(phantom.Order{Seed: 1, StudyTime: time.Unix(0, 0)}).Instances[50]
	var file bytes.Buffer
	_, err := stream.WriteMeta(&file, stream.Meta{
		MediaStorageSOPClassUID: slice.SOPClassUID, MediaStorageSOPInstanceUID: slice.SOPInstanceUID,
		TransferSyntaxUID: slice.TransferSyntaxUID, ImplementationClassUID: uid.ImplementationClassUID,
	})
	if err == nil {
		_, err = slice.WriteTo(&file)
	}
	if err != nil {
		fmt.Println(err)
		return
	}

	r, err := pixel.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	var f pixel.Frame
	if err := r.Frame(context.Background(), 0, &f); err != nil {
		fmt.Println(err)
		return
	}
	p := r.Presentation(0)
	width, height := pixel.Fit(f.Rows, f.Columns, p.Plane.Aspect, 128)
	var picture image.Gray
	var table pixel.Table
	pixel.ResizeGray(&picture, width, height)
	pixel.Reduce(&picture, &f, p.Transform(&f), &table)

	fmt.Println(f.Columns, "by", f.Rows, "becomes", picture.Rect.Dx(), "by", picture.Rect.Dy())
	fmt.Println("air", picture.GrayAt(2, 2).Y, "bone", picture.GrayAt(64, 17).Y)
	// Output:
	// 512 by 512 becomes 128 by 128
	// air 0 bone 255
}
