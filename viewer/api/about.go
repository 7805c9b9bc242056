package api

import (
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// about is what the rooms above the catalog know of a study.
type about struct {
	newest  reports.Head // no ID: nothing is signed
	open    *worklist.Workitem
	drafted bool // something is written for the open item
	sent    deliver.Counts
	onset   time.Time // by its order
}

// gather reads at once what the views of studies need: a list has a hundred of them.
func (b *book) gather(ids ...string) error {
	newest, err := reports.Newest(b.ctx, b.tx, b.scope, ids...)
	if err != nil {
		return err
	}
	open, err := worklist.OpenOf(b.ctx, b.tx, ids)
	if err != nil {
		return err
	}
	var held []string
	for _, w := range open {
		if w.State == worklist.InProgress {
			held = append(held, w.ID)
		}
	}
	drafted, err := reports.HasDraft(b.ctx, b.tx, held...)
	if err != nil {
		return err
	}
	sent, err := deliver.CountsOf(b.ctx, b.tx, b.scope, ids...)
	if err != nil {
		return err
	}
	onsets, err := order.Onsets(b.ctx, b.tx, ids...)
	if err != nil {
		return err
	}
	for _, id := range ids {
		a := about{newest: newest[id], sent: sent[id], onset: onsets[id]}
		if w, ok := open[id]; ok {
			a.open, a.drafted = &w, drafted[w.ID]
		}
		b.abouts[id] = a
	}
	return nil
}

// gatherStudies is gather of a list.
func (b *book) gatherStudies(list []catalog.Study) error {
	ids := make([]string, len(list))
	for n, st := range list {
		ids[n] = st.ID
	}
	return b.gather(ids...)
}

// gatherItems is gather of a list of items.
func (b *book) gatherItems(list []worklist.Entry) error {
	studies, items := make([]string, len(list)), make([]string, len(list))
	for n, e := range list {
		studies[n], items[n] = e.Study.ID, e.ID
	}
	if err := b.gather(studies...); err != nil {
		return err
	}
	return b.gatherDeclines(items...)
}

// gatherDeclines reads who has declined items.
func (b *book) gatherDeclines(items ...string) error {
	if !b.hearsDeclines() {
		return nil
	}
	declines, err := worklist.DeclinesOf(b.ctx, b.tx, items)
	if err != nil {
		return err
	}
	for _, id := range items {
		b.declines[id] = declines[id]
	}
	return nil
}

// hearsDeclines reports whether the asker is told who has declined what: those who read
// and those who see to it that somebody does, not the hospital.
func (b *book) hearsDeclines() bool {
	switch b.who.Role {
	case identity.Reader, identity.Trainee, identity.Coordinator, identity.Admin:
		return true
	}
	return false
}

// about is what is known of a study, gathered or asked for by itself.
func (b *book) about(id string) (about, error) {
	if _, ok := b.abouts[id]; !ok {
		if err := b.gather(id); err != nil {
			return about{}, err
		}
	}
	return b.abouts[id], nil
}

// declinedView is somebody who has said no, and why.
type declinedView struct {
	Reader named      `json:"reader"`
	Reason string     `json:"reason"`
	At     *time.Time `json:"at"`
}

// declined adds to the view of an item that waits who has declined it.
func (b *book) declined(v *workitemView, w worklist.Workitem) error {
	if w.State != worklist.Scheduled || !b.hearsDeclines() {
		return nil
	}
	if _, ok := b.declines[w.ID]; !ok {
		if err := b.gatherDeclines(w.ID); err != nil {
			return err
		}
	}
	for _, d := range b.declines[w.ID] {
		who, err := b.user(d.ReaderID)
		if err != nil {
			return err
		}
		if err := b.clean(w.StudyID, &d.Reason); err != nil {
			return err
		}
		v.Declined = v.Declined || d.ReaderID == b.who.UserID
		v.Declines = append(v.Declines, declinedView{who, d.Reason, moment(d.At)})
	}
	return nil
}

// signed says whether there is a signed version that the asker may see.
func (b *book) signed(v *studyView, a about) {
	v.ReportState = "none"
	if a.newest.ID != "" && (a.open == nil || !reports.BlindTo(b.who, *a.open)) {
		v.ReportID, v.ReportState = &a.newest.ID, string(a.newest.Kind)
	}
}

// reportState says how far the report is: the newest signed version, else what
// is being done about it.
func (b *book) reportState(v *studyView, a about) {
	switch b.signed(v, a); {
	case v.ReportID != nil || a.open == nil || a.open.State != worklist.InProgress:
	case a.drafted:
		v.ReportState = "draft"
	default:
		v.ReportState = "reading"
	}
}
