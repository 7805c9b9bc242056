package retention_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/retention"
)

const reason = "他院の患者の検査を誤って送信したため"

// house is a catalog with images.
type house struct {
	*testing.T
	db        *db.DB
	objects   *fsobject.Store
	in        *ingest.Ingester
	sweeper   *retention.Sweeper
	forgotten []string
	forgot    func()    // is called after each that is forgotten
	now       time.Time // of the images
}

func each(t *testing.T, test func(h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		h := &house{T: t, db: open(t), now: db.Now(), forgot: func() {}}
		var err error
		h.objects, err = fsobject.Open(filepath.Join(t.TempDir(), "objects"), fsobject.Options{Reserve: -1})
		h.must(err)
		t.Cleanup(func() { h.objects.Close() })
		h.in = ingest.New(h.objects, h.db, ingest.Options{Now: func() time.Time { return h.now }})
		h.sweeper = retention.New(h.db, retention.Options{
			Drop: func(ctx context.Context, key string) (bool, error) { return h.in.Drop(ctx, key, 0) },
			Forget: func(seriesID string) error {
				h.forgotten = append(h.forgotten, seriesID)
				h.forgot()
				return nil
			},
		})
		h.exec(`INSERT INTO facilities (id, name, created_at, updated_at) VALUES ('kaifu', '海部', 0, 0)`)
		test(h)
	})
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) exec(q string, args ...any) {
	h.Helper()
	h.must(h.write(func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, q, args...)
		return err
	}))
}

func (h *house) write(fn func(ctx context.Context, tx db.Tx) error) error {
	return h.db.Write(h.Context(), fn)
}

func (h *house) store(study string, n int, text string) string {
	h.Helper()
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", uid.CTImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", fmt.Sprintf("%s.%d", study, n))
	d.SetString(tag.StudyDescription, "LO", text)
	d.SetString(tag.PatientID, "LO", "P-SECRET-7")
	d.SetString(tag.PatientName, "PN", "KAKURE^TARO")
	d.SetString(tag.StudyInstanceUID, "UI", study)
	d.SetString(tag.SeriesInstanceUID, "UI", study+".0")
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	h.must(d.Encode(&b, ts))
	m := ingest.Meta{SOPClassUID: uid.CTImageStorage, SOPInstanceUID: d.String(tag.SOPInstanceUID), TransferSyntaxUID: ts.UID}
	res, err := h.in.Store(h.Context(), ingest.Source{FacilityID: "kaifu", CallingAE: "CT", Quiet: time.Millisecond}, m, &b)
	h.must(err)
	return res.StudyID
}

// study stores a study of three images, one of them twice with other content, and
// completes it.
func (h *house) study(uid string) string {
	h.Helper()
	id := ""
	for n := range 3 {
		id = h.store(uid, n+1, "x")
	}
	h.store(uid, 1, "other content")
	h.complete(id)
	return id
}

func (h *house) complete(id string) {
	h.Helper()
	h.must(h.write(func(ctx context.Context, tx db.Tx) error {
		_, ok, err := catalog.CompleteStudy(ctx, tx, id, db.Now().Add(time.Minute))
		if !ok {
			err = errors.Join(err, errors.New("not due"))
		}
		return err
	}))
}

// report adds a signed report with its Workitem, a document and a message.
func (h *house) report(study string, signed time.Time) {
	h.Helper()
	h.exec(`INSERT INTO workitems (id, study_id, facility_id, sop_instance_uid, state, kind, panel_id, priority, priority_rank, deadline, readiness, created_at)
		VALUES ('w' || $1, $1, 'kaifu', '1.9.' || $1, 'COMPLETED', 'interpretation', 'unassigned', 'ROUTINE', 2, 0, 'READY', 0)`, study)
	h.exec(`INSERT INTO reports (id, study_id, facility_id, workitem_id, version, kind, predecessor_id, author_id, signed_at, content_hash, body)
		VALUES ('r' || $1, $1, 'kaifu', 'w' || $1, 1, 'final', '', 'u', $2, '', 'KAKURE^TARO')`, study, db.Micros(signed))
	h.exec(`INSERT INTO report_documents (report_id, object, instance_id, sop_class_uid, sop_instance_uid, series_instance_uid)
		SELECT 'r' || $1, 'sr', MIN(id), '', '', '' FROM instances WHERE study_id = $1`, study)
	h.exec(`INSERT INTO users (id, login, name, name_en, role, facility_id, license, email, password_hash, disabled, created_at, updated_at)
		VALUES ('u', 'u', '', '', 'reader', '', '', '', '', 0, 0, 0) ON CONFLICT DO NOTHING`)
	h.exec(`INSERT INTO room_messages (id, room_id, study_id, author, at, body, search, media_type, width, height, size, sha256, object_key)
		VALUES ('m' || $1, $1, $1, 'u', 0, 'KAKURE', '', '', 0, 0, 0, '', '')`, study)
	h.exec(`INSERT INTO performed_steps (id, facility_id, sop_instance_uid, study_instance_uid, status, ae_title, attributes, created_at, updated_at)
		SELECT 'p' || id, 'kaifu', '1.8', study_instance_uid, 'COMPLETED', 'CT', 'KAKURE', 0, 0 FROM studies WHERE id = $1`, study)
}

