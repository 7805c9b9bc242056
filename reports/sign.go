package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports/assist"
	"github.com/dokuei/dokuei/reports/lint"
	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/reports/peer"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
)

// EventSigned is appended when a version is signed; Event.Ref is the report.
const EventSigned = "report.signed"

// Deps is what signing needs.
type Deps struct {
	DB      *db.DB
	Objects object.Store // the hospital's images, for their patient and study modules
	Ingest  *ingest.Ingester
	Writers []Writer // reports/sr, reports/pdf
	// Wake is told after a signature that deliveries wait (deliver.Courier.Wake);
	// nil: they are found by the courier's own clock.
	Wake         func()
	Organization Organization
	// Also is done with each signed version in its transaction; nil: nothing.
	Also func(context.Context, db.Tx, *Report) error
	// Draw makes the picture of a key image as it was looked at, without its marks. state
	// is the object of the presentation state it was looked at under, "" for none. nil:
	// printed reports have no pictures.
	Draw func(ctx context.Context, objectKey, state string, key KeyImage) (Drawn, error)
	Now  func() time.Time // db.Now
}

// Desk is where reports are signed.
type Desk struct{ deps Deps }

// Organization is who issues the reports of the desk.
func (k *Desk) Organization() Organization { return k.deps.Organization }

// NewDesk gives a Desk.
func NewDesk(d Deps) *Desk {
	if d.Now == nil {
		d.Now = db.Now
	}
	return &Desk{deps: d}
}

// signTries bounds how often a signature starts again because images of the
// study arrived while its documents were being written.
const signTries = 5

// Sign turns the draft of a workitem into the next version of the study's
// report. The principal must hold the workitem and revision must be the draft's
// newest. When it returns nil, report, documents, the end of the workitem,
// deliveries, event and audit record are durable together.
func (k *Desk) Sign(ctx context.Context, p identity.Principal, workitemID string, revision int64) (*Report, error) {
	return k.SignShown(ctx, p, workitemID, revision, Shown{})
}

// SignShown is Sign by a reader who says what they were shown (Desk.Preview). It
// signs that content or answers with a ShownError.
func (k *Desk) SignShown(ctx context.Context, p identity.Principal, workitemID string, revision int64, shown Shown) (*Report, error) {
	for try := 1; ; try++ {
		r, err := k.sign(ctx, p, workitemID, revision, shown)
		if !errors.Is(err, errChanged) || try == signTries {
			return r, k.overtaken(ctx, p, workitemID, revision, shown, err)
		}
	}
}

// Sign is NewDesk(d).Sign.
func Sign(ctx context.Context, d Deps, p identity.Principal, workitemID string, revision int64) (*Report, error) {
	return NewDesk(d).Sign(ctx, p, workitemID, revision)
}

// basis is what a signature rests on; if it has changed when the transaction
// comes, the documents are written again.
type basis struct {
	item      worklist.Entry
	draft     Draft
	previous  *Report
	series    []catalog.Series // the hospital's own
	instances []catalog.Instance
	facility  worklist.Facility
	author    identity.User
	who       identity.Principal
	marked    Annotating
	trainee   bool // the author is one, on the item's panel
	kind      Kind // of the version to come
	found     []lint.Finding
	unseen    []string // engines of whose text something was not read
	coded     []Coded  // of the draft's answers
	seen      string   // Shown.Hash of what the reader was shown; "": the revision alone binds
}

