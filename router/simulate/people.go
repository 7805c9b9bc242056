package simulate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// How soon people do something: medians in minutes. A reader at work sees an alert
// on the screen, one on call hears the mail; who must be telephoned takes longer.
const (
	noticeOnScreen = 1.5
	noticeOnCall   = 3.5
	noticeByPhone  = 10
	glance         = 1
)

// item is a Workitem as its readers see it, with what the run must know of it.
type item struct {
	worklist.Workitem
	patient
	left float64 // minutes still to read
}

// reader is a reader at work.
type reader struct {
	assign.Reader
	panels  []string
	absent  bool // on the roster, and does not come
	speed   float64
	now     *item
	started time.Time
	turn    int // counts what was begun: an end of something put aside is not one
	aside   *item
	claims  []time.Time // within the hour
	waking  bool
}

// arrive is the one object by which a study comes in: its header alone, and that this
// is all of it.
func (p patient) arrive(ctx context.Context, tx db.Tx, s site.File, now time.Time) error {
	study := uid.New()
	facility := s.Facilities[p.hospital].ID
	a, err := catalog.Arrive(ctx, tx, catalog.Arrival{
		Study: catalog.Study{
			FacilityID: facility, StudyInstanceUID: study, BodyPart: p.part, RequestText: p.request, StudyDate: now.Format("20060102"), DeclaredInstances: 1,
			Patient: catalog.Patient{FacilityID: facility, PatientID: fmt.Sprintf("P%06d", p.number), Name: fmt.Sprintf("SIM^%06d", p.number), BirthDate: p.born},
		},
		Series: catalog.Series{SeriesInstanceUID: study + ".1", Modality: p.modality, BodyPart: p.part, Origin: catalog.Received},
		Instance: catalog.Instance{
			FacilityID: facility, SOPClassUID: "1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID: study + ".1.1", TransferSyntaxUID: uid.ExplicitVRLittleEndian,
			ObjectKey: study, SHA256: study, Size: 1, Origin: catalog.Received, ReceivedAt: now,
		},
		Quiet: time.Minute, Now: now,
	})
	if err != nil {
		return err
	}
	return catalog.AppendEvent(ctx, tx, catalog.Event{Kind: catalog.EventInstanceStored, FacilityID: facility, StudyID: a.StudyID, Ref: a.InstanceID})
}

func (w *world) duty(r *reader) worklist.Duty { return w.dutyAt(r, w.now) }

func (w *world) dutyAt(r *reader, at time.Time) worklist.Duty {
	return r.DutyAt(w.cal, at, nil, worklist.Presence{})
}

// minutes draws how long something takes.
func (w *world) minutes(median, sigma float64) time.Duration {
	return time.Duration(median * math.Exp(sigma*w.random.NormFloat64()) * float64(time.Minute))
}

// may reports whether an item is for a reader now: what the page would let them claim.
func (r *reader) may(x *item) bool {
	return x.State == worklist.Scheduled && x.Offer.Allows(r.ID) && slices.Contains(r.panels, x.PanelID) && !r.Barred(x.FacilityID) && len(r.Lacks(x.Requires)) == 0 &&
		(len(r.Modalities) == 0 || slices.Contains(r.Modalities, x.modality))
}

// alert is what an event does to those whose page is open: a STAT that reaches them
// is on the screen, other work is seen by who is free. Without the clocks nobody is
// told of anything: the hospital telephones whoever is on call.
func (w *world) alert(x *item) {
	for _, r := range w.readers {
		if r.absent || !r.may(x) {
			continue
		}
		switch duty := w.duty(r); {
		case duty == worklist.Reading && x.Priority == worklist.STAT && w.cfg.Policy == Ours:
			w.at(w.now.Add(w.minutes(noticeOnScreen, 0.5)), func() { w.interrupt(r, x) })
		case duty == worklist.Reading && r.now == nil:
			w.wake(r)
		case duty == worklist.OnCall && x.Priority == worklist.STAT && w.cfg.Policy != Ours:
			w.phone(r, x)
		}
	}
}

// mail is a notice that has reached its recipient. A reader on call takes a STAT; of
// a STAT or an urgent study that nobody has taken the coordinator telephones those on
// duty and on call who are not reading.
func (w *world) mail(n clock.Notice) {
	x := w.byItem[n.Workitem]
	if x == nil || x.Priority == worklist.Routine {
		return
	}
	for _, r := range w.readers {
		duty := w.duty(r)
		switch {
		case r.absent || duty == worklist.OffDuty || duty == worklist.Absent:
		case n.Recipient == r.Login && duty == worklist.OnCall && x.Priority == worklist.STAT:
			w.at(w.now.Add(w.minutes(noticeOnCall, 0.5)), func() { w.interrupt(r, x) })
		case n.Recipient == coordinator && r.now == nil:
			w.phone(r, x)
		}
	}
}

