package ingest_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

// Who sends an image again that is not whole here any more hears Success when it is:
// whether it is gone, cut, or known to have rotted.
func TestSentAgainMends(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(s *site, key string, whole []byte) error{
		"gone": func(s *site, key string, _ []byte) error { return s.objects.Delete(t.Context(), key) },
		"cut":  func(s *site, key string, whole []byte) error { return put(t.Context(), s, key, whole[:100]) },
		"rotten": func(s *site, key string, whole []byte) error {
			whole[len(whole)-1] ^= 1
			return put(t.Context(), s, key, whole)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			first := s.mustStore(kaifu, ct(1))
			s.pass(72 * time.Hour) // another day: the object would have another key
			i, err := catalog.InstanceByID(t.Context(), s.db.Read(t.Context()), identity.Everything(), first.InstanceID)
			s.must(err)
			whole, err := objecttest.Get(t.Context(), s.objects, i.ObjectKey)
			s.must(err)
			s.must(harm(s, i.ObjectKey, bytes.Clone(whole)))
			s.must(s.db.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, `INSERT INTO damages (object_key, instance_id, missing, found_at, mended_at, mended_by) VALUES ($1, $2, 0, 1, 0, '')`, i.ObjectKey, i.ID)
				return err
			}))
			again := s.mustStore(kaifu, ct(1))
			if !again.Duplicate || again.InstanceID != first.InstanceID {
				t.Errorf("%+v", again)
			}
			if got, err := objecttest.Get(t.Context(), s.objects, i.ObjectKey); err != nil || !bytes.Equal(got, whole) {
				t.Errorf("%d bytes of %d, %v", len(got), len(whole), err)
			}
			if open, err := catalog.Damaged(t.Context(), s.db.Read(t.Context()), i.ObjectKey); err != nil || open {
				t.Errorf("still said to be damaged, %v", err)
			}
			if keys := s.keys(); len(keys) != 1 {
				t.Errorf("objects: %v", keys)
			}
		})
	}
}

func put(ctx context.Context, s *site, key string, b []byte) error {
	return objecttest.Put(ctx, s.objects, key, b)
}

// The same image in another transfer syntax is kept beside the one that is gone, and not
// refused for ever because nothing is there to compare it with.
func TestSentAgainOtherwise(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.mustStore(kaifu, ct(1))
	s.must(s.objects.Delete(t.Context(), s.keys()[0]))
	m, b := encode(t, ct(1), uid.ImplicitVRLittleEndian)
	r, err := s.in.Store(t.Context(), kaifu, m, bytes.NewReader(b))
	if err != nil || !r.Conflict || r.InstanceID != first.InstanceID || len(s.keys()) != 1 {
		t.Errorf("%+v, %v, %v", r, err, s.keys())
	}
}

// A sweep that waits for its store keeps nobody waiting but who sends the very object
// that it deletes; and that one is there in the end.
func TestSlowSweep(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begun, letGo := make(chan struct{}), make(chan struct{})
	k := &objecttest.Hooked{Store: s.objects, Before: func(_ context.Context, c objecttest.Call) error {
		if c.Method == "delete" {
			close(begun)
			<-letGo
		}
		return nil
	}}
	s.at(time.Now())
	s.mustStore(kaifu, ct(0))
	s.orphan(1, time.Now())
	s.use(k)
	s.at(time.Now().Add(time.Hour))
	swept := make(chan error, 1)
	go func() {
		_, _, err := s.in.Sweep(t.Context(), time.Minute)
		swept <- err
	}()
	<-begun
	s.mustStore(kaifu, ct(2))
	same := make(chan ingest.Result, 1)
	go func() {
		r, err := s.store(kaifu, ct(1))
		if err != nil {
			t.Error(err)
		}
		same <- r
	}()
	s.mustStore(kaifu, ct(3))
	close(letGo)
	s.must(<-swept)
	<-same
	if n := len(s.keys()); n != 4 || s.count("instances") != 4 {
		t.Errorf("%d objects for %d instances", n, s.count("instances"))
	}
}
