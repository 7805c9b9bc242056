package order_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func head() order.Order {
	return order.Order{
		FacilityID: "kaifu", AccessionNumber: "A1", PatientID: "P1", PatientName: "Yamada^Taro=山田^太郎=やまだ^たろう", ProcedureDescription: "頭部CT",
		Step: order.Step{StationAE: "KAIFU_CT", StartDate: "20260706", StartTime: "0930", Modality: "CT"},
	}
}

func create(t *testing.T, d *db.DB, o order.Order) (made order.Order, err error) {
	t.Helper()
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		made, err = order.Create(ctx, tx, o, "tester")
		return err
	})
	return made, err
}

func must(t *testing.T, d *db.DB, o order.Order) order.Order {
	t.Helper()
	made, err := create(t, d, o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func accessions(t *testing.T, d *db.DB, scope identity.Scope, f order.Filter) (list []string) {
	t.Helper()
	for {
		p, err := order.List(t.Context(), d.Read(t.Context()), scope, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range p.Items {
			list = append(list, o.AccessionNumber)
		}
		if f.Cursor = p.Next; p.Next == "" {
			return list
		}
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		t.Helper()
		d := open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU")
		worklisttest.Facility(t, d, "minami", "MINAMI")
		kaifu, minami := identity.Scope{FacilityID: "kaifu"}, identity.Scope{FacilityID: "minami"}

		a := must(t, d, head())
		if a.Step.ID != "A1" || a.ProcedureID != "A1" || a.Step.Description != "頭部CT" || a.Step.StartTime != "093000" || a.Priority != "ROUTINE" || a.StudyInstanceUID == "" {
			t.Errorf("defaults: %+v", a)
		}
		if _, err := create(t, d, head()); !errors.Is(err, order.ErrExists) {
			t.Error("the same step again:", err)
		}
		second := head()
		second.Step.ID, second.Step.StartTime = "2", "10"
		if b := must(t, d, second); b.StudyInstanceUID != a.StudyInstanceUID {
			t.Error("steps of one accession number belong to one study")
		}
		other := head()
		other.FacilityID = "minami"
		theirs := must(t, d, other)
		early := head()
		early.AccessionNumber, early.Step.StartDate = "A0", "20260705"
		must(t, d, early)

		if got := accessions(t, d, kaifu, order.Filter{Limit: 1}); !slices.Equal(got, []string{"A0", "A1", "A1"}) {
			t.Error("pages of one:", got)
		}
		if got := accessions(t, d, identity.Scope{UserID: "somebody"}, order.Filter{}); got != nil {
			t.Error("a reader sees", got)
		}
		if got := accessions(t, d, identity.Everything(), order.Filter{}); len(got) != 4 {
			t.Error("the coordinator sees", got)
		}
		if _, err := order.List(t.Context(), d.Read(t.Context()), kaifu, order.Filter{Cursor: "20260705.x.y"}); !errors.Is(err, order.ErrCursor) {
			t.Error("a cursor of somebody's own:", err)
		}

		// A study under the Study Instance UID, then one under the accession number.
		complete(t, d, "kaifu", a.StudyInstanceUID, "")
		if got := accessions(t, d, kaifu, order.Filter{}); !slices.Equal(got, []string{"A0"}) {
			t.Error("after the study of A1:", got)
		}
		if got := accessions(t, d, kaifu, order.Filter{All: true}); len(got) != 3 {
			t.Error("what is done is kept:", got)
		}
		complete(t, d, "minami", "1.2.3.4", "A0")
		if got := accessions(t, d, kaifu, order.Filter{}); !slices.Equal(got, []string{"A0"}) {
			t.Error("a study of another hospital took it away:", got)
		}
		complete(t, d, "kaifu", "1.2.3.4", "A0")
		if got := accessions(t, d, kaifu, order.Filter{}); got != nil {
			t.Error("after the study of A0:", got)
		}

		for _, c := range []struct {
			scope identity.Scope
			want  error
		}{{kaifu, order.ErrNotFound}, {minami, nil}, {minami, order.ErrCanceled}} {
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				o, err := order.ByID(ctx, tx, c.scope, theirs.ID)
				if err != nil {
					return err
				}
				return order.Cancel(ctx, tx, o, "tester")
			})
			if !errors.Is(err, c.want) {
				t.Errorf("cancel by %+v: %v, want %v", c.scope, err, c.want)
			}
		}
		if got := accessions(t, d, minami, order.Filter{}); got != nil {
			t.Error("canceled and still on the worklist:", got)
		}
		if o, err := order.ByID(t.Context(), d.Read(t.Context()), minami, theirs.ID); err != nil || o.CanceledAt.IsZero() || o.Step.ID != theirs.Step.ID {
			t.Errorf("what was canceled is kept as it was: %+v, %v", o, err)
		}
	})
}

