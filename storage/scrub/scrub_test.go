package scrub_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

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
	"github.com/dokuei/dokuei/storage/object/objecttest"
	"github.com/dokuei/dokuei/storage/scrub"
)

type place struct {
	*testing.T
	db      *db.DB
	objects *fsobject.Store
	replica *fsobject.Store
	root    string
	list    []catalog.Instance
}

// each runs test on both engines with n stored images that a replica has too.
func each(t *testing.T, n int, test func(p *place)) {
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		d := open(t)
		p := &place{T: t, db: d, root: t.TempDir()}
		var err1, err2 error
		p.objects, err1 = fsobject.Open(p.root, fsobject.Options{Reserve: -1})
		p.replica, err2 = fsobject.Open(t.TempDir(), fsobject.Options{Reserve: -1})
		p.must(errors.Join(err1, err2))
		t.Cleanup(func() { p.objects.Close(); p.replica.Close() })
		in := ingest.New(p.objects, d, ingest.Options{})
		for k := range n {
			p.store(in, k)
		}
		p.list, err1 = catalog.InstancesAfter(t.Context(), d.Read(t.Context()), identity.Everything(), "", 1000)
		p.must(err1)
		for _, i := range p.list {
			b, err := objecttest.Get(t.Context(), p.objects, i.ObjectKey)
			p.must(errors.Join(err, objecttest.Put(t.Context(), p.replica, i.ObjectKey, b)))
		}
		test(p)
	})
}

func (p *place) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

func (p *place) store(in *ingest.Ingester, n int) {
	p.Helper()
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", uid.CTImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", fmt.Sprintf("1.2.3.4.%d", n))
	d.SetString(tag.PatientID, "LO", "P1")
	d.SetString(tag.StudyInstanceUID, "UI", "1.2.3")
	d.SetString(tag.SeriesInstanceUID, "UI", "1.2.3.4")
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	p.must(d.Encode(&b, ts))
	m := ingest.Meta{SOPClassUID: uid.CTImageStorage, SOPInstanceUID: d.String(tag.SOPInstanceUID), TransferSyntaxUID: ts.UID}
	_, err := in.Store(p.Context(), ingest.Source{FacilityID: "kaifu", CallingAE: "CT"}, m, io.Reader(&b))
	p.must(err)
}

func (p *place) file(n int) string {
	return filepath.Join(p.root, "objects", filepath.FromSlash(p.list[n].ObjectKey))
}

func (p *place) count(query string) (n int) {
	p.Helper()
	p.must(p.db.Read(p.Context()).QueryRowContext(p.Context(), query).Scan(&n))
	return n
}

func (p *place) pass(opt scrub.Options) (objects, damaged, mended int) {
	p.Helper()
	opt.Rate = 1 << 40
	opt.Done = func(c scrub.Counted) {
		objects++
		if c.Damaged {
			damaged++
		}
		if c.Mended {
			mended++
		}
	}
	p.must(scrub.New(p.db, p.objects, opt).Pass(p.Context()))
	return objects, damaged, mended
}

func (p *place) damage() {
	p.Helper()
	b, err := os.ReadFile(p.file(0))
	p.must(err)
	b[len(b)-1] ^= 1
	p.must(errors.Join(os.WriteFile(p.file(0), b, 0o600), os.Remove(p.file(1))))
}

const open = `SELECT COUNT(*) FROM damages WHERE mended_at = 0`

func TestDamageIsFoundOnceAndMended(t *testing.T) {
	t.Parallel()
	each(t, 3, func(p *place) {
		if objects, damaged, _ := p.pass(scrub.Options{}); objects != 3 || damaged != 0 {
			p.Errorf("whole: %d objects, %d damaged", objects, damaged)
		}
		p.damage()
		for range 2 {
			if _, damaged, mended := p.pass(scrub.Options{}); damaged != 2 || mended != 0 {
				p.Errorf("%d damaged, %d mended", damaged, mended)
			}
		}
		if n := p.count(open); n != 2 {
			p.Errorf("%d damages", n)
		}
		if n := p.count(`SELECT COUNT(*) FROM events WHERE kind = 'instance.damaged'`); n != 2 {
			p.Errorf("%d events", n)
		}
		p.must(p.replica.Delete(p.Context(), p.list[1].ObjectKey)) // the replica lacks one
		if _, damaged, mended := p.pass(scrub.Options{Replica: p.replica}); damaged != 2 || mended != 1 {
			p.Errorf("%d damaged, %d mended", damaged, mended)
		}
		if n := p.count(open); n != 1 {
			p.Errorf("%d damages after the repair", n)
		}
		whole, err := objecttest.Get(p.Context(), p.replica, p.list[0].ObjectKey)
		p.must(err)
		if back, err := objecttest.Get(p.Context(), p.objects, p.list[0].ObjectKey); err != nil || !bytes.Equal(back, whole) {
			p.Errorf("put back: %d bytes, %v", len(back), err)
		}
		p.store(ingest.New(p.objects, p.db, ingest.Options{}), 1) // sent again, which mends it
		if _, damaged, _ := p.pass(scrub.Options{}); damaged != 0 || p.count(open) != 0 {
			p.Errorf("%d damaged", damaged)
		}
		// By hand: the next pass sees it.
		p.damage()
		if _, damaged, _ := p.pass(scrub.Options{}); damaged != 2 || p.count(open) != 2 {
			p.Errorf("%d damaged anew", damaged)
		}
		p.must(objecttest.Put(p.Context(), p.objects, p.list[0].ObjectKey, whole))
		if _, damaged, _ := p.pass(scrub.Options{}); damaged != 1 || p.count(open) != 1 {
			p.Errorf("%d damaged after a repair by hand", damaged)
		}
	})
}

