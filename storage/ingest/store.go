package ingest

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
)

// Store makes the instance whose data set r gives durable. nil means that object
// and rows have reached the medium; after an error nothing is visible. See Status
// for the errors.
func (i *Ingester) Store(ctx context.Context, src Source, m Meta, r io.Reader) (Result, error) {
	a, err := i.Receive(ctx, src, m, r)
	if err != nil {
		return Result{}, err
	}
	return a.Settle(ctx)
}

// Received is an instance that has come whole and is not durable yet. Settle must
// be called, once.
type Received struct {
	i *Ingester
	a *arriving
}

// Receive is the first half of Store: it reads the instance to its end and checks
// it.
func (i *Ingester) Receive(ctx context.Context, src Source, m Meta, r io.Reader) (*Received, error) {
	a, err := i.receive(ctx, src.FacilityID, m, r)
	if err != nil {
		return nil, spaceError(err)
	}
	a.src = src
	return &Received{i, a}, nil
}

// Settle is the second half of Store, from any goroutine.
func (r *Received) Settle(ctx context.Context) (Result, error) {
	i, a := r.i, r.a
	res, err := i.settle(ctx, a)
	a.close()
	if err == nil && res.Duplicate && a.committed && i.db.Alone() {
		// It was thought to be new. Where another node may be about to name it, or if this
		// fails, Sweep removes it.
		if _, err := i.drop(ctx, a.key, time.Time{}); err != nil {
			i.opt.Log.WarnContext(ctx, "ingest: object of a duplicate not removed yet", "error", err)
		}
	}
	return res, spaceError(err)
}

// arriving is an instance between its last byte and its transaction.
type arriving struct {
	catalog.Arrival
	src       Source
	pending   object.Pending
	key       string
	sum       string
	committed bool
	mended    bool // what was known of it was not whole
	release   func()
	watcher   Watcher // nil: none, or handed on
}

func (a *arriving) close() {
	a.release()
	if a.watcher != nil {
		a.watcher.Close()
	}
	a.pending.Abort() //nolint:errcheck // what stays in the spool is swept when the store is opened
}

// receive spools and checks an instance.
func (i *Ingester) receive(ctx context.Context, facilityID string, m Meta, r io.Reader) (*arriving, error) {
	if err := checkMeta(m); err != nil {
		return nil, err
	}
	p, err := i.objects.Create(ctx)
	if err != nil {
		return nil, err
	}
	a, err := i.read(ctx, p, facilityID, m, r)
	if err != nil {
		return nil, errors.Join(err, p.Abort())
	}
	return a, nil
}

func (i *Ingester) read(ctx context.Context, p object.Pending, facilityID string, m Meta, r io.Reader) (*arriving, error) {
	d, w, err := i.spool(ctx, p, m, r)
	if err != nil {
		return nil, err
	}
	a, err := i.arrived(ctx, p, facilityID, m, d)
	if err != nil && w != nil {
		w.Close()
	}
	if err != nil {
		return nil, err
	}
	a.watcher = w
	return a, nil
}

// arrived is an instance that has been read to its end.
func (i *Ingester) arrived(ctx context.Context, p object.Pending, facilityID string, m Meta, d *dataset.Dataset) (*arriving, error) {
	if err := checkIdentity(d, m); err != nil {
		return nil, err
	}
	sum := p.Sum()
	a := &arriving{Arrival: arrival(d, m, facilityID), pending: p, sum: hex.EncodeToString(sum[:])}
	// A folder a day: making folders and spreading files over them costs a file
	// system more than the file itself.
	a.key = fmt.Sprintf("%s/%s/%s.dcm", facilityID, i.opt.Now().UTC().Format("20060102"), a.sum)
	if err := object.CheckKey(a.key); err != nil {
		return nil, fmt.Errorf("ingest: facility ID cannot name a folder: %w", err)
	}
	a.Instance.ObjectKey, a.Instance.SHA256, a.Instance.Size = a.key, a.sum, p.Size()
	var err error
	a.release, err = i.hold(ctx, a.key)
	return a, err
}

// verdict is what a comparison with known content found.
type verdict struct {
	sha256 string // of the known content
	equal  bool
}

// errUnknown: the transaction met content that has not been compared. Comparing
// reads both objects and must not happen while everybody waits for the writer.
var errUnknown = errors.New("ingest: other content appeared")

// settle commits object and rows. Content under the same UID may appear between
// the look and the transaction; then it looks again.
func (i *Ingester) settle(ctx context.Context, a *arriving) (res Result, err error) {
	const attempts = 4
	of := study{a.Instance.FacilityID, a.Study.StudyInstanceUID}
	for n := range attempts {
		var v verdict
		guess := n == 0 && i.fresh.has(of)
		if !guess {
			if v, err = i.compare(ctx, a); err != nil {
				return Result{}, err
			}
		}
		if !a.committed && !v.equal {
			if err := a.pending.Commit(ctx, a.key); err != nil {
				return Result{}, err
			}
			a.committed = true
		}
		res, err = i.record(ctx, a, v, guess)
		if !errors.Is(err, errUnknown) {
			i.fresh.saw(of, err == nil && !res.Duplicate && !res.Conflict)
			return res, err
		}
	}
	return Result{}, errUnknown
}