// complete lets a study arrive and be whole.
func complete(t *testing.T, d *db.DB, facility, study, accession string) {
	t.Helper()
	a := worklisttest.Arrive(t, d, worklisttest.Study{Facility: facility, StudyUID: study})
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE studies SET accession_number = $1, release_at = 0 WHERE id = $2`, accession, a.StudyID); err != nil {
			return err
		}
		_, ok, err := catalog.CompleteStudy(ctx, tx, a.StudyID, db.Now())
		if !ok {
			t.Error("the study is not due")
		}
		return err
	})
}

func TestValues(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU")
	for name, change := range map[string]func(*order.Order){
		"Patient ID":                            func(o *order.Order) { o.PatientID = "" },
		"Patient's Name":                        func(o *order.Order) { o.PatientName = "a=b=c=d" },
		"Patient's Birth Date":                  func(o *order.Order) { o.BirthDate = "20260231" },
		"Patient's Sex":                         func(o *order.Order) { o.Sex = "X" },
		"Accession Number":                      func(o *order.Order) { o.AccessionNumber = strings.Repeat("1", 17) },
		"Referring Physician's Name":            func(o *order.Order) { o.ReferringPhysician = "=" },
		"Study Instance UID":                    func(o *order.Order) { o.StudyInstanceUID = "../etc" },
		"Requested Procedure ID":                func(o *order.Order) { o.ProcedureID = `a\b` },
		"Requested Procedure Description":       func(o *order.Order) { o.ProcedureDescription = "a\x1b$B" },
		"Requested Procedure Priority":          func(o *order.Order) { o.Priority = "NOW" },
		"Requested Procedure Comments":          func(o *order.Order) { o.Comments = strings.Repeat("長", 10241) },
		"Scheduled Station AE Title":            func(o *order.Order) { o.Step.StationAE = "病院" },
		"Scheduled Procedure Step Start Date":   func(o *order.Order) { o.Step.StartDate = "-20260101" },
		"Scheduled Procedure Step Start Time":   func(o *order.Order) { o.Step.StartTime = "25" },
		"Modality":                              func(o *order.Order) { o.Step.Modality = "ct" },
		"Scheduled Performing Physician's Name": func(o *order.Order) { o.Step.PerformingPhysician = "a*" },
		"Scheduled Procedure Step Description":  func(o *order.Order) { o.Step.Description = " a" },
		"Scheduled Procedure Step ID":           func(o *order.Order) { o.Step.ID = strings.Repeat("1", 17) },
	} {
		o := head()
		change(&o)
		_, err := create(t, d, o)
		var bad *order.ValueError
		if !errors.As(err, &bad) || bad.Attribute != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU")
	for i, at := range []string{"20260706", "20260707"} {
		o := head()
		o.AccessionNumber, o.Step.StartDate = []string{"A1", "A2"}[i], at
		must(t, d, o)
	}
	w := &order.Worklist{DB: d}
	key := func(day string) *dataset.Dataset {
		k, s := dataset.New(), dataset.New()
		k.SetString(tag.AccessionNumber, "SH")
		s.SetString(tag.ScheduledProcedureStepStartDate, "DA", day)
		k.SetItems(tag.ScheduledProcedureStepSequence, s)
		return k
	}
	find := func(ctx context.Context, peer any, k *dataset.Dataset) (n int, err error) {
		err = w.Find(ctx, service.WorklistQuery{Association: &ul.Association{}, Peer: peer, Identifier: k}, func(*dataset.Dataset) error { n++; return nil })
		return n, err
	}
	status := func(err error) dimse.Status {
		var r *service.Refusal
		if !errors.As(err, &r) {
			t.Fatal(err)
		}
		return r.Status
	}
	kaifu := worklist.Facility{ID: "kaifu"}
	for day, want := range map[string]int{"": 2, "20260706": 1, "20260706-20260708": 2, "20260801-": 0} {
		if n, err := find(t.Context(), kaifu, key(day)); err != nil || n != want {
			t.Errorf("%q: %d matches, %v", day, n, err)
		}
	}
	if n, err := find(t.Context(), worklist.Facility{ID: "minami"}, key("")); err != nil || n != 0 {
		t.Error("another hospital:", n, err)
	}
	if _, err := find(t.Context(), worklist.Workstation{}, key("")); status(err) != dimse.NotAuthorized {
		t.Error("a reader's workstation:", err)
	}
	if _, err := find(t.Context(), kaifu, key("soon")); status(err) != dimse.DataSetMismatchesSOPClass {
		t.Error("a date that is none:", err)
	}
	canceled, cancel := context.WithTimeoutCause(t.Context(), time.Nanosecond, errStopped)
	defer cancel()
	<-canceled.Done()
	if n, err := find(canceled, kaifu, key("")); n != 0 || !errors.Is(err, errStopped) {
		t.Error("canceled:", n, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := find(t.Context(), kaifu, key("")); status(err) != dimse.UnableToProcess {
		t.Error("without a database:", err)
	}
}

var errStopped = errors.New("stopped")
