package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/stream"
)

type deidentifyCmd struct {
	In       string   `arg:"" help:"DICOM file, or folder of them." type:"existingpath"`
	Out      string   `arg:"" help:"File to write, or folder that is made; files in it are named by their new SOP Instance UIDs." type:"path"`
	Key      string   `required:"" help:"File with the project's key, made by 'keys make': one key gives the same patients, UIDs and dates again." type:"existingfile" placeholder:"FILE"`
	Retain   []string `help:"What stays: full-dates or modified-dates, patient, device, institution, uids, safe-private." enum:"full-dates,modified-dates,patient,device,institution,uids,safe-private"`
	Clean    []string `help:"What stays without the words that name somebody, instead of going: descriptors, structured-content, graphics." enum:"descriptors,structured-content,graphics"`
	Mask     []string `help:"Area of burned-in text in pixels, blackened in every image: left,top,width,height; may be repeated." sep:"none" placeholder:"X,Y,W,H"`
	BurnedIn bool     `help:"Let pass images that say they have burned-in text, without a mask."`
}

// retained and cleaned are the words of the command line for options of PS3.15 E.3.
var (
	retained = map[string]deident.Option{
		"full-dates": deident.RetainFullDates, "modified-dates": deident.RetainModifiedDates, "patient": deident.RetainPatientChars, "device": deident.RetainDeviceIdentity,
		"institution": deident.RetainInstitutionIdentity, "uids": deident.RetainUIDs, "safe-private": deident.RetainSafePrivate,
	}
	cleaned = map[string]deident.Option{
		"descriptors": deident.CleanDescriptors, "structured-content": deident.CleanStructuredContent, "graphics": deident.CleanGraphics,
	}
)

// Run writes the files that can be de-identified and names the others.
func (d deidentifyCmd) Run(ctx context.Context, con console) error {
	profile, err := d.profile()
	if err != nil {
		return err
	}
	st, err := os.Stat(d.In)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return d.one(profile, d.In, d.Out)
	}
	if err := os.MkdirAll(d.Out, 0o700); err != nil {
		return err
	}
	written, left := 0, 0
	err = filepath.WalkDir(d.In, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !e.Type().IsRegular() {
			return nil
		}
		switch err := d.one(profile, path, ""); {
		case errors.Is(err, stream.ErrNotDICOM):
			// A DICOMDIR's neighbour, a readme: not ours to say a word about.
		case err != nil:
			left++
			fmt.Fprintf(con.Err, "%s: %v\n", path, err)
		default:
			written++
		}
		return nil
	})
	fmt.Fprintf(con.Out, "%d written, %d left out\n", written, left)
	if err == nil && left > 0 {
		err = fmt.Errorf("%d files were left out; the lines above say why", left)
	}
	return err
}

func (d deidentifyCmd) profile() (*deident.Profile, error) {
	text, err := os.ReadFile(d.Key)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s holds no key; `dokuei keys make FILE` makes one", d.Key)
	}
	c := deident.Config{Key: key, BurnedIn: d.BurnedIn}
	for _, word := range d.Retain {
		c.Options = append(c.Options, retained[word])
	}
	for _, word := range d.Clean {
		c.Options = append(c.Options, cleaned[word])
	}
	var areas []deident.Area
	for _, text := range d.Mask {
		area, err := parseArea(text)
		if err != nil {
			return nil, err
		}
		areas = append(areas, area)
	}
	if len(areas) > 0 {
		c.Masks = []deident.MaskRule{{Areas: areas}}
	}
	return deident.New(c)
}

func parseArea(text string) (deident.Area, error) {
	var n [4]int
	cells := strings.Split(text, ",")
	for i, cell := range cells {
		v, err := strconv.Atoi(strings.TrimSpace(cell))
		if err != nil || len(cells) != len(n) {
			return deident.Area{}, fmt.Errorf("--mask %s: left,top,width,height in pixels, as 0,0,512,40", text)
		}
		n[i] = v
	}
	return deident.Area{X: n[0], Y: n[1], Width: n[2], Height: n[3]}, nil
}

// one de-identifies a file; without a name for the new one it goes into the folder. It
// appears when it is whole.
func (d deidentifyCmd) one(p *deident.Profile, from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	folder := d.Out
	if to != "" {
		folder = filepath.Dir(to)
	}
	out, err := os.CreateTemp(folder, ".dokuei-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			out.Close()
			os.Remove(out.Name())
		}
	}()
	written, err := p.File(out, in)
	if err != nil {
		return err
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	if to == "" {
		to = filepath.Join(folder, written.SOPInstanceUID+".dcm")
	}
	return os.Rename(out.Name(), to)
}