// compare looks whether the UID is known, and whether with the same content.
func (i *Ingester) compare(ctx context.Context, a *arriving) (verdict, error) {
	tx := i.db.Read(ctx)
	known, ok, err := catalog.Lookup(ctx, tx, a.Instance.FacilityID, a.Instance.SOPInstanceUID)
	if err != nil || !ok {
		return verdict{}, err
	}
	if known.SHA256 == a.sum {
		return verdict{known.SHA256, true}, i.mend(ctx, a, known)
	}
	equal, err := i.sameAs(ctx, known.ObjectKey, a)
	return verdict{known.SHA256, equal}, err
}

// mend puts an instance back that was sent again and is not whole here any more: who
// hears Success may forget it.
func (i *Ingester) mend(ctx context.Context, a *arriving, known catalog.Known) error {
	if a.mended {
		return nil
	}
	info, err := i.objects.Stat(ctx, known.ObjectKey)
	lost := errors.Is(err, object.ErrNotFound) || errors.Is(err, object.ErrDamaged) || err == nil && info.Size != a.Instance.Size
	if err != nil && !lost {
		return fmt.Errorf("ingest: look for known content: %w", err)
	}
	if !lost {
		if lost, err = catalog.Damaged(ctx, i.db.Read(ctx), known.ObjectKey); err != nil || !lost {
			return err
		}
	}
	whole := a.pending
	if a.committed { // it was thought to be new
		if whole, err = Fetch(ctx, i.objects, i.objects, a.key, a.sum, NewPace(0)); err != nil {
			return fmt.Errorf("ingest: put known content back: %w", err)
		}
		defer whole.Abort() //nolint:errcheck // what stays in the spool is swept when the store is opened
	}
	whole.Replace()
	if err := whole.Commit(ctx, known.ObjectKey); err != nil {
		return err
	}
	a.mended = true
	i.opt.Log.WarnContext(ctx, "image that was not whole in the store was sent again and put back", "instance", known.InstanceID, "object", known.ObjectKey)
	return nil
}

// sameAs compares by meaning with the object under key. Where that cannot be told,
// because one of the two defies the limits of the comparison, or the known one is not
// whole any more, they are different: both are kept.
func (i *Ingester) sameAs(ctx context.Context, key string, a *arriving) (bool, error) {
	known, err := i.objects.Open(ctx, key)
	if errors.Is(err, object.ErrNotFound) || errors.Is(err, object.ErrDamaged) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ingest: open known content: %w", err)
	}
	defer known.Close()
	var ours io.ReaderAt = a.pending
	if a.committed {
		o, err := i.objects.Open(ctx, a.key)
		if err != nil {
			return false, fmt.Errorf("ingest: open own content: %w", err)
		}
		defer o.Close()
		ours = o
	}
	equal, err := stream.Equal(io.NewSectionReader(known, 0, known.Size()), io.NewSectionReader(ours, 0, a.Instance.Size))
	var format *stream.FormatError
	if errors.As(err, &format) || errors.Is(err, object.ErrDamaged) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ingest: compare with known content: %w", err)
	}
	return equal, nil
}

// record is the transaction. guess takes the instance for a new one without looking.
func (i *Ingester) record(ctx context.Context, a *arriving, v verdict, guess bool) (res Result, err error) {
	quiet := a.src.Quiet
	if quiet <= 0 {
		quiet = DefaultQuiet
	}
	var stored *Stored
	err = i.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		stored = nil
		a.Now, a.Quiet = i.opt.Now(), quiet
		var known catalog.Known
		ok := false
		if !guess {
			if known, ok, err = catalog.Lookup(ctx, tx, a.Instance.FacilityID, a.Instance.SOPInstanceUID); err != nil {
				return err
			}
		}
		switch {
		case ok && known.SHA256 != a.sum && known.SHA256 != v.sha256:
			return errUnknown
		case ok:
			res, err = i.again(ctx, tx, a, known, known.SHA256 == a.sum || v.equal)
			return err
		case v.sha256 != "" && v.equal:
			return errUnknown // the known one went away and ours is not committed
		}
		done, err := i.insert(ctx, tx, a, "ae:"+a.src.CallingAE)
		if errors.Is(err, catalog.ErrKnown) {
			return errUnknown
		}
		if err != nil {
			return err
		}
		res = Result{InstanceID: done.InstanceID, StudyID: done.StudyID, SeriesID: done.SeriesID, Conflict: done.PatientDiffers}
		stored = a.stored(done)
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	if stored != nil {
		stored.Watcher, a.watcher = a.watcher, nil
		i.tell(*stored)
	}
	return res, nil
}