func (k *Desk) sign(ctx context.Context, p identity.Principal, workitemID string, revision int64, shown Shown) (*Report, error) {
	b, err := k.basis(ctx, p, workitemID)
	if err != nil {
		return nil, err
	}
	if err := b.agreed(revision, shown); err != nil {
		return nil, err
	}
	b.seen = shown.Hash
	if b.author.License == "" || b.author.Name == "" {
		return nil, ErrLicense
	}
	sections, err := compose(b.draft, b.kind, b.previous, b.unseen)
	if err != nil {
		return nil, err
	}
	if open := standing(b.found, b.draft.Marks.Overrides); len(open) > 0 {
		return nil, &LintError{open}
	}
	// An override that speaks to nothing any more is not signed.
	b.draft.Marks.Overrides = needed(b.draft.Marks.Overrides, b.found)
	b.draft.Marks.Coded = codedIn(sections, b.previous, b.coded)
	source, err := k.source(ctx, b.instances)
	if err != nil {
		return nil, err
	}
	r := b.report(source, sections, k.deps.Now())
	before := ""
	if b.previous != nil {
		before = b.previous.ContentHash
	}
	body, err := seal(r, before)
	if err != nil {
		return nil, err
	}
	images := evidence(b.series)
	marked := b.marked.on(images)
	pictures, err := k.pictures(ctx, b.instances, marked)
	if err != nil {
		return nil, err
	}
	documents, own, err := k.write(r, Context{Source: source, Evidence: images, Organization: k.deps.Organization, Annotations: marked, Pictures: pictures, Wanted: wanted(b.facility)}, p)
	if err != nil {
		return nil, err
	}
	_, err = k.deps.Ingest.StoreOwn(ctx, own, func(ctx context.Context, tx db.Tx, done []ingest.Result) error {
		if err := b.unchanged(ctx, tx, p, workitemID, revision); err != nil {
			return err
		}
		r.Documents = make([]DocumentRef, len(documents))
		for i, d := range documents {
			if done[i].StudyID != r.StudyID {
				return fmt.Errorf("reports: %s was filed in another study", d.Object)
			}
			r.Documents[i] = DocumentRef{
				Object: d.Object, InstanceID: done[i].InstanceID, SOPClassUID: d.SOPClassUID,
				SOPInstanceUID: d.SOPInstanceUID, SeriesInstanceUID: d.SeriesInstanceUID,
			}
		}
		return k.record(ctx, tx, b, r, body)
	})
	if err != nil {
		return nil, err
	}
	if k.deps.Wake != nil {
		k.deps.Wake()
	}
	return r, nil
}

// wanted are the kinds of objects that the destinations of a hospital take.
func wanted(f worklist.Facility) []string {
	var kinds []string
	for _, d := range f.Destinations {
		kinds = append(kinds, d.Objects...)
	}
	return kinds
}

