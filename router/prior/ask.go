package prior

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

const (
	maxMatches   = 10_000 // of one patient: an archive that goes on ignores the key
	maxInstances = 20_000 // of one earlier study
)

var errMatches = errors.New("prior: the archive answers with more studies than one patient has")

// ask makes one attempt at a fetch. permanent is a reason that no other attempt changes;
// err says more for the log and holds nothing of a data set.
func (f *Fetcher) ask(ctx context.Context, one fetch) (reason Reason, permanent bool, err error) {
	to, err := worklist.DestinationByID(ctx, f.db.Read(ctx), one.DestinationID)
	if err != nil || !to.Active || to.FacilityID != one.FacilityID {
		return NoSource, true, err
	}
	s, err := catalog.StudyByID(ctx, f.db.Read(ctx), identity.Everything(), one.StudyID)
	if err != nil {
		return Incomplete, errors.Is(err, catalog.ErrNotFound), err
	}
	secure, err := f.opts.Secure.Config(to.TLS)
	if err != nil {
		return Unreachable, false, err
	}
	contexts, roles := f.contexts()
	client, err := service.Dial(ctx, to.Address(), service.DialOptions{
		CallingAE: f.opts.AETitle, CalledAE: to.AETitle, TLS: secure, Dialer: f.opts.Dialer, Log: f.opts.Log, Response: f.opts.Answer,
		Contexts: contexts, Roles: roles,
	})
	if err != nil {
		return Unreachable, false, err
	}
	defer client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the answers are what counts

	found, reason, permanent, err := f.find(ctx, client, to, one, s)
	if reason != "" {
		return reason, permanent, err
	}
	var missing []string
	err = f.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		if missing, err = choose(ctx, tx, one, found); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{
			Actor: worklist.ActorRouter, Action: "study.queried", Object: s.ID, FacilityID: s.FacilityID,
			Detail: fmt.Sprintf("earlier studies of the patient asked of %s: %d chosen, %d to be fetched", to.Name, len(found), len(missing)),
		})
	})
	if err != nil {
		return Incomplete, false, err
	}
	for _, study := range missing {
		r, p, e := f.move(ctx, client, to, one, study)
		if r != "" {
			reason, err = r, e
		}
		if r == Unreachable || p { // nobody is left to ask for the others
			return r, p, e
		}
	}
	return reason, false, err
}

// find asks which earlier studies there are, and chooses.
func (f *Fetcher) find(ctx context.Context, c *service.Client, to worklist.Destination, one fetch, s catalog.Study) (uids []string, reason Reason, permanent bool, err error) {
	var list []candidate
	n := 0
	status, err := c.Find(ctx, uid.StudyRootFind, question(s, one.Months), func(m *dataset.Dataset) error {
		if n++; n > maxMatches {
			return service.ErrEnough
		}
		if x, ok := consider(s, one.Months, m); ok {
			list = append(list, x)
		}
		return nil
	})
	var refused *service.NoContextError
	switch {
	case errors.As(err, &refused):
		return nil, Refused, true, err
	case n > maxMatches:
		return nil, Refused, true, errMatches
	case err != nil:
		return nil, Unreachable, false, err
	case status != dimse.Success:
		return nil, Refused, false, fmt.Errorf("C-FIND of %s: %s", to.Name, status)
	}
	for _, x := range rank(list, one.Most) {
		uids = append(uids, x.uid)
	}
	return uids, "", false, nil
}

// move has one earlier study sent to us, on the same association where the archive
// cannot send it on one of its own.
func (f *Fetcher) move(ctx context.Context, c *service.Client, to worklist.Destination, one fetch, studyUID string) (Reason, bool, error) {
	d := dataset.New()
	d.SetString(tag.QueryRetrieveLevel, "CS", "STUDY")
	d.SetString(tag.StudyInstanceUID, "UI", studyUID)
	held := db.Now()
	if err := f.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return prolong(ctx, tx, one.ID, held) }); err != nil {
		return Incomplete, false, err
	}
	alive := func() {
		if now := db.Now(); now.Sub(held) > time.Minute {
			held = now
			// One that fails is made up for by the next; a lease that ran out costs a second attempt.
			_ = f.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return prolong(ctx, tx, one.ID, now) })
		}
	}
	more := func(m service.Moved) bool {
		alive()
		return m.Kept() <= maxInstances
	}
	m, err := c.Move(ctx, uid.StudyRootMove, f.opts.AETitle, d, more)
	how := "C-MOVE"
	var refused *service.NoContextError
	if f.opts.Keep != nil && (errors.As(err, &refused) || err == nil && m.Status == dimse.MoveDestinationUnknown) && c.Accepts(uid.StudyRootGet, "") {
		how, refused = "C-GET", nil
		came := 0
		m, err = c.Get(ctx, uid.StudyRootGet, d, func(ctx context.Context, r service.StoreRequest) dimse.Status {
			alive()
			if came++; came > maxInstances { // an archive that does not count
				return dimse.OutOfResources
			}
			return f.opts.Keep(ctx, one.FacilityID, to.AETitle, r)
		}, more)
	}
	switch {
	case errors.As(err, &refused):
		return Refused, true, err
	case err != nil:
		return Unreachable, false, err // what has come of it comes again, and changes nothing
	case m.Status == dimse.MoveDestinationUnknown:
		return Stranger, true, fmt.Errorf("C-MOVE of %s: %s", to.Name, m.Status)
	}
	err = f.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := settle(ctx, tx, one, studyUID, m.Kept(), m.Failed+m.Remaining); err != nil {
			return err
		}
		object := one.StudyID
		if s, err := catalog.StudyByUID(ctx, tx, identity.Everything(), one.FacilityID, studyUID); err == nil {
			object = s.ID
		}
		r := audit.Record{
			Actor: worklist.ActorRouter, Action: "instance.retrieved", Object: object, FacilityID: one.FacilityID,
			Detail: fmt.Sprintf("%d instances of an earlier study sent by %s, %d not, for study %s", m.Kept(), to.Name, m.Failed+m.Remaining, one.StudyID),
		}
		if m.Kept() == 0 {
			r.Outcome = audit.Failure
		}
		return audit.Append(ctx, tx, r)
	})
	if err != nil {
		return Incomplete, false, err
	}
	if m.Kept() == 0 {
		return Incomplete, false, fmt.Errorf("%s of %s: %s", how, to.Name, m.Status)
	}
	return "", false, nil
}

// contexts are those of the question and of both ways to get an answer's images.
func (f *Fetcher) contexts() (list []service.Context, roles []pdu.RoleSelection) {
	if f.opts.Keep != nil {
		list, roles = service.GetContexts(uid.StudyRootGet)
	}
	syntaxes := []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}
	for _, class := range []string{uid.StudyRootFind, uid.StudyRootMove} {
		list = append(list, service.Context{AbstractSyntax: class, TransferSyntaxes: syntaxes})
	}
	return list, roles
}