var hospital, coordinator = identity.Scope{FacilityID: "kaifu"}, identity.Scope{All: true}

func (h *house) request(study string) (d retention.Deletion, err error) {
	err = h.write(func(ctx context.Context, tx db.Tx) error {
		d, err = retention.Request(ctx, tx, hospital, "first", study, reason)
		return err
	})
	return d, err
}

func (h *house) approve(id, by string) (d retention.Deletion, err error) {
	err = h.write(func(ctx context.Context, tx db.Tx) error {
		d, err = retention.Approve(ctx, tx, coordinator, by, id)
		return err
	})
	return d, err
}

// none sets the policy of the hospital: nothing is kept, the trash for some days.
func (h *house) none(trash int) {
	h.Helper()
	h.must(h.write(func(ctx context.Context, tx db.Tx) error {
		return retention.SetPolicy(ctx, tx, "kaifu", &retention.Policy{Trash: retention.Period{Days: trash}})
	}))
}

func (h *house) visible(study string) bool {
	h.Helper()
	_, err := catalog.StudyByID(h.Context(), h.db.Read(h.Context()), coordinator, study)
	if err != nil && !errors.Is(err, catalog.ErrNotFound) {
		h.Fatal(err)
	}
	return err == nil
}

func (h *house) objectKeys() (keys []string) {
	h.Helper()
	h.must(h.objects.List(h.Context(), "", "", func(i object.Info) error {
		keys = append(keys, i.Key)
		return nil
	}))
	return keys
}

func TestKeptForItsTime(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		var kept *retention.RetainedError
		study := h.study("1.2.1")
		if _, err := h.request(study); !errors.As(err, &kept) || kept.Until.Before(h.now.AddDate(2, 11, 0)) {
			h.Errorf("images: %v", err)
		}
		h.now = h.now.AddDate(-3, 0, -1) // came three years and a day ago
		old := h.study("1.2.2")
		if _, err := h.request(old); err != nil {
			h.Errorf("after three years: %v", err)
		}
		read := h.study("1.2.3")
		h.report(read, db.Now().AddDate(-4, 0, 0))
		if _, err := h.request(read); !errors.As(err, &kept) || kept.Until.After(db.Now().AddDate(1, 0, 1)) {
			h.Errorf("a report of four years ago: %v", err)
		}
		coming := h.store("1.2.4", 1, "x")
		if _, err := h.request(coming); !errors.Is(err, retention.ErrReceiving) {
			h.Errorf("while it comes in: %v", err)
		}
		h.must(h.write(func(ctx context.Context, tx db.Tx) error {
			st, err := catalog.StudyByID(ctx, tx, identity.Everything(), coming)
			if err != nil {
				return err
			}
			if k, err := retention.Of(ctx, tx, st); err != nil || k.Reason != "receiving" || !k.Until.IsZero() {
				h.Errorf("while it comes in: %+v, %v", k, err)
			}
			return nil
		}))
		// The database itself refuses.
		for _, q := range []string{`DELETE FROM reports`, `DELETE FROM report_documents`, `DELETE FROM room_messages`} {
			err := h.write(func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, q)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "immutable") {
				h.Errorf("%s: %v", q, err)
			}
		}
	})
}