// record is the rest of the one transaction.
func (k *Desk) record(ctx context.Context, tx db.Tx, b *basis, r *Report, body []byte) error {
	if err := insert(ctx, tx, r, body); err != nil {
		return err
	}
	item, err := worklist.Complete(ctx, tx, r.WorkitemID, r.Author.UserID)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM drafts WHERE workitem_id = $1`, r.WorkitemID); err != nil {
		return fmt.Errorf("reports: end draft: %w", err)
	}
	if err := assist.End(ctx, tx, r.WorkitemID); err != nil {
		return err
	}
	if err := sealAnnotations(ctx, tx, r); err != nil {
		return err
	}
	if purpose, ok := followUp(item, r.Kind, b.trainee); ok {
		if err := follow(ctx, tx, item, purpose, r.Author); err != nil {
			return err
		}
	}
	if err := enterLoop(ctx, tx, b, r, item.Priority); err != nil {
		return err
	}
	if r.Kind == Final || r.Kind == Correction {
		err := peer.Choose(ctx, tx, peer.Signed{
			ReportID: r.ID, StudyID: r.StudyID, PanelID: item.PanelID, ReaderID: r.Author.UserID, Modalities: r.Study.Modalities,
			Impression: b.draft.Sections.Impression, At: r.SignedAt,
		})
		if err != nil {
			return err
		}
	}
	if k.deps.Also != nil {
		if err := k.deps.Also(ctx, tx, r); err != nil {
			return err
		}
	}
	parcel := deliver.Parcel{FacilityID: r.Facility.ID, StudyID: r.StudyID, ReportID: r.ID}
	for _, d := range r.Documents {
		parcel.Objects = append(parcel.Objects, deliver.Object{InstanceID: d.InstanceID, Kind: d.Object})
	}
	if _, err := deliver.Enqueue(ctx, tx, parcel); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	err = catalog.AppendEvent(ctx, tx, catalog.Event{
		Kind: EventSigned, FacilityID: r.Facility.ID, StudyID: r.StudyID, Ref: r.ID, Panel: item.PanelID,
	})
	if err != nil {
		return fmt.Errorf("reports: event: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Record{
		Actor: r.Author.UserID, Action: EventSigned, Object: r.ID, FacilityID: r.Facility.ID,
		Detail: fmt.Sprintf("study %s %s version %d sha256 %s%s%s", r.StudyID, r.Kind, r.Version, r.ContentHash, told(" shown ", b.seen), overridden(r.Marks.Overrides)),
	})
	if err != nil {
		return fmt.Errorf("reports: audit: %w", err)
	}
	return nil
}

// told is what follows a word, or nothing.
func told(word, what string) string {
	if what == "" {
		return ""
	}
	return word + what
}

// enterLoop hands a version over to what sees that its ordering doctor reads it.
// A critical finding that the version before had too is not begun anew.
func enterLoop(ctx context.Context, tx db.Tx, b *basis, r *Report, priority worklist.Priority) error {
	v := loop.Version{
		ReportID: r.ID, StudyID: r.StudyID, FacilityID: r.Facility.ID, Number: r.Version, Kind: string(r.Kind), Priority: priority,
		Changed: r.Kind.Status() == "C" || r.Kind == Retraction, AuthorID: r.Author.UserID, SignedAt: r.SignedAt,
	}
	c := r.Marks.Critical
	if c != nil && (b.previous == nil || b.previous.Marks.Critical == nil || b.previous.Marks.Critical.Finding != c.Finding) {
		v.Level, v.Finding = c.Level, c.Finding
	}
	if err := loop.Enter(ctx, tx, v); err != nil {
		return err
	}
	if v.Level == "" || c.Contact == nil {
		return nil
	}
	return loop.TellOf(ctx, tx, b.who, r.ID, loop.Contact{Told: c.Contact.Told, How: c.Contact.How, Reached: true, ReadBack: c.Contact.ReadBack})
}

// follow schedules what a preliminary report leaves to do, on the panel that has
// read it and by the same deadline.
func follow(ctx context.Context, tx db.Tx, w worklist.Workitem, purpose worklist.Purpose, first Author) error {
	n := worklist.New{
		StudyID: w.StudyID, FacilityID: w.FacilityID, Purpose: purpose, PanelID: w.PanelID, Priority: w.Priority,
		Deadline: w.Deadline, Reasons: w.Reasons, RuleID: w.RuleID, Requires: w.Requires, Actor: first.UserID,
	}
	if purpose != worklist.Consensus {
		n.NotFor = first.UserID
	}
	if purpose == worklist.Verification {
		n.Reasons = append(slices.Clone(n.Reasons), worklist.Reason{Rule: "trainee", Matched: true, Chosen: true, Text: map[string]string{
			"ja": "研修医の暫定レポートのため、同じ班の指導医に確認を依頼",
			"en": "a trainee's report is preliminary: a reader of the same panel verifies it",
		}})
	}
	if _, err := worklist.Create(ctx, tx, n); err != nil {
		return fmt.Errorf("reports: %s: %w", purpose, err)
	}
	return nil
}

// write lets every writer make its object.
func (k *Desk) write(r *Report, c Context, p identity.Principal) ([]Document, []ingest.Own, error) {
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	documents := make([]Document, 0, len(k.deps.Writers))
	own := make([]ingest.Own, 0, len(k.deps.Writers))
	for _, w := range k.deps.Writers {
		d, err := w.Write(r, c)
		if err != nil {
			return nil, nil, fmt.Errorf("reports: write document: %w", err)
		}
		if d.Dataset == nil {
			continue
		}
		var b bytes.Buffer
		if err := d.Dataset.Encode(&b, ts); err != nil {
			return nil, nil, fmt.Errorf("reports: encode %s: %w", d.Object, err)
		}
		documents = append(documents, d)
		own = append(own, ingest.Own{
			FacilityID: r.Facility.ID, Actor: p.UserID, Data: &b,
			Meta: ingest.Meta{SOPClassUID: d.SOPClassUID, SOPInstanceUID: d.SOPInstanceUID, TransferSyntaxUID: ts.UID},
		})
	}
	return documents, own, nil
}

// report fills the value of the new version.
func (b *basis) report(source *dataset.Dataset, sections []Section, now time.Time) *Report {
	st := b.item.Study
	r := &Report{
		ID: db.NewID(), StudyID: st.ID, WorkitemID: b.item.ID,
		Version: 1, Kind: b.kind, Language: b.draft.Language,
		Title:    TitleFor(st.Modalities, st.BodyPart),
		Sections: sections, Marks: b.draft.Marks,
		Author:   Author{UserID: b.author.ID, Name: b.author.Name, NameEn: b.author.NameEn, License: b.author.License},
		Facility: Facility{ID: b.facility.ID, Name: b.facility.Name, NameEn: b.facility.NameEn},
		Patient:  patientOf(st, source),
		Study:    studyOf(st, source),
		SignedAt: now.UTC().Truncate(time.Microsecond),
	}
	if b.previous != nil {
		r.Version = b.previous.Version + 1
		r.PredecessorID = b.previous.ID
		r.Earlier = append(append([]Summary{}, b.previous.Earlier...), b.previous.Summary())
		r.Predecessors = append(append([]DocumentRef{}, b.previous.Predecessors...), b.previous.Documents...)
	}
	return r
}
