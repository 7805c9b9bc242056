package ingest

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
)

// ownModel is the Manufacturer's Model Name of the documents that reports writes
// (PS3.3 C.7.5.1).
const ownModel = "Dokuei reports"

// RebuildOptions of Rebuild. Zero values are fine.
type RebuildOptions struct {
	// Facility is asked once for every facility found; its error stops the walk.
	Facility func(ctx context.Context, id string) error
	Progress func(Rebuilt) // after every object
	// Left is told of every object that cannot be catalogued.
	Left func(key string, err error)
}

// Rebuilt is how far a Rebuild has come.
type Rebuilt struct {
	Objects    int // looked at
	Known      int // with a row before
	Instances  int // new rows, reports included
	Reports    int // objects of ours among them
	Duplicates int // content that another object holds
	Conflicts  int // other content under a known UID, kept beside
	Left       int // damaged, or not an instance
	Bytes      int64
}

// ErrDamaged: an object is not the content that its key names.
var ErrDamaged = errors.New("ingest: content differs from its key")

// Rebuild makes the catalog from the objects alone: their keys name facility and
// day, their headers everything else of patient, study, series and instance. What
// has a row is left as it is, so it can be run again where it stopped. Studies with
// a report of ours come back complete; the others are due at once, and the router
// gives them to readers as if they had just arrived. Of different contents under
// one UID the first in order of keys, which is that of days, is the instance.
//
// What no object holds does not come back: calling AE titles, the audit trail,
// drafts, workitems, deliveries.
func (i *Ingester) Rebuild(ctx context.Context, opt RebuildOptions) (Rebuilt, error) {
	r := &rebuild{i: i, opt: opt, facilities: map[string]bool{}, failed: object.Failures{Store: i.objects}}
	if err := i.objects.List(ctx, "", "", func(o object.Info) error { return r.object(ctx, o, false) }); err != nil {
		return r.done, err
	}
	for _, o := range r.own { // into studies that are there now
		if err := r.object(ctx, o, true); err != nil {
			return r.done, err
		}
	}
	return r.done, nil
}

type rebuild struct {
	i          *Ingester
	opt        RebuildOptions
	facilities map[string]bool
	own        []object.Info
	done       Rebuilt
	failed     object.Failures
}

// object catalogues one object. Objects of ours wait for the second time.
func (r *rebuild) object(ctx context.Context, o object.Info, second bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if strings.HasPrefix(o.Key, "_") {
		return nil // not a hospital's: what rooms above keep beside the images
	}
	if !second {
		r.done.Objects++
		r.done.Bytes += o.Size
		defer r.tell()
	}
	facility, _, _ := strings.Cut(o.Key, "/")
	if !r.facilities[facility] {
		if r.opt.Facility != nil {
			if err := r.opt.Facility(ctx, facility); err != nil {
				return err
			}
		}
		r.facilities[facility] = true
	}
	known, err := catalog.Referenced(ctx, r.i.db.Read(ctx), o.Key)
	if err != nil {
		return err
	}
	if known {
		r.done.Known++
		return nil
	}
	release, err := r.i.hold(ctx, o.Key)
	if err != nil {
		return err
	}
	defer release()
	a, own, err := r.i.reopen(ctx, facility, o)
	if err == nil && own && !second {
		r.own = append(r.own, o)
		return nil
	}
	left := err != nil && (r.mayStay(err) || r.failed.Own(ctx, o.Key, err))
	if err == nil {
		r.failed.Own(ctx, o.Key, nil)
		err = r.restore(ctx, a, o.Modified)
		left = err != nil && r.mayStay(err)
	}
	if !left || ctx.Err() != nil {
		return err
	}
	r.done.Left++
	if r.opt.Left != nil {
		r.opt.Left(o.Key, err)
	}
	return nil
}

func (r *rebuild) tell() {
	if r.opt.Progress != nil {
		r.opt.Progress(r.done)
	}
}