// An object that the store answers for with an error of its own stops nobody at it for
// ever; a store that is away does.
func TestOneThatCannotBeRead(t *testing.T) {
	t.Parallel()
	each(t, 3, func(p *place) {
		var err error
		away := false
		h := &objecttest.Hooked{Store: p.objects, Before: func(_ context.Context, c objecttest.Call) error {
			if c.Key == p.list[0].ObjectKey && (c.Method == "open" || away) {
				return err
			}
			return nil
		}}
		read := 0
		opt := scrub.Options{Rate: 1 << 40, Done: func(scrub.Counted) { read++ }}
		err = errors.New("AccessDenied")
		p.must(scrub.New(p.db, h, opt).Pass(p.Context()))
		if read != 2 || p.count(open) != 0 {
			p.Errorf("%d read, %d damages", read, p.count(open))
		}
		err = &object.UnavailableError{Err: errors.New("InternalError")}
		p.must(scrub.New(p.db, h, opt).Pass(p.Context()))
		if read != 4 || p.count(open) != 0 {
			p.Errorf("of a bucket: %d read, %d damages", read, p.count(open))
		}
		away = true
		if got := scrub.New(p.db, h, opt).Pass(p.Context()); !errors.Is(got, err) || read != 4 {
			p.Errorf("%v, %d read", got, read)
		}
	})
}

// A replica that is rotten itself mends nothing, and takes nothing away.
func TestRottenReplica(t *testing.T) {
	t.Parallel()
	each(t, 2, func(p *place) {
		p.damage()
		before, err := os.ReadFile(p.file(0))
		p.must(err)
		for _, i := range p.list {
			p.must(objecttest.Put(p.Context(), p.replica, i.ObjectKey, []byte("rotten")))
		}
		if _, damaged, mended := p.pass(scrub.Options{Replica: p.replica}); damaged != 2 || mended != 0 {
			p.Errorf("%d damaged, %d mended", damaged, mended)
		}
		if after, err := os.ReadFile(p.file(0)); err != nil || !bytes.Equal(before, after) {
			p.Errorf("what was there has changed: %v", err)
		}
	})
}

// stubborn fails once it has been asked n times: no damage, and the next pass goes
// on where this one was.
type stubborn struct {
	object.Store
	left int
}

func (s *stubborn) Open(ctx context.Context, key string) (object.Object, error) {
	if s.left--; s.left < 0 {
		return nil, errors.New("no network")
	}
	return s.Store.Open(ctx, key)
}

func TestGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	each(t, 250, func(p *place) {
		err := scrub.New(p.db, &stubborn{p.objects, 130}, scrub.Options{Rate: 1 << 40}).Pass(p.Context())
		if err == nil {
			p.Error("an error of the store was swallowed")
		}
		if n := p.count(open); n != 0 {
			p.Errorf("%d damages of a store that did not answer", n)
		}
		if objects, _, _ := p.pass(scrub.Options{}); objects != 150 {
			p.Errorf("%d objects read after the break, want those after the page", objects)
		}
		if objects, _, _ := p.pass(scrub.Options{}); objects != 250 {
			p.Errorf("%d objects in the next pass", objects)
		}
	})
}

// A picture said in a room is read, found missing and put back like an image.
func TestPicturesOfRooms(t *testing.T) {
	t.Parallel()
	each(t, 1, func(p *place) {
		const key = "kaifu/rooms/picture"
		sum := sha256.Sum256([]byte("a picture"))
		p.must(errors.Join(objecttest.Put(p.Context(), p.objects, key, []byte("a picture")), objecttest.Put(p.Context(), p.replica, key, []byte("a picture"))))
		p.must(p.db.Write(p.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO users (id, login, name, name_en, role, facility_id, license, email, password_hash, disabled, created_at, updated_at)
				VALUES ('u', 'u', '', '', 'reader', '', '', '', '', 0, 0, 0)`)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO room_messages (id, room_id, study_id, author, at, body, search, media_type, width, height, size, sha256, object_key)
				SELECT 'm', id, id, 'u', 0, '', '', 'image/png', 1, 1, 9, $1, $2 FROM studies`, hex.EncodeToString(sum[:]), key)
			return err
		}))
		if objects, damaged, _ := p.pass(scrub.Options{}); objects != 2 || damaged != 0 {
			p.Errorf("whole: %d objects, %d damaged", objects, damaged)
		}
		p.must(p.objects.Delete(p.Context(), key))
		v, err := ingest.New(p.objects, p.db, ingest.Options{}).Verify(p.Context(), ingest.VerifyOptions{}, func(d ingest.Damage) error {
			if d.ObjectKey != key || !d.Missing {
				p.Errorf("%+v", d)
			}
			return nil
		})
		if err != nil || v.Objects != 2 || v.Damaged != 1 {
			p.Errorf("verify: %+v, %v", v, err)
		}
		p.pass(scrub.Options{})
		found, err := scrub.Found(p.Context(), p.db.Read(p.Context()), 10)
		if err != nil || len(found) != 1 || found[0].MessageID != "m" || found[0].FacilityID != "kaifu" || !found[0].Missing {
			p.Errorf("%+v, %v", found, err)
		}
		if _, damaged, mended := p.pass(scrub.Options{Replica: p.replica}); damaged != 1 || mended != 1 || p.count(open) != 0 {
			p.Errorf("%d damaged, %d mended, %d open", damaged, mended, p.count(open))
		}
	})
}
