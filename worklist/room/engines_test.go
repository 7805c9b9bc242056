package room_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/room"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// TestOnEachEngine holds the statements of this package against every database.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) { testRoom(t, open(t)) })
}

func testRoom(t *testing.T, d *db.DB) {
	worklisttest.Facility(t, d, "kaifu", "KAIFU")
	readers := worklisttest.Panel(t, d, "npo", "sato", "suzuki", "abe")
	study := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.3", PatientID: "P1"}).StudyID
	who := func(id string) identity.Principal {
		return identity.Principal{UserID: id, Role: identity.Reader, PanelIDs: []string{"npo"}}
	}
	sato, suzuki, abe := who(readers[0]), who(readers[1]), who(readers[2])
	find := func(p identity.Principal) error {
		_, err := room.Find(t.Context(), d.Read(t.Context()), p, study)
		return err
	}
	write := func(fn func(ctx context.Context, tx db.Tx) error) { t.Helper(); worklisttest.Write(t, d, fn) }
	coord := identity.Principal{UserID: readers[2], Role: identity.Coordinator}
	if err := find(coord); !errors.Is(err, room.ErrNotFound) {
		t.Errorf("before the release: %v", err)
	}
	write(func(ctx context.Context, tx db.Tx) error {
		w, err := worklist.Create(ctx, tx, worklist.New{StudyID: study, FacilityID: "kaifu", PanelID: "npo"})
		if err != nil {
			return err
		}
		_, err = worklist.Claim(ctx, tx, w.ID, sato.UserID)
		return err
	})
	for p, want := range map[*identity.Principal]error{&sato: nil, &suzuki: room.ErrNotFound, &coord: nil} {
		if err := find(*p); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", p.UserID, err, want)
		}
	}
	var said room.Message
	write(func(ctx context.Context, tx db.Tx) (err error) {
		if said, err = room.Say(ctx, tx, sato, study, room.Message{Body: "100 % 同じ"}); err != nil {
			return err
		}
		if err := room.Invite(ctx, tx, sato, study, suzuki.UserID, ""); err != nil {
			return err
		}
		if err := room.MarkRead(ctx, tx, suzuki, study, said.ID); err != nil {
			return err
		}
		_, err = room.Ask(ctx, tx, sato, study, "どう思いますか", []string{abe.UserID})
		return err
	})
	tx := d.Read(t.Context())
	r, err := room.Find(t.Context(), tx, suzuki, study)
	if err != nil {
		t.Fatal(err)
	}
	page, more, err := room.History(t.Context(), tx, r, "", 10)
	if err != nil || more || len(page) != 1 || len(page[0].Reads) != 1 || page[0].Reads[0].User != suzuki.UserID {
		t.Errorf("history %+v %v %v", page, more, err)
	}
	if page, _, err = room.History(t.Context(), tx, r, said.ID, 10); err != nil || len(page) != 0 {
		t.Errorf("before the first: %v %v", page, err)
	}
	for text, want := range map[string]int{"100 %": 1, "_": 0, "同じ": 1} {
		if hits, err := room.Search(t.Context(), tx, sato, text); err != nil || len(hits) != want {
			t.Errorf("search %q: %d hits, %v", text, len(hits), err)
		}
	}
	mine, err := room.Mine(t.Context(), tx, abe)
	if err != nil || len(mine) != 1 || mine[0].Unread != 1 || mine[0].Mentions != 1 {
		t.Fatalf("rooms of the candidate %+v %v", mine, err)
	}
	write(func(ctx context.Context, tx db.Tx) error { return room.Answer(ctx, tx, abe, mine[0].RoomID, false) })
	list, err := room.Consults(t.Context(), tx, sato, r)
	if err != nil || len(list) != 1 || list[0].State != room.Declined {
		t.Errorf("consults %+v %v", list, err)
	}
	if cand, err := room.Candidates(t.Context(), tx, r); err != nil || len(cand) != 1 || cand[0].ID != abe.UserID {
		t.Errorf("candidates %+v %v", cand, err)
	}
	for _, p := range []identity.Principal{coord, {UserID: db.NewID(), Role: identity.WardStaff, FacilityID: "kaifu"}} {
		if mine, err := room.Mine(t.Context(), tx, p); err != nil || len(mine) == 0 {
			t.Errorf("rooms of %s: %+v %v", p.Role, mine, err)
		}
	}
}
