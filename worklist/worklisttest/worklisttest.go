// Package worklisttest gives tests of worklist and of the rooms above it a
// database with a small directory and studies that arrive in it.
package worklisttest

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Open opens a fresh database that is closed at the end of the test.
func Open(t testing.TB) *db.DB {
	t.Helper()
	return OpenAt(t, filepath.Join(t.TempDir(), "dokuei.db"))
}

// OpenAt opens the database at a path, as a process that starts does.
func OpenAt(t testing.TB, path string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() }) // closed twice by tests that end a process
	return d
}

// Write runs fn in a transaction that must succeed.
func Write(t testing.TB, d *db.DB, fn func(ctx context.Context, tx db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// Exec runs one statement.
func Exec(t testing.TB, d *db.DB, statement string, args ...any) {
	t.Helper()
	Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
}

// Facility adds a facility with one AE title, its ID in capitals.
func Facility(t testing.TB, d *db.DB, id, aeTitle string) {
	t.Helper()
	Exec(t, d, `INSERT INTO facilities (id, name, name_en, quiet_ms, created_at, updated_at) VALUES ($1, $1, '', 3000, 0, 0)`, id)
	Exec(t, d, `INSERT INTO facility_ae_titles (ae_title, facility_id, position) VALUES ($1, $2, 0)`, aeTitle, id)
}

// Panel adds a panel with readers and returns the IDs of the readers, who are
// made when their logins are new.
func Panel(t testing.TB, d *db.DB, id string, logins ...string) []string {
	t.Helper()
	var ids []string
	Exec(t, d, `INSERT INTO panels (id, name, created_at, updated_at) VALUES ($1, $1, 0, 0)`, id)
	Write(t, d, func(ctx context.Context, tx db.Tx) error {
		ids = nil
		for _, login := range logins {
			u, err := identity.UserByLogin(ctx, tx, login)
			if err != nil {
				if u.ID, err = identity.CreateUser(ctx, tx, identity.User{Login: login, Name: login, Role: identity.Reader}); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO panel_members (panel_id, user_id) VALUES ($1, $2)`, id, u.ID); err != nil {
				return err
			}
			ids = append(ids, u.ID)
		}
		return nil
	})
	return ids
}

// Destination adds a destination and returns its ID.
func Destination(t testing.TB, d *db.DB, facility, name, ae, host string, port int, objects string) string {
	t.Helper()
	id := db.NewID()
	Exec(t, d, `INSERT INTO destinations (id, facility_id, name, ae_title, host, port, objects, created_at, updated_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)`, id, facility, name, ae, host, port, objects)
	return id
}

// Study is what the next instance of a study says; zero values are filled in.
type Study struct {
	Facility    string
	StudyUID    string
	PatientID   string
	Name        string
	Modality    string
	BodyPart    string
	Description string
	Request     string
	BirthDate   string
	Sex         string
	Declared    int
	Quiet       time.Duration
	Origin      catalog.Origin
	SOPClass    string
	ObjectKey   string
	SOPUID      string
	Accession   string
	Date        string // DA; empty: 1 April 2026
}

// Arrive lets one instance of a study arrive now.
func Arrive(t testing.TB, d *db.DB, s Study) catalog.Arrived {
	t.Helper()
	var out catalog.Arrived
	Write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
		out, err = s.arrive(ctx, tx)
		return err
	})
	return out
}

// ArriveMany lets one instance of each of many new studies arrive, in one
// transaction.
func ArriveMany(t testing.TB, d *db.DB, count int, s Study) {
	t.Helper()
	Write(t, d, func(ctx context.Context, tx db.Tx) error {
		for range count {
			if _, err := s.arrive(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s Study) arrive(ctx context.Context, tx db.Tx) (catalog.Arrived, error) {
	s = s.filled()
	now := db.Now()
	out, err := catalog.Arrive(ctx, tx, catalog.Arrival{
		Study: catalog.Study{
			FacilityID: s.Facility, StudyInstanceUID: s.StudyUID, Description: s.Description, BodyPart: s.BodyPart,
			RequestText: s.Request, StudyDate: s.Date, AccessionNumber: s.Accession, DeclaredInstances: s.Declared,
			Patient: catalog.Patient{FacilityID: s.Facility, PatientID: s.PatientID, Name: s.Name, BirthDate: s.BirthDate, Sex: s.Sex},
		},
		Series: catalog.Series{
			SeriesInstanceUID: fmt.Sprint(s.StudyUID, ".1.", len(s.Modality)), Modality: s.Modality, BodyPart: s.BodyPart, Origin: s.Origin,
		},
		Instance: catalog.Instance{
			FacilityID: s.Facility, SOPClassUID: s.SOPClass, SOPInstanceUID: s.SOPUID, TransferSyntaxUID: uid.ExplicitVRLittleEndian,
			ObjectKey: s.ObjectKey, SHA256: db.NewID(), Size: 1, Origin: s.Origin, ReceivedAt: now,
		},
		Quiet: s.Quiet, Now: now,
	})
	if err != nil {
		return catalog.Arrived{}, err
	}
	kind := catalog.EventInstanceStored
	if out.Reopened {
		kind = catalog.EventStudyReopened
	}
	return out, catalog.AppendEvent(ctx, tx, catalog.Event{Kind: kind, FacilityID: s.Facility, StudyID: out.StudyID, Ref: out.InstanceID})
}

func (s Study) filled() Study {
	or := func(v *string, instead string) {
		if *v == "" {
			*v = instead
		}
	}
	or(&s.StudyUID, uid.New())
	or(&s.Date, "20260401")
	or(&s.PatientID, "P1")
	or(&s.Name, "YAMADA^TARO=山田^太郎")
	or(&s.Modality, "CT")
	or(&s.SOPClass, "1.2.840.10008.5.1.4.1.1.2")
	or(&s.SOPUID, uid.New())
	or(&s.ObjectKey, "k/"+db.NewID()+".dcm")
	if s.Quiet == 0 {
		s.Quiet = 3 * time.Second
	}
	if s.Origin == "" {
		s.Origin = catalog.Received
	}
	return s
}

// Item makes a study arrive and an item of it on a panel.
func Item(t testing.TB, d *db.DB, s Study, n worklist.New) worklist.Workitem {
	t.Helper()
	return Items(t, d, 1, s, n)[0]
}

// Items makes many, each of a new study when s names none, in one transaction.
func Items(t testing.TB, d *db.DB, count int, s Study, n worklist.New) []worklist.Workitem {
	t.Helper()
	items := make([]worklist.Workitem, count)
	Write(t, d, func(ctx context.Context, tx db.Tx) error {
		for i := range items {
			a, err := s.arrive(ctx, tx)
			if err != nil {
				return err
			}
			n.StudyID, n.FacilityID = a.StudyID, s.Facility
			if n.Deadline.IsZero() {
				n.Deadline = db.Now().Add(time.Hour)
			}
			if items[i], err = worklist.Create(ctx, tx, n); err != nil {
				return err
			}
		}
		return nil
	})
	return items
}

// Kinds lists the kinds of the events about a study, in order.
func Kinds(t testing.TB, d *db.DB, studyID string) []string {
	t.Helper()
	var kinds []string
	events, err := catalog.EventsAfter(context.Background(), d.Read(context.Background()), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.StudyID == studyID {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}