func TestTwoPeopleTrashAndBack(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.none(30)
		study := h.study("1.2.1")
		d, err := h.request(study)
		h.must(err)
		if _, err := h.request(study); !errors.Is(err, retention.ErrOpen) {
			h.Errorf("again: %v", err)
		}
		if _, err := h.approve(d.ID, "first"); !errors.Is(err, retention.ErrSamePerson) || !h.visible(study) {
			h.Errorf("by who asked: %v", err)
		}
		d, err = h.approve(d.ID, "second")
		h.must(err)
		if h.visible(study) || d.SweepAt.Before(db.Now().AddDate(0, 0, 29)) {
			h.Errorf("in the trash: visible %t, until %v", h.visible(study), d.SweepAt)
		}
		if n, err := h.sweeper.Sweep(h.Context()); err != nil || n != 0 {
			h.Errorf("swept %d within the grace time, %v", n, err)
		}
		h.must(h.write(func(ctx context.Context, tx db.Tx) error {
			return retention.Restore(ctx, tx, coordinator, "third", d.ID)
		}))
		if !h.visible(study) {
			h.Error("not restored")
		}
		h.complete(study) // an unread study is released once more

		// What the hospital sends again comes out by itself, be it new or known.
		for n, text := range []string{"x", "new"} {
			d, err = h.request(study)
			h.must(err)
			_, err = h.approve(d.ID, "second")
			h.must(err)
			h.store("1.2.1", []int{2, 9}[n], text)
			if !h.visible(study) {
				h.Errorf("%s image: still in the trash", text)
			}
			h.complete(study)
		}
		list, err := retention.List(h.Context(), h.db.Read(h.Context()), 10)
		h.must(err)
		if len(list) != 3 {
			h.Errorf("%+v", list)
		}
		for _, d := range list {
			if d.State != retention.Restored || d.EndedAt.IsZero() {
				h.Errorf("%+v", d)
			}
		}
	})
}

func TestHold(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.none(0)
		study := h.study("1.2.1")
		d, err := h.request(study)
		h.must(err)
		_, err = h.approve(d.ID, "second")
		h.must(err)
		h.must(h.write(func(ctx context.Context, tx db.Tx) error {
			return retention.PlaceHold(ctx, tx, coordinator, "third", study, "医療訴訟のため保全が必要")
		}))
		if !h.visible(study) {
			h.Error("a held study stays in the trash")
		}
		h.complete(study)
		if _, err := h.request(study); !errors.Is(err, retention.ErrHeld) {
			h.Errorf("held: %v", err)
		}
		h.must(h.write(func(ctx context.Context, tx db.Tx) error {
			return retention.ReleaseHold(ctx, tx, coordinator, "third", study)
		}))
		if _, err := h.request(study); err != nil {
			h.Errorf("released: %v", err)
		}
	})
}

// After the sweep nothing tells of the patient: no row of any table, no object. What
// belongs to others stays.
func TestSwept(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		other := h.store("1.2.9", 1, "of somebody else's study")
		h.exec(`UPDATE patients SET name = '', patient_id = 'other'`)
		h.exec(`UPDATE studies SET patient_name = '', patient_id = '', search = ''`)
		h.exec(`DELETE FROM study_names`)
		h.exec(`DELETE FROM study_words`)
		study := h.study("1.2.1")
		h.report(study, db.Now())
		before := len(h.objectKeys())
		h.none(0)
		d, err := h.request(study)
		h.must(err)
		_, err = h.approve(d.ID, "second")
		h.must(err)
		if n, err := h.sweeper.Sweep(h.Context()); err != nil || n != 1 {
			h.Fatalf("%d swept, %v", n, err)
		}
		if left := len(h.objectKeys()); before != 5 || left != 1 {
			h.Errorf("%d objects of %d are left", left, before)
		}
		for table, text := range h.everything() {
			if strings.Contains(text, "KAKURE") || strings.Contains(text, "P-SECRET") {
				h.Errorf("%s still names the patient: %s", table, text)
			}
			if strings.Contains(text, study) && table != "deletions" && table != "audit" && table != "events" {
				h.Errorf("%s still has the study: %s", table, text)
			}
		}
		if !h.visible(other) {
			h.Error("another study is gone")
		}
		list, err := retention.List(h.Context(), h.db.Read(h.Context()), 10)
		h.must(err)
		if len(list) != 1 || list[0].State != retention.Swept || list[0].Objects != 4 || list[0].Bytes == 0 {
			h.Errorf("%+v", list)
		}
		ctx, cancel := context.WithTimeout(h.Context(), time.Minute)
		defer cancel()
		h.forgot = cancel
		h.must(h.sweeper.RunForget(ctx))
		if len(h.forgotten) != 1 {
			h.Errorf("forgotten: %v", h.forgotten)
		}
		// The same study may come again.
		if again := h.store("1.2.1", 1, "x"); again == study || !h.visible(again) {
			h.Error("sent again and not there")
		}
	})
}

