package main

import (
	"os"

	"github.com/dokuei/dokuei/dicom/dump"
)

type dumpCmd struct {
	File string `arg:"" help:"DICOM file." type:"existingfile"`
	Full bool   `help:"Print values in full length."`
}

// Run prints the elements of a file, as far as it can be read.
func (d dumpCmd) Run(con console) error {
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
