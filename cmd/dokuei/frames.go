package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/uid"
)

// dumpFrames prints one line for each frame: what it is and the SHA-256 of its
// decoded samples, so that decoders can be compared. A frame that cannot be
// decoded says so on its line, and the others still come.
func dumpFrames(ctx context.Context, out io.Writer, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	r, err := pixel.Open(f, st.Size())
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	ts, _ := uid.LookupTransferSyntax(r.Meta().TransferSyntaxUID)
	lossless := "yes"
	if ts.Lossy {
		lossless = "no"
	}
	fmt.Fprintln(out, "path\tframe\tframes_total\tdecoder\ttransfer_syntax\tlossless_syntax\tphotometric_of_output\tsamples\tbits_allocated\tpixel_representation\tbytes\tsha256_interleaved_LE")
	var frame pixel.Frame
	var failed error
	total := max(r.Format().Frames, 1)
	for n := range total {
		if err := r.Stored(ctx, n, &frame); err != nil {
			failed = err
			fmt.Fprintf(out, "%s\t%d\t%d\tdokuei\t%s\t%s\t\t\t\t\t0\t# %v\n", name, n, total, ts.UID, lossless, err)
			continue
		}
		sign := 0
		if frame.Signed {
			sign = 1
		}
		fmt.Fprintf(out, "%s\t%d\t%d\tdokuei\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%x\n", name, n, total, ts.UID, lossless,
			frame.Photometric, frame.Samples, frame.BitsAllocated, sign, len(frame.Pix), sha256.Sum256(frame.Pix))
	}
	return failed
}