// mayStay reports whether err is about this one object.
func (r *rebuild) mayStay(err error) bool {
	var format *stream.FormatError
	var element *ElementError
	var mismatch *MismatchError
	return errors.As(err, &format) || errors.As(err, &element) || errors.As(err, &mismatch) ||
		errors.Is(err, ErrDamaged) || errors.Is(err, object.ErrDamaged) || errors.Is(err, object.ErrNotFound) || errors.Is(err, catalog.ErrNotFound) || errors.Is(err, io.ErrUnexpectedEOF)
}

// reopen reads a stored object as receive reads an arriving one.
func (i *Ingester) reopen(ctx context.Context, facilityID string, info object.Info) (a *arriving, own bool, err error) {
	o, err := i.objects.Open(ctx, info.Key)
	if err != nil {
		return nil, false, err
	}
	defer o.Close()
	h := sha256.New()
	file := bufio.NewReaderSize(io.TeeReader(&cancelReader{ctx: ctx, r: io.NewSectionReader(o, 0, o.Size())}, h), 128<<10)
	meta, _, err := stream.ReadMeta(file)
	if err != nil {
		return nil, false, err
	}
	m := Meta{meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID}
	if err := checkMeta(m); err != nil {
		return nil, false, err
	}
	d, err := i.walk(m.TransferSyntaxUID, file, &collector{})
	if err != nil {
		return nil, false, err
	}
	if err := checkIdentity(d, m); err != nil {
		return nil, false, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if name := strings.TrimSuffix(path.Base(info.Key), ".dcm"); name != sum {
		return nil, false, fmt.Errorf("%w: its SHA-256 is %s", ErrDamaged, sum)
	}
	a = &arriving{Arrival: arrival(d, m, facilityID), key: info.Key, sum: sum, committed: true}
	a.Instance.ObjectKey, a.Instance.SHA256, a.Instance.Size = a.key, a.sum, o.Size()
	if own = isOwn(d); own {
		a.Instance.Origin, a.Series.Origin = catalog.Dokuei, catalog.Dokuei
	}
	return a, own, nil
}

func isOwn(d *dataset.Dataset) bool {
	switch d.String(tag.SOPClassUID) {
	case uid.BasicTextSRStorage, uid.EnhancedSRStorage, uid.ComprehensiveSRStorage, uid.KeyObjectSelectionStorage, uid.EncapsulatedPDFStorage:
		return d.String(tag.ManufacturerModelName) == ownModel
	}
	return false
}

// restore adds the rows of a stored object, with at for the time of its arrival.
func (r *rebuild) restore(ctx context.Context, a *arriving, at time.Time) error {
	i := r.i
	if now := i.opt.Now().Add(-time.Second); at.After(now) { // by another clock; and due at once
		at = now
	}
	v, err := i.compare(ctx, a)
	if err != nil {
		return err
	}
	var done Rebuilt
	err = i.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		done = Rebuilt{}
		a.Now, a.Quiet = at, time.Microsecond
		known, ok, err := catalog.Lookup(ctx, tx, a.Instance.FacilityID, a.Instance.SOPInstanceUID)
		switch {
		case err != nil:
			return err
		case ok && known.SHA256 != v.sha256:
			return errUnknown // somebody stores beside us
		case ok:
			res, err := i.again(ctx, tx, a, known, v.equal)
			done.Duplicates, done.Conflicts = boolInt(res.Duplicate), boolInt(!res.Duplicate)
			return err
		}
		arrived, err := i.insert(ctx, tx, a, "rebuild-catalog")
		if err != nil {
			return err
		}
		done.Instances = 1
		if a.Instance.Origin != catalog.Dokuei {
			return nil
		}
		done.Reports = 1
		_, _, err = catalog.CompleteStudy(ctx, tx, arrived.StudyID, i.opt.Now())
		return err
	})
	if errors.Is(err, errUnknown) {
		return r.restore(ctx, a, at)
	}
	if err != nil {
		return err
	}
	r.done.Instances += done.Instances
	r.done.Reports += done.Reports
	r.done.Duplicates += done.Duplicates
	r.done.Conflicts += done.Conflicts
	return nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
