package loop_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// signed sends a study and signs its report with a critical finding.
func signed(t *testing.T, h *reportstest.House, patient string) *reports.Report {
	t.Helper()
	s := h.SendStudy(t, "kaifu", patient, 1)
	reader := h.Principal(t, "sato")
	h.Claim(t, s.WorkitemID, reader)
	d := h.Draft(t, s.WorkitemID, reader, reports.Sections{Findings: "右被殻に高吸収域。", Impression: "右被殻出血。"})
	r, err := reports.Sign(t.Context(), reports.Deps{DB: h.DB, Objects: h.Objects, Ingest: h.Ingest, Writers: []reports.Writer{sr.Writer{}}}, reader, s.WorkitemID, d.Revision)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// doctor makes an account of a hospital.
func doctor(t *testing.T, h *reportstest.House, login, name, nameEn string) identity.Principal {
	t.Helper()
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := identity.CreateUser(ctx, tx, identity.User{Login: login, Name: name, NameEn: nameEn, Role: identity.Hospital, FacilityID: "kaifu"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return h.Principal(t, login)
}

// corrected signs a correction of a study's report that says the same critical thing.
func corrected(t *testing.T, h *reportstest.House, study string) *reports.Report {
	t.Helper()
	reader, id := h.Principal(t, "sato"), ""
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		w, err := worklist.Create(ctx, tx, worklist.New{StudyID: study, FacilityID: "kaifu", PanelID: reader.PanelIDs[0], Purpose: worklist.Correction, Deadline: db.Now()})
		if err != nil {
			return err
		}
		id = w.ID
		_, err = worklist.Claim(ctx, tx, id, reader.UserID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d := h.Draft(t, id, reader, reports.Sections{Reason: "大きさの追記。", Findings: "右被殻に高吸収域。", Impression: "右被殻出血。"})
	r, err := reports.Sign(t.Context(), reports.Deps{DB: h.DB, Objects: h.Objects, Ingest: h.Ingest, Writers: []reports.Writer{sr.Writer{}}}, reader, id, d.Revision)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func record(t *testing.T, h *reportstest.House, p identity.Principal, report string, step loop.Step) (counts bool, err error) {
	t.Helper()
	err = h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		counts, err = loop.Record(ctx, tx, p, report, step, "")
		return err
	})
	return counts, err
}

func unread(t *testing.T, h *reportstest.House, p identity.Principal) []string {
	t.Helper()
	list, err := loop.Unread(t.Context(), h.DB.Read(t.Context()), p.Scope())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range list {
		out = append(out, i.ReportID)
	}
	return out
}

func kinds(t *testing.T, h *reportstest.House, study string) []string {
	t.Helper()
	all, err := catalog.EventsAfter(t.Context(), h.DB.Read(t.Context()), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range all {
		if e.StudyID == study {
			out = append(out, e.Kind)
		}
	}
	return out
}

func TestLoop(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		t.Helper()
		h := reportstest.NewHouseOn(t, open(t))
		// The images say TAKAHASHI^JIRO=高橋^二郎: the account is of the same doctor.
		orderer := doctor(t, h, "takahashi", "髙橋 二郎", "Jiro Takahashi")
		colleague := doctor(t, h, "mori", "森 一", "Hajime Mori")
		stranger, coordinator := h.Principal(t, "mima"), h.Principal(t, "coord")

		t.Run("a stranger's opening never counts", func(t *testing.T) {
			r := signed(t, h, "L-1")
			if counts, err := record(t, h, colleague, r.ID, loop.Opened); err != nil || counts {
				t.Errorf("a colleague's opening counts: %t, %v", counts, err)
			}
			if _, err := record(t, h, colleague, r.ID, loop.Acknowledged); !errors.Is(err, loop.ErrNotOrderer) {
				t.Errorf("a colleague acknowledges: %v", err)
			}
			if _, err := record(t, h, stranger, r.ID, loop.Opened); !errors.Is(err, loop.ErrNotFound) {
				t.Errorf("another hospital opens: %v", err)
			}
			if !slices.Contains(unread(t, h, orderer), r.ID) || !slices.Contains(unread(t, h, coordinator), r.ID) || len(unread(t, h, stranger)) != 0 {
				t.Error("the list of the unread is not that of its hospital")
			}
			if counts, err := record(t, h, orderer, r.ID, loop.Opened); err != nil || !counts {
				t.Errorf("the orderer's opening does not count: %v", err)
			}
			if !slices.Contains(unread(t, h, orderer), r.ID) {
				t.Error("an opened report counts as acknowledged")
			}
			for range 2 {
				if _, err := record(t, h, orderer, r.ID, loop.Acknowledged); err != nil {
					t.Fatal(err)
				}
			}
			if slices.Contains(unread(t, h, orderer), r.ID) {
				t.Error("acknowledged and still unread")
			}
			c, err := loop.CriticalsOfStudy(t.Context(), h.DB.Read(t.Context()), coordinator.Scope(), r.StudyID)
			if err != nil || len(c) != 1 || c[0].ClosedAt.IsZero() {
				t.Errorf("the orderer's acknowledgement left the finding open: %+v, %v", c, err)
			}
		})

		t.Run("the hospital names the orderer", func(t *testing.T) {
			r := signed(t, h, "L-2")
			name := func(p identity.Principal, user string) error {
				return h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return loop.Name(ctx, tx, p, r.StudyID, user) })
			}
			if err := name(colleague, stranger.UserID); !errors.Is(err, loop.ErrNoSuchDoctor) {
				t.Errorf("an account of another hospital: %v", err)
			}
			if err := name(stranger, stranger.UserID); !errors.Is(err, catalog.ErrNotFound) {
				t.Errorf("named by another hospital: %v", err)
			}
			if err := name(orderer, colleague.UserID); err != nil {
				t.Fatal(err)
			}
			if _, err := record(t, h, orderer, r.ID, loop.Acknowledged); !errors.Is(err, loop.ErrNotOrderer) {
				t.Errorf("who handed over still acknowledges: %v", err)
			}
			if counts, err := record(t, h, colleague, r.ID, loop.Acted); err != nil || !counts {
				t.Errorf("the one named does not count: %v", err)
			}
			list, err := loop.OfStudy(t.Context(), h.DB.Read(t.Context()), orderer.Scope(), r.StudyID)
			if err != nil || len(list) != 1 || list[0].OpenedAt.IsZero() || list[0].AcknowledgedAt.IsZero() || list[0].ActedAt.IsZero() {
				t.Errorf("acted on without the steps before: %+v, %v", list, err)
			}
		})

		t.Run("a correction takes the place of what nobody was told of", func(t *testing.T) {
			r := corrected(t, h, signed(t, h, "L-4").StudyID)
			versions, err := loop.OfStudy(t.Context(), h.DB.Read(t.Context()), orderer.Scope(), r.StudyID)
			if err != nil || len(versions) != 2 || versions[0].Importance != 0 || versions[1].Importance != 0 {
				t.Errorf("versions %+v, %v", versions, err)
			}
			if _, err := record(t, h, orderer, r.ID, loop.Acknowledged); err != nil {
				t.Fatal(err)
			}
			c, err := loop.CriticalsOfStudy(t.Context(), h.DB.Read(t.Context()), coordinator.Scope(), r.StudyID)
			if err != nil || len(c) != 1 || c[0].ClosedAt.IsZero() {
				t.Errorf("who has read the correction is told of it again: %+v, %v", c, err)
			}
		})

		t.Run("unacknowledged escalates once", func(t *testing.T) {
			r := signed(t, h, "L-3")
			w := &loop.Watch{DB: h.DB, Log: slog.New(slog.DiscardHandler)}
			reader := h.Principal(t, "sato")
			find := func() loop.Critical {
				t.Helper()
				c, err := loop.CriticalsOfStudy(t.Context(), h.DB.Read(t.Context()), coordinator.Scope(), r.StudyID)
				if err != nil || len(c) != 1 {
					t.Fatalf("criticals %+v, %v", c, err)
				}
				return c[0]
			}
			c := find()
			if c.Level != "red" || !c.Deadline.Equal(r.SignedAt.Add(time.Hour)) {
				t.Errorf("critical %+v", c)
			}
			tell := func(x loop.Contact) error {
				return h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return loop.Tell(ctx, tx, reader, c.ID, x) })
			}
			if err := tell(loop.Contact{Told: "当直医", How: "phone"}); err != nil { // nobody answered
				t.Fatal(err)
			}
			if err := tell(loop.Contact{Told: "当直医", How: "phone", ReadBack: true}); !errors.Is(err, loop.ErrStep) {
				t.Errorf("read back by one who was not reached: %v", err)
			}
			for _, at := range []time.Duration{59 * time.Minute, time.Hour, 2 * time.Hour, 2*time.Hour + time.Minute} {
				if err := w.Look(t.Context(), r.SignedAt.Add(at)); err != nil {
					t.Fatal(err)
				}
			}
			if c = find(); !c.EscalatedAt.Equal(r.SignedAt.Add(time.Hour)) || len(c.Contacts) != 1 {
				t.Errorf("escalated at %v", c.EscalatedAt)
			}
			count := func(kind string) (n int) {
				for _, k := range kinds(t, h, r.StudyID) {
					if k == kind {
						n++
					}
				}
				return n
			}
			if count(loop.EventEscalated) != 1 || count(loop.EventReminder) != 1 {
				t.Errorf("told %d escalations, %d reminders: %v", count(loop.EventEscalated), count(loop.EventReminder), kinds(t, h, r.StudyID))
			}
			if err := tell(loop.Contact{Told: "髙橋医師", How: "phone", Reached: true, ReadBack: true}); err != nil {
				t.Fatal(err)
			}
			if c = find(); c.ClosedAt.IsZero() || len(c.Contacts) != 2 || count(loop.EventClosed) != 1 {
				t.Errorf("read back and still open: %+v", c)
			}
			if err := tell(loop.Contact{Told: "x", How: "phone"}); !errors.Is(err, loop.ErrClosed) {
				t.Errorf("told after it was closed: %v", err)
			}
			if !slices.Contains(unread(t, h, orderer), r.ID) {
				t.Error("a telephone call acknowledged the report")
			}
		})
	})
}