// A deletion that cannot be carried out holds up no other, neither with its rows nor with
// its objects.
func TestSweepGoesOnBehindOneThatFails(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.none(0)
		var studies, deletions []string
		for _, uid := range []string{"1.2.1", "1.2.2", "1.2.3"} {
			study := h.study(uid)
			d, err := h.request(study)
			h.must(err)
			_, err = h.approve(d.ID, "second")
			h.must(err)
			studies, deletions = append(studies, study), append(deletions, d.ID)
		}
		h.exec(`UPDATE studies SET trashed_at = 0 WHERE id = $1`, studies[0]) // of which nobody knows how
		stuck := h.column(`SELECT MIN(object_key) FROM instances WHERE study_id = $1`, studies[1])[0]
		s := retention.New(h.db, retention.Options{
			Drop: func(ctx context.Context, key string) (bool, error) {
				if key == stuck {
					return false, errors.New("AccessDenied")
				}
				return h.in.Drop(ctx, key, 0)
			},
			Forget: func(string) error { return nil },
		})
		n, err := s.Sweep(h.Context())
		if n != 2 || err == nil || !strings.Contains(err.Error(), deletions[0]) || !strings.Contains(err.Error(), deletions[1]) {
			h.Errorf("%d swept, %v", n, err)
		}
		for k, want := range []retention.State{retention.Trashed, retention.Sweeping, retention.Swept} {
			if got := h.column(`SELECT state FROM deletions WHERE id = $1`, deletions[k]); got[0] != string(want) {
				h.Errorf("deletion %d is %s, want %s", k, got[0], want)
			}
		}
	})
}

// everything is the text of all rows by table.
func (h *house) everything() map[string]string {
	h.Helper()
	q := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if h.db.Engine() == "postgres" {
		q = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`
	}
	all := map[string]string{}
	for _, name := range h.column(q) {
		rows, err := h.db.Read(h.Context()).QueryContext(h.Context(), `SELECT * FROM `+name)
		h.must(err)
		columns, err := rows.Columns()
		h.must(err)
		for rows.Next() {
			values, to := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				to[i] = &values[i]
			}
			h.must(rows.Scan(to...))
			all[name] += fmt.Sprintln(values...)
		}
		h.must(errors.Join(rows.Err(), rows.Close()))
	}
	return all
}

func (h *house) column(q string, args ...any) (list []string) {
	h.Helper()
	rows, err := h.db.Read(h.Context()).QueryContext(h.Context(), q, args...)
	h.must(err)
	defer rows.Close()
	for rows.Next() {
		var s string
		h.must(rows.Scan(&s))
		list = append(list, s)
	}
	h.must(rows.Err())
	return list
}

// Whatever hangs below a study is found by an index, or deleting one study would read
// all of the others.
func TestReferencesAreIndexed(t *testing.T) {
	t.Parallel()
	h := &house{T: t, db: dbtest.Open(t, filepath.Join(t.TempDir(), "dokuei.db"))}
	seen := map[string]bool{}
	var walk func(table string)
	walk = func(table string) {
		if seen[table] {
			return
		}
		seen[table] = true
		for _, r := range h.column(`SELECT m.name || ' ' || f."from" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" = $1`, table) {
			child, column, _ := strings.Cut(r, " ")
			indexed := h.column(`SELECT i.name FROM pragma_index_list($1) i JOIN pragma_index_info(i.name) c WHERE c.seqno = 0 AND c.name = $2 AND i.partial = 0
				UNION SELECT name FROM pragma_table_info($1) WHERE name = $2 AND pk = 1`, child, column)
			if len(indexed) == 0 {
				t.Errorf("%s.%s refers to %s and has no index", child, column, table)
			}
			walk(child)
		}
	}
	walk("studies")
	if len(seen) < 20 {
		t.Errorf("only %d tables hang below studies", len(seen))
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"5y", "90d", "0d"} {
		if p, err := retention.ParsePeriod(s); err != nil || p.String() != s {
			t.Errorf("%s became %v, %v", s, p, err)
		}
	}
	for _, s := range []string{"", "5", "y", "-1d", "5y3d", "1000y", "５y"} {
		if _, err := retention.ParsePeriod(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
	leap := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	if got := (retention.Period{Years: 1}).After(leap); got.Before(leap.AddDate(0, 0, 366)) {
		t.Errorf("a year after a leap day ends %v", got)
	}
}
