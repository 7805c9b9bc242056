package main

import (
	"context"
	"os"

	"github.com/dokuei/dokuei/dicom/dump"
)

type dumpCmd struct {
	File   string `arg:"" help:"DICOM file." type:"existingfile"`
	Full   bool   `help:"Print values in full length."`
	Frames bool   `help:"Instead, decode every frame and print the SHA-256 of its samples."`
}

// Run prints the elements of a file, as far as it can be read, or its frames.
func (d dumpCmd) Run(ctx context.Context, con console) error {
	if d.Frames {
		return dumpFrames(ctx, con.Out, d.File)
	}
	f, err := os.Open(d.File)
	if err != nil {
		return err
	}
	defer f.Close()
	opt := dump.Options{}
	if d.Full {
		opt.Width = -1
	}
	return dump.File(con.Out, f, opt)
}
