package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/jpegll"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/viewer/preview"
)

// thumbnails prints what a thumbnail of 128 pixels a side costs, as a JPEG, from the file
// in memory: header, frame, averaging, window, coding. From a compressed file it is
// held against the decoding of the frame in the same turns.
func thumbnails(w io.Writer, frames []codec.Image, turns int) error {
	var plain, lossless, decoding time.Duration
	for i := range frames {
		m := &frames[i]
		native, err := part10(m, uid.ExplicitVRLittleEndian, m.Pix)
		if err != nil {
			return err
		}
		src, err := jpegll.Encode(nil, m)
		if err != nil {
			return err
		}
		coded, err := part10(m, uid.JPEGLosslessSV1, src)
		if err != nil {
			return err
		}
		p := preview.New(preview.Options{Objects: files{"native": native, "coded": coded}})
		draw := func(key string) func() error {
			return func() error { return thumbnail(p, key) }
		}
		var out codec.Image
		o := codec.Options{Width: m.Width, Height: m.Height, Samples: 1, BitsAllocated: 16}
		var d jpegll.Decoder
		took, err := leastOf(turns, draw("native"), draw("coded"), func() error { return d.Decode(&out, src, o) })
		p.Close()
		if err != nil {
			return err
		}
		plain, lossless, decoding = plain+took[0], lossless+took[1], decoding+took[2]
	}
	n := time.Duration(len(frames))
	plain, lossless, decoding = plain/n, lossless/n, decoding/n
	fmt.Fprintf(w, "\n| %-50s | %8s | %s |\n", "thumbnail 128 × 128, JPEG, from the file in memory", "ms", "target")
	fmt.Fprintln(w, "|---|--:|---|")
	fmt.Fprintf(w, "| %-50s | %8.2f | at most 0.30 |\n", "uncompressed", ms(plain))
	fmt.Fprintf(w, "| %-50s | %8.2f | at most the frame's decoding, %.2f, and 0.20: takes %.2f more |\n\n", "JPEG Lossless SV1", ms(lossless), ms(decoding), ms(lossless-decoding))
	return nil
}

func thumbnail(p *preview.Pipeline, key string) error {
	o, err := p.Open(context.Background(), key)
	if err != nil {
		return err
	}
	defer o.Close()
	_, err = o.Picture(context.Background(), 0, preview.Thumbnail)
	return err
}

// leastOf lets jobs take turns and gives the least processor time of each.
func leastOf(turns int, jobs ...func() error) ([]time.Duration, error) {
	least := make([]time.Duration, len(jobs))
	for turn := range turns * repeat {
		for i, job := range jobs {
			begin := processorTime()
			if err := job(); err != nil {
				return nil, err
			}
			if took := processorTime() - begin; turn == 0 || took < least[i] {
				least[i] = took
			}
		}
	}
	return least, nil
}

// files are objects in memory.
type files map[string][]byte

func (f files) Open(_ context.Context, key string) (object.Object, error) {
	return inMemory{bytes.NewReader(f[key])}, nil
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }
