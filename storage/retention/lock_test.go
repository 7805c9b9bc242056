package retention_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object/objecttest"
	"github.com/dokuei/dokuei/storage/retention"
)

const (
	signed   = "report.signed"
	complete = "study.complete"
)

// locks is a house whose objects can be locked.
type locks struct {
	*house
	medium *objecttest.Locking
	locker *retention.Locker
}

func eachLocked(t *testing.T, test func(l *locks)) {
	t.Helper()
	each(t, func(h *house) {
		m := &objecttest.Locking{Store: h.objects}
		test(&locks{h, m, retention.NewLocker(h.db, m, retention.LockOptions{Kinds: []string{signed, complete}})})
	})
}

func (l *locks) tell(kind, study string) {
	l.Helper()
	l.must(l.write(func(ctx context.Context, tx db.Tx) error {
		return catalog.AppendEvent(ctx, tx, catalog.Event{Kind: kind, FacilityID: "kaifu", StudyID: study})
	}))
}

func (l *locks) policy(images, reports int) {
	l.Helper()
	l.must(l.write(func(ctx context.Context, tx db.Tx) error {
		return retention.SetPolicy(ctx, tx, "kaifu", &retention.Policy{Images: retention.Period{Years: images}, Reports: retention.Period{Years: reports}})
	}))
}

// pass expects that so many studies are locked.
func (l *locks) pass(want int) {
	l.Helper()
	if n, err := l.locker.Pass(l.Context()); err != nil || n != want {
		l.Errorf("%d studies locked, %v; want %d", n, err, want)
	}
}

// locked expects that every object of a study is locked for so many years and a day.
func (l *locks) locked(study string, years int) {
	l.Helper()
	keys := l.column(`SELECT object_key FROM instances WHERE study_id = $1 UNION SELECT v.object_key FROM instance_versions v JOIN instances i ON i.id = v.instance_id WHERE i.study_id = $1`, study)
	if len(keys) != 4 {
		l.Fatalf("%d objects", len(keys))
	}
	for _, key := range keys {
		least, most := l.now.AddDate(years, 0, 0), time.Now().AddDate(years, 0, 1) // the day may end meanwhile
		if ends := l.medium.Ends(key); years == 0 && !ends.IsZero() || years > 0 && (ends.Before(least) || ends.After(most)) {
			l.Errorf("%s is locked until %v, want %v", key, ends, least)
		}
	}
}

// The locks of a study follow what it is to be kept for: upwards, and each once.
func TestLocksAreLengthened(t *testing.T) {
	t.Parallel()
	eachLocked(t, func(l *locks) {
		before, other := l.study("1.2.1"), l.study("1.2.2")
		l.pass(2) // those of before there was a Locker
		l.locked(before, 3)
		l.pass(0)
		late := l.study("1.2.3")
		l.tell(complete, late)
		l.pass(1)
		l.locked(late, 3)
		l.tell(complete, late)
		l.pass(0)

		l.report(late, db.Now())
		l.pass(0) // nothing has told of it yet
		l.tell(signed, late)
		l.tell("workitem.completed", other)
		l.pass(1)
		l.locked(late, 5)
		l.locked(other, 3)

		l.policy(1, 1)
		l.pass(0)
		l.locked(other, 3)
		l.policy(4, 10)
		l.pass(3)
		l.locked(late, 10)
		l.locked(other, 4)
	})
}

// What does not let itself be locked is written down and tried again, and holds up
// nothing else.
func TestLocksThatFail(t *testing.T) {
	t.Parallel()
	eachLocked(t, func(l *locks) {
		bad, good := l.study("1.2.1"), l.study("1.2.2")
		key := l.column(`SELECT MIN(object_key) FROM instances WHERE study_id = $1`, bad)[0]
		l.medium.Fail = func(k string) error {
			if k == key {
				return errors.New("AccessDenied " + strings.Repeat("x", 2000))
			}
			return nil
		}
		l.pass(1)
		l.locked(good, 3)
		if problem := l.column(`SELECT problem FROM study_locks WHERE study_id = $1 AND attempts = 1`, bad); len(problem) != 1 || !strings.HasPrefix(problem[0], "AccessDenied") || len(problem[0]) > 500 {
			l.Errorf("the problem: %q", problem)
		}
		l.pass(0) // not yet
		l.exec(`UPDATE study_locks SET next_at = 1`)
		l.pass(0)
		if next := l.column(`SELECT study_id FROM study_locks WHERE attempts = 2 AND next_at > $1`, db.Micros(db.Now().Add(time.Minute))); len(next) != 1 {
			l.Error("the second attempt in vain is followed by a third as soon as the first was")
		}
		l.medium.Fail = nil
		l.exec(`UPDATE study_locks SET next_at = 1`)
		l.pass(1)
		l.locked(bad, 3)
	})
}

// A Locker that is ended in the middle has lost nothing, and objects that are missing
// keep nobody from locking the others.
func TestLocksGoOn(t *testing.T) {
	t.Parallel()
	eachLocked(t, func(l *locks) {
		study := l.study("1.2.1")
		ctx, cancel := context.WithCancel(l.Context())
		var n atomic.Int32
		l.medium.Fail = func(string) error {
			if n.Add(1) == 2 {
				cancel()
			}
			return ctx.Err()
		}
		if _, err := l.locker.Pass(ctx); !errors.Is(err, context.Canceled) {
			l.Errorf("ended: %v", err)
		}
		l.medium.Fail = nil
		l.pass(1)
		l.locked(study, 3)

		missing := l.column(`SELECT MIN(object_key) FROM instances WHERE study_id = $1`, study)[0]
		l.must(l.objects.Delete(l.Context(), missing))
		l.report(study, db.Now())
		l.tell(signed, study)
		l.pass(1)
	})
}

// The objects may have been brought to another place, where nothing is locked yet.
func TestLocksElsewhere(t *testing.T) {
	t.Parallel()
	eachLocked(t, func(l *locks) {
		study := l.study("1.2.1")
		l.pass(1)
		l.medium = &objecttest.Locking{Store: l.objects, Place: "elsewhere"}
		l.locker = retention.NewLocker(l.db, l.medium, retention.LockOptions{})
		l.locked(study, 0)
		l.pass(1)
		l.locked(study, 3)
		l.pass(0)
	})
}

// Where the medium has no locks nothing is written down.
func TestNoLocks(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.study("1.2.1")
		h.must(retention.NewLocker(h.db, h.objects, retention.LockOptions{}).Run(h.Context()))
		if rows := h.column(`SELECT study_id FROM study_locks`); len(rows) != 0 {
			h.Error(rows)
		}
	})
}