func (a *arriving) stored(done catalog.Arrived) *Stored {
	return &Stored{
		InstanceID: done.InstanceID, StudyID: done.StudyID, SeriesID: done.SeriesID,
		FacilityID: a.Instance.FacilityID, ObjectKey: a.key, Origin: a.Instance.Origin,
	}
}

// insert adds the rows of a new instance with event and audit record.
func (i *Ingester) insert(ctx context.Context, tx db.Tx, a *arriving, actor string) (catalog.Arrived, error) {
	a.Instance.ReceivedAt, a.Instance.SourceAE = a.Now, a.src.CallingAE
	done, err := catalog.Arrive(ctx, tx, a.Arrival)
	if err != nil {
		return catalog.Arrived{}, err
	}
	e := catalog.Event{At: a.Now, Kind: catalog.EventInstanceStored, FacilityID: a.Instance.FacilityID, StudyID: done.StudyID, Ref: done.InstanceID}
	if err := catalog.AppendEvent(ctx, tx, e); err != nil {
		return catalog.Arrived{}, err
	}
	if done.Reopened {
		e.Kind = catalog.EventStudyReopened
		if err := catalog.AppendEvent(ctx, tx, e); err != nil {
			return catalog.Arrived{}, err
		}
	}
	if done.Restored {
		if err := restored(ctx, tx, done.StudyID, a, actor); err != nil {
			return catalog.Arrived{}, err
		}
	}
	rec := audit.Record{At: a.Now, Actor: actor, Action: "instance.stored", Object: done.InstanceID, FacilityID: a.Instance.FacilityID, Detail: "sha256=" + a.sum}
	if done.PatientDiffers {
		e.Kind = catalog.EventInstanceConflict
		if err := catalog.AppendEvent(ctx, tx, e); err != nil {
			return catalog.Arrived{}, err
		}
		rec.Detail += " patient-differs-from-study"
	}
	return done, audit.Append(ctx, tx, rec)
}

// restored writes down that a study was sent again while it was in the trash.
func restored(ctx context.Context, tx db.Tx, studyID string, a *arriving, actor string) error {
	return audit.Append(ctx, tx, audit.Record{
		At: a.Now, Actor: actor, Action: catalog.EventStudyRestored, Object: studyID, FacilityID: a.Instance.FacilityID, Detail: "sent again while in the trash",
	})
}

// mended writes down that an image was put back.
func mended(ctx context.Context, tx db.Tx, a *arriving, k catalog.Known) error {
	if err := catalog.Mended(ctx, tx, k.ObjectKey, "sent-again", a.Now); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Record{
		At: a.Now, Actor: "ae:" + a.src.CallingAE, Action: "instance.mended", Object: k.InstanceID, FacilityID: a.Instance.FacilityID,
		Detail: "by=sent-again sha256=" + a.sum,
	})
}

// again handles a SOP Instance UID that is known: a repetition, or other content
// that is kept beside.
func (i *Ingester) again(ctx context.Context, tx db.Tx, a *arriving, k catalog.Known, equal bool) (Result, error) {
	res := Result{InstanceID: k.InstanceID, StudyID: k.StudyID, Duplicate: equal}
	if k.Trashed {
		if err := errors.Join(catalog.Untrash(ctx, tx, k.StudyID, "", a.Now), restored(ctx, tx, k.StudyID, a, "ae:"+a.src.CallingAE)); err != nil {
			return Result{}, err
		}
	}
	if !equal {
		kept, err := catalog.HasVersion(ctx, tx, k.InstanceID, a.sum)
		if err != nil {
			return Result{}, err
		}
		res.Conflict, res.Duplicate = true, kept
	}
	if a.mended {
		if err := mended(ctx, tx, a, k); err != nil {
			return Result{}, err
		}
	}
	if res.Duplicate {
		return res, catalog.Repeat(ctx, tx, k.StudyID, a.Now, a.Quiet)
	}
	err := catalog.KeepBeside(ctx, tx, k, catalog.Version{
		SOPClassUID: a.Instance.SOPClassUID, TransferSyntaxUID: a.Instance.TransferSyntaxUID,
		StudyInstanceUID: a.Study.StudyInstanceUID, SeriesInstanceUID: a.Series.SeriesInstanceUID,
		ObjectKey: a.key, SHA256: a.sum, Size: a.Instance.Size, ReceivedAt: a.Now, SourceAE: a.src.CallingAE,
	})
	if err != nil {
		return Result{}, err
	}
	err = catalog.AppendEvent(ctx, tx, catalog.Event{
		At: a.Now, Kind: catalog.EventInstanceConflict, FacilityID: a.Instance.FacilityID, StudyID: k.StudyID, Ref: k.InstanceID,
	})
	if err != nil {
		return Result{}, err
	}
	return res, audit.Append(ctx, tx, audit.Record{
		At: a.Now, Actor: "ae:" + a.src.CallingAE, Action: "instance.conflict", Object: k.InstanceID,
		FacilityID: a.Instance.FacilityID, Detail: "kept beside sha256=" + a.sum,
	})
}