func (w *world) phone(r *reader, x *item) {
	w.at(w.now.Add(w.minutes(noticeByPhone, 0.6)), func() { w.interrupt(r, x) })
}

// wake lets an idle reader look at the list in a moment.
func (w *world) wake(r *reader) {
	if r.waking {
		return
	}
	r.waking = true
	w.at(w.now.Add(w.minutes(glance, 0.5)), func() {
		r.waking = false
		w.take(r)
	})
}

func (w *world) look() {
	for _, i := range w.random.Perm(len(w.readers)) { // nobody is first by name
		if r := w.readers[i]; !r.absent && r.now == nil && w.duty(r) == worklist.Reading {
			w.take(r)
		}
	}
}

// interrupt is a reader who has seen an alert: for a STAT what is on the screen is put
// aside, unless it is one too.
func (w *world) interrupt(r *reader, x *item) {
	if duty := w.duty(r); duty != worklist.Reading && duty != worklist.OnCall {
		return // their shift has ended meanwhile
	}
	if !r.may(x) || r.now != nil && (x.Priority != worklist.STAT || r.now.Priority == worklist.STAT || r.aside != nil) {
		return
	}
	if r.now != nil {
		r.now.left -= w.now.Sub(r.started).Minutes() / r.speed
		r.aside, r.now = r.now, nil
	}
	w.claim(r, x)
}

// take lets a free reader choose from the list.
func (w *world) take(r *reader) {
	if r.now != nil || r.absent {
		return
	}
	if r.aside != nil {
		x := r.aside
		r.aside = nil
		w.read(r, x)
		return
	}
	if w.duty(r) != worklist.Reading {
		return
	}
	for len(r.claims) > 0 && w.now.Sub(r.claims[0]) >= time.Hour {
		r.claims = r.claims[1:]
	}
	full := len(r.claims) >= r.Limit()
	var best *item
	for _, x := range w.waiting {
		if r.may(x) && (!full || x.Priority == worklist.STAT) && (best == nil || w.before(r, x, best)) {
			best = x
		}
	}
	if best == nil {
		if len(w.waiting) > 0 {
			w.at(w.now.Add(10*time.Minute), func() { w.take(r) })
		}
		return
	}
	w.claim(r, best)
}

// before is the order in which a reader takes studies: by priority and deadline, own
// offers first; where nobody is meant, the easy ones.
func (w *world) before(r *reader, a, b *item) bool {
	if a.Priority != b.Priority {
		return a.Priority.Rank() < b.Priority.Rank()
	}
	if w.cfg.Policy == FirstClaim {
		return a.patient.minutes < b.patient.minutes
	}
	if own, other := a.Offer.Main == r.ID, b.Offer.Main == r.ID; own != other && a.Deadline.Sub(w.now) > time.Hour && b.Deadline.Sub(w.now) > time.Hour {
		return own
	}
	return a.Deadline.Before(b.Deadline)
}

// claim takes an item for a reader, through the state machine.
func (w *world) claim(r *reader, x *item) {
	err := w.write(func(ctx context.Context, tx db.Tx) (err error) {
		x.Workitem, err = worklist.Claim(ctx, tx, x.ID, r.ID)
		return err
	})
	if err != nil {
		w.fail(fmt.Errorf("reader %s claims: %w", r.Login, err))
		return
	}
	w.waiting = slices.DeleteFunc(w.waiting, func(y *item) bool { return y == x })
	r.claims = append(r.claims, w.now)
	w.read(r, x)
}

func (w *world) read(r *reader, x *item) {
	r.turn++
	r.now, r.started = x, w.now
	turn := r.turn
	w.at(w.now.Add(time.Duration(max(x.left, 0.2)*r.speed*float64(time.Minute))), func() {
		if r.turn == turn && r.now == x {
			w.finish(r, x)
		}
	})
}

func (w *world) finish(r *reader, x *item) {
	err := w.write(func(ctx context.Context, tx db.Tx) (err error) {
		x.Workitem, err = worklist.Complete(ctx, tx, x.ID, r.ID)
		return err
	})
	if err != nil {
		w.fail(fmt.Errorf("reader %s completes: %w", r.Login, err))
		return
	}
	r.now = nil
	w.take(r)
}
